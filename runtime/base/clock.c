// SPDX-License-Identifier: MIT
#include "base/clock.h"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000

static int64_t now(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * SECOND + t.tv_nsec;
}

int64_t clock_wall_ns(void)
{
	return now(CLOCK_REALTIME);
}

int64_t clock_mono_ns(void)
{
	return now(CLOCK_MONOTONIC);
}

int64_t clock_start_ns(void)
{
	struct timespec t = { 0 };

	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * SECOND + t.tv_nsec;
}

static void digits(char *at, unsigned v, int n)
{
	while (n--) {
		at[n] = (char)('0' + v % 10);
		v /= 10;
	}
}

/*
 * Days since 1970 to a date of the Gregorian calendar, without a table: years are counted from 1 March 0000, so that the leap day is the
 * last day of a year and every month but the last has (153 m + 2) / 5 days before it.
 */
static void put_date(char *at, unsigned days)
{
	unsigned day = days + 719468, era = day / 146097, of_era = day % 146097;
	unsigned year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	unsigned of_year = of_era - (365 * year + year / 4 - year / 100), month = (5 * of_year + 2) / 153;
	unsigned january = month >= 10;

	digits(at, year + era * 400 + january, 4);
	digits(at + 5, january ? month - 9 : month + 3, 2);
	digits(at + 8, of_year - (153 * month + 2) / 5 + 1, 2);
}

void clock_rfc3339(struct buf *out, int64_t wall_ns)
{
	char text[] = "0000-00-00T00:00:00.000Z"; /* CLOCK_RFC3339_BYTES and a NUL */
	unsigned ms, second, days;

	if (wall_ns < 0)
		wall_ns = 0; /* INT64_MAX nanoseconds end in 2262 */
	ms = (unsigned)(wall_ns / 1000000 % 1000);
	second = (unsigned)(wall_ns / SECOND % 86400);
	days = (unsigned)(wall_ns / SECOND / 86400);
	put_date(text, days);
	digits(text + 11, second / 3600, 2);
	digits(text + 14, second / 60 % 60, 2);
	digits(text + 17, second % 60, 2);
	digits(text + 20, ms, 3);
	buf_put(out, (str){ text, CLOCK_RFC3339_BYTES });
}
