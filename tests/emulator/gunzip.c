// SPDX-License-Identifier: MIT
#include "gunzip.h"

#include <stdbool.h>
#include <stdint.h>

struct reader {
	const unsigned char *p, *end;
	const char *why;
};

static enum gunzip broken(const char **why, const char *text)
{
	*why = text;
	return GUNZIP_BROKEN;
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

enum gunzip gunzip_stored(struct buf *to, const void *p, size_t n, const char **why)
{
	struct reader r = { .p = p, .end = n ? (const unsigned char *)p + n : p };
	size_t before = to->n;
	bool last = false;

	if (!n || !skip_head(&r))
		return broken(why, "there is no gzip header");
	while (!last) {
		const unsigned char *b = r.p;
		if (!skip(&r, 1))
			return broken(why, "the gzip stream is cut off");
		last = b[0] & 1;
		if ((b[0] >> 1 & 3) == 3)
			return broken(why, "a gzip block has the type that does not exist");
		if (b[0] >> 1 & 3) {
			*why = "it is compressed, and the emulator reads stored gzip blocks only";
			return GUNZIP_COMPRESSED;
		}
		if (!skip(&r, 4) || (b[1] ^ b[3]) != 0xff || (b[2] ^ b[4]) != 0xff)
			return broken(why, "a stored gzip block's length and its complement differ");
		size_t size = (size_t)(b[1] | b[2] << 8);
		if (!skip(&r, size))
			return broken(why, "a stored gzip block is cut off");
		buf_add(to, b + 5, size);
	}
	if (r.end - r.p != 8)
		return broken(why, "the gzip stream does not end with 8 bytes of checksum and size");
	if (little32(r.p) != crc32(to->p + before, to->n - before))
		return broken(why, "the gzip checksum is wrong");
	if (little32(r.p + 4) != (uint32_t)(to->n - before))
		return broken(why, "the gzip size is wrong");
	return GUNZIP_OK;
}
