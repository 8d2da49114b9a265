// SPDX-License-Identifier: MIT
#include "gunzip.h"
#include "inflate.h"

#include <stdbool.h>
#include <stdint.h>

#define TRAILER 8 // CRC32 and ISIZE
#define GUNZIP_MAX (64u << 20)

struct reader {
	const unsigned char *p, *end;
};

static bool broken(const char **why, const char *text)
{
	*why = text;
	return false;
}

static uint32_t crc32(const void *p, size_t n)
{
	const unsigned char *in = p;
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < n; i++) {
		crc ^= in[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

static uint32_t little32(const unsigned char *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static bool skip(struct reader *r, size_t n)
{
	if ((size_t)(r->end - r->p) < n)
		return false;
	r->p += n;
	return true;
}

static bool skip_text(struct reader *r)
{
	while (r->p < r->end)
		if (!*r->p++)
			return true;
	return false;
}

static bool skip_head(struct reader *r)
{
	enum { FHCRC = 2, FEXTRA = 4, FNAME = 8, FCOMMENT = 16, RESERVED = 0xe0 };
	const unsigned char *head = r->p;

	if (!skip(r, 10) || head[0] != 0x1f || head[1] != 0x8b || head[2] != 8 || head[3] & RESERVED)
		return false;
	if (head[3] & FEXTRA) {
		const unsigned char *size = r->p;
		if (!skip(r, 2) || !skip(r, (size_t)(size[0] | size[1] << 8)))
			return false;
	}
	return (!(head[3] & FNAME) || skip_text(r)) && (!(head[3] & FCOMMENT) || skip_text(r)) &&
	       (!(head[3] & FHCRC) || skip(r, 2));
}

bool gunzip(struct buf *to, const void *p, size_t n, const char **why)
{
	struct reader r = { .p = p, .end = n ? (const unsigned char *)p + n : p };
	size_t used, made;

	if (!n || !skip_head(&r))
		return broken(why, "there is no gzip header");
	if (r.end - r.p < TRAILER)
		return broken(why, "the gzip stream is cut off");
	uint32_t size = little32(r.end - 4);
	if (size > GUNZIP_MAX)
		return broken(why, "the gzip size is beyond 64 MiB");
	char *out = buf_room(to, (size_t)size + 1);
	if (!inflate(r.p, (size_t)(r.end - r.p) - TRAILER, out, (size_t)size + 1, &used, &made))
		return broken(why, "the gzip stream is damaged, cut off, or longer than its size says");
	if (!skip(&r, used) || r.end - r.p != TRAILER)
		return broken(why, "the gzip stream does not end with 8 bytes of checksum and size");
	if (little32(r.p) != crc32(out, made))
		return broken(why, "the gzip checksum is wrong");
	if (size != made)
		return broken(why, "the gzip size is wrong");
	to->n += made;
	return true;
}
