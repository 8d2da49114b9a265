// SPDX-License-Identifier: MIT
#include "export/gzip.h"

#include "base/late.h"
#include "export/deflate.h"
#include "region.h"
#include "settings.h"

#include <assert.h>
#include <string.h>

#define HEADER_SIZE 10
#define TRAILER_SIZE 8

static_assert(REGION_GZIP_BYTES >= DEFLATE_MEMORY, "all levels have room");

static char compressor[REGION_GZIP_BYTES] LATE __attribute__((aligned(DEFLATE_ALIGNMENT)));
static char input[REGION_GZIP_IN_BYTES] LATE __attribute__((aligned(4096)));

char *gzip_room(void)
{
	return input;
}

/* All parts as one: where they lie, or copied. False: they are longer than the room. */
static bool join(const str *parts, int n, str *all)
{
	bool apart = false;

	*all = n ? (str){ parts[0].p, 0 } : (str){ 0 };
	for (int i = 0; i < n; i++) {
		apart = apart || parts[i].p != all->p + all->n;
		if (parts[i].n > sizeof input - all->n)
			return false;
		all->n += parts[i].n;
	}
	if (!apart)
		return true;
	all->n = 0;
	for (int i = 0; i < n; i++) {
		if (parts[i].n)
			memcpy(input + all->n, parts[i].p, parts[i].n);
		all->n += parts[i].n;
	}
	all->p = input;
	return true;
}

static void put32(char *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (char)(v >> 8 * i);
}

size_t gzip_make(const str *parts, int count, char *out, size_t cap, int level)
{
	/* Deflate, no flags, no time, no hints, OS unknown. */
	static const char header[HEADER_SIZE] = { 0x1f, (char)0x8b, 8, 0, 0, 0, 0, 0, 0, (char)255 };
	static struct deflate_memory memory = { .p = compressor, .n = sizeof compressor };
	str all;
	size_t n;

	if (cap < HEADER_SIZE + TRAILER_SIZE || !join(parts, count, &all))
		return 0;
	n = deflate(&memory, level, all.p, all.n, out + HEADER_SIZE, cap - HEADER_SIZE - TRAILER_SIZE);
	if (!n)
		return 0;
	memcpy(out, header, HEADER_SIZE);
	put32(out + HEADER_SIZE + n, deflate_crc32(all.p, all.n));
	put32(out + HEADER_SIZE + n + 4, (uint32_t)all.n);
	return HEADER_SIZE + n + TRAILER_SIZE;
}

static int level_of(const char *name, uint64_t least)
{
	uint64_t level = 1;
	str value = setting(name);

	if (value.n && (!str_u64(value, 9, &level) || level < least)) {
		setting_warn(str_of(name), value,
		             least ? "is not a level from 1 to 9: 1 is used" : "is not a level from 0 to 9: 1 is used");
		level = 1;
	}
	return (int)level;
}

int gzip_otlp_level(enum signal signal)
{
	struct otlp_setting s;

	otlp_setting(&s, signal, "COMPRESSION");
	if (str_ieq(s.value, S("none")))
		return 0;
	if (s.value.n && !str_ieq(s.value, S("gzip")))
		setting_warn(s.name, s.value, "is neither gzip nor none: gzip is used");
	return level_of("MOTE_GZIP_LEVEL", 1);
}

int gzip_line_level(void)
{
	return level_of("OTLP_STDOUT_SPAN_EXPORTER_COMPRESSION_LEVEL", 0);
}
