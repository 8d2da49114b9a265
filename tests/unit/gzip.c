// SPDX-License-Identifier: MIT
#include "emulator/inflate.h"
#include "export/deflate.h"
#include "export/gzip.h"
#include "region.h"
#include "telemetry.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

static char in[REGION_GZIP_IN_BYTES + 1], out[GZIP_BYTES(REGION_GZIP_IN_BYTES)], back[REGION_GZIP_IN_BYTES + 1];

TEST(crc32_has_its_check_value_however_it_lies)
{
	char room[64 + 9];

	for (size_t at = 0; at < 64; at++) {
		memcpy(room + at, "123456789", 9);
		CHECK(deflate_crc32(room + at, 9) == 0xcbf43926);
	}
	CHECK(deflate_crc32(NULL, 0) == 0);
}

static uint32_t crc32_by_bit(const char *p, size_t n)
{
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < n; i++) {
		crc ^= (unsigned char)p[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

static uint32_t little_endian(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	return (uint32_t)u[0] | (uint32_t)u[1] << 8 | (uint32_t)u[2] << 16 | (uint32_t)u[3] << 24;
}

/* Whether it is one member that gives these bytes. */
static bool gives(const char *member, size_t n, const char *wanted, size_t wanted_n)
{
	size_t used = 0, made = 0;

	return n > 18 && !memcmp(member, "\x1f\x8b\x08\0\0\0\0\0", 8) &&
	       inflate(member + 10, n - 18, back, sizeof back, &used, &made) && used == n - 18 && made == wanted_n &&
	       !memcmp(back, wanted, made) && little_endian(member + n - 8) == crc32_by_bit(wanted, wanted_n) &&
	       little_endian(member + n - 4) == wanted_n;
}

/* kind 0: zeros; 1: words; 2: noise, which cannot be compressed. */
static void fill(int kind, size_t n)
{
	static const char *const words[] = { "service.name", "http.request.method", "GET", "\x0a\x12", "faas.", "cloud" };
	uint32_t random = 1;

	for (size_t i = 0; i < n;) {
		random = random * 1664525 + 1013904223;
		if (kind == 1) {
			const char *word = words[(random >> 16) % (sizeof words / sizeof *words)];

			for (; *word && i < n; word++)
				in[i++] = *word;
		} else {
			in[i++] = kind ? (char)(random >> 24) : 0;
		}
	}
}

TEST(what_is_compressed_at_any_level_comes_back)
{
	static const size_t sizes[] = { 0,    1,    2,    17,    51,    52,     1499,
		                            1736, 5000, 9039, 65535, 65536, 200000, REGION_GZIP_IN_BYTES };

	for (int kind = 0; kind < 3; kind++)
		for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
			fill(kind, sizes[i]);
			for (int level = 0; level <= 9; level += sizes[i] > 70000 && level ? 4 : 1) {
				size_t n = gzip_make(&(str){ in, sizes[i] }, 1, out, GZIP_BYTES(sizes[i]), level);

				CHECK(gives(out, n, in, sizes[i]));
				CHECK(kind == 2 || !level || sizes[i] < 1000 || n < sizes[i] / 3);
			}
		}
}

TEST(levels_may_change_with_every_call)
{
	fill(1, 3000);
	for (int i = 0; i < 40; i++)
		CHECK(gives(out, gzip_make(&(str){ in, 3000 }, 1, out, sizeof out, i * 7 % 10), in, 3000));
}

TEST(parts_are_one_behind_another_wherever_they_lie)
{
	fill(1, 5000);
	for (size_t cut = 0; cut <= 40; cut++) {
		const str together[] = { { in, cut }, { in + cut, 40 - cut }, { in + 40, 0 }, { in + 40, 4960 } };
		const str apart[] = { { in + 4960 - cut, 40 + cut }, { 0 }, { in, 100 + cut } };
		char wanted[40 + 40 + 100 + 40];
		size_t n = 0;

		CHECK(gives(out, gzip_make(together, 4, out, sizeof out, 1), in, 5000));
		for (int i = 0; i < 3; i++) {
			if (apart[i].n)
				memcpy(wanted + n, apart[i].p, apart[i].n);
			n += apart[i].n;
		}
		CHECK(gives(out, gzip_make(apart, 3, out, sizeof out, 1), wanted, n));
	}
}

TEST(what_was_written_to_the_room_is_not_copied)
{
	memcpy(gzip_room(), "room room room", 14);
	CHECK(gives(out, gzip_make(&(str){ gzip_room(), 14 }, 1, out, sizeof out, 1), "room room room", 14));
}

TEST(an_outcome_that_does_not_fit_is_none_and_nothing_is_written_behind_the_end)
{
	size_t whole, least = 0;

	fill(1, 2000);
	whole = gzip_make(&(str){ in, 2000 }, 1, out, sizeof out, 1);
	for (size_t cap = 0; cap <= whole + 16; cap++) {
		char *room = malloc(cap + 1);
		size_t n;

		room[cap] = 'x';
		n = gzip_make(&(str){ in, 2000 }, 1, room, cap, 1);
		CHECK(room[cap] == 'x' && (!n || (n == whole && n <= cap)));
		least = n && !least ? cap : least;
		free(room);
	}
	CHECK(least >= whole && least <= whole + 9);
}

TEST(what_is_longer_than_the_room_is_not_compressed)
{
	const str parts[] = { { in, 1 }, { in, REGION_GZIP_IN_BYTES }, { in, SIZE_MAX } };

	CHECK(!gzip_make(parts, 2, out, sizeof out, 1));
	CHECK(!gzip_make(parts, 3, out, sizeof out, 1));
	CHECK(!gzip_make(&(str){ in, REGION_GZIP_IN_BYTES + 1 }, 1, out, sizeof out, 1));
}

TEST(a_level_without_memory_or_without_meaning_is_not_compressed)
{
	static char pool[DEFLATE_MEMORY] __attribute__((aligned(DEFLATE_ALIGNMENT)));

	for (int level = -1; level <= 12; level++) {
		size_t needs = level < 1 ? 8192 : level == 1 ? DEFLATE_MEMORY_1 : DEFLATE_MEMORY;
		struct deflate_memory m = { .p = pool, .n = needs }, small = { .p = pool, .n = needs - 1 },
							  skewed = { .p = pool + 1, .n = needs - 1 };

		CHECK((deflate(&m, level, "abc", 3, out, sizeof out) > 0) == (level >= 0 && level <= 9));
		CHECK(level == 0 || !deflate(&small, level, "abc", 3, out, sizeof out));
		CHECK(!deflate(&skewed, level, "abc", 3, out, sizeof out));
	}
}

/* ---- what is set ---- */

static int level_in(enum signal signal, const char *a, const char *b, int warnings)
{
	struct captured err;
	int level;

	telemetry_start((const char *const[]){ a, b, NULL });
	err = capture(STDERR_FILENO);
	level = gzip_otlp_level(signal);
	CHECK(lines(capture_end(&err)) == warnings);
	return level;
}

TEST(the_level_is_1_unless_something_else_is_set)
{
#define ALL "OTEL_EXPORTER_OTLP_COMPRESSION="
#define OWN "OTEL_EXPORTER_OTLP_METRICS_COMPRESSION="
	CHECK(level_in(SIGNAL_TRACES, NULL, NULL, 0) == 1);
	CHECK(level_in(SIGNAL_TRACES, ALL "gzip", NULL, 0) == 1);
	CHECK(level_in(SIGNAL_TRACES, ALL "None", NULL, 0) == 0);
	CHECK(level_in(SIGNAL_TRACES, ALL "", NULL, 0) == 1);
	CHECK(level_in(SIGNAL_TRACES, ALL "deflate", NULL, 1) == 1);
	CHECK(level_in(SIGNAL_METRICS, ALL "none", OWN "gzip", 0) == 1);
	CHECK(level_in(SIGNAL_METRICS, ALL "gzip", OWN "none", 0) == 0);
	CHECK(level_in(SIGNAL_LOGS, ALL "gzip", OWN "none", 0) == 1);
	CHECK(level_in(SIGNAL_TRACES, "MOTE_GZIP_LEVEL=9", NULL, 0) == 9);
	CHECK(level_in(SIGNAL_TRACES, "MOTE_GZIP_LEVEL=9", ALL "none", 0) == 0);
	CHECK(level_in(SIGNAL_TRACES, "MOTE_GZIP_LEVEL=0", NULL, 1) == 1);
	CHECK(level_in(SIGNAL_TRACES, "MOTE_GZIP_LEVEL=10", NULL, 1) == 1);
	CHECK(level_in(SIGNAL_TRACES, "MOTE_GZIP_LEVEL=fast", NULL, 1) == 1);
}
