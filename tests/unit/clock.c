// SPDX-License-Identifier: MIT
#include "base/clock.h"

#include "test.h"

#include <stdio.h>
#include <time.h>

#define SECOND INT64_C(1000000000)
#define DAY (86400 * SECOND)

static bool is_written_as(int64_t ns, const char *expected)
{
	char room[CLOCK_RFC3339_BYTES];
	struct buf b = BUF(room);

	clock_rfc3339(&b, ns);
	return !b.full && str_eq(buf_str(&b), str_of(expected));
}

TEST(known_instants_are_written_as_everybody_writes_them)
{
	CHECK(is_written_as(0, "1970-01-01T00:00:00.000Z"));
	CHECK(is_written_as(SECOND - 1, "1970-01-01T00:00:00.999Z"));
	CHECK(is_written_as(951782400 * SECOND, "2000-02-29T00:00:00.000Z"));
	CHECK(is_written_as(951868799 * SECOND + 999999999, "2000-02-29T23:59:59.999Z"));
	CHECK(is_written_as(951868800 * SECOND, "2000-03-01T00:00:00.000Z"));
	CHECK(is_written_as(1000000000 * SECOND, "2001-09-09T01:46:40.000Z"));
	CHECK(is_written_as(1709164800 * SECOND, "2024-02-29T00:00:00.000Z"));
	CHECK(is_written_as(2147483648 * SECOND, "2038-01-19T03:14:08.000Z"));
	CHECK(is_written_as(4107542399 * SECOND, "2100-02-28T23:59:59.000Z"));
	CHECK(is_written_as(4107542400 * SECOND, "2100-03-01T00:00:00.000Z"));
	CHECK(is_written_as(INT64_MAX, "2262-04-11T23:47:16.854Z"));
}

TEST(time_before_1970_is_clamped)
{
	CHECK(is_written_as(-1, "1970-01-01T00:00:00.000Z"));
	CHECK(is_written_as(INT64_MIN, "1970-01-01T00:00:00.000Z"));
}

TEST(every_day_until_2262_agrees_with_the_c_library)
{
	for (int64_t day = 0; day < INT64_MAX / DAY; day++) {
		int64_t ns = day * DAY + day % 86400 * SECOND + day % 1000 * 1000000;
		time_t t = (time_t)(ns / SECOND);
		struct tm tm;
		char date[64];

		gmtime_r(&t, &tm);
		snprintf(date, sizeof date, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
		         tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(day % 1000));
		CHECK(is_written_as(ns, date));
	}
}

TEST(a_stamp_is_whole_or_absent)
{
	for (size_t cap = 0; cap <= CLOCK_RFC3339_BYTES; cap++) {
		struct buf b = { .p = test_guarded("........................", cap), .cap = cap };

		clock_rfc3339(&b, SECOND);
		CHECK(b.full == (cap < CLOCK_RFC3339_BYTES));
		CHECK(b.n == (b.full ? 0 : CLOCK_RFC3339_BYTES));
	}
}

TEST(the_clocks_are_the_kernels)
{
	struct timespec wall, mono;
	int64_t first = clock_mono_ns();

	clock_gettime(CLOCK_REALTIME, &wall);
	clock_gettime(CLOCK_MONOTONIC, &mono);
	CHECK(clock_mono_ns() >= first && first <= mono.tv_sec * SECOND + mono.tv_nsec);
	CHECK(clock_mono_ns() >= mono.tv_sec * SECOND + mono.tv_nsec);
	CHECK(clock_wall_ns() >= wall.tv_sec * SECOND + wall.tv_nsec);
	CHECK(clock_wall_ns() - (wall.tv_sec * SECOND + wall.tv_nsec) < 3600 * SECOND);
}

TEST(the_clock_of_a_start_is_the_monotonic_one)
{
	int64_t before = clock_mono_ns(), at = clock_start_ns();

	CHECK(before <= at && at <= clock_mono_ns());
}
