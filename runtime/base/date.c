// SPDX-License-Identifier: MIT
#include "base/date.h"

#include "base/clock.h"

#include <string.h>

#define SECOND 1000000000 /* in nanoseconds */
#define DAY 86400
#define YEAR_MIN 1970
#define YEAR_MAX 9999

struct fields {
	unsigned year, month, day, hour, minute, second; /* month and day from 1 */
};

/* What is left to read. A reader that meets something else sets bad, and reads nothing any more. */
struct reader {
	str left;
	bool bad;
};

static void want(struct reader *r, str text)
{
	r->bad = r->bad || !str_starts(r->left, text);
	if (!r->bad)
		r->left = (str){ r->left.p + text.n, r->left.n - text.n };
}

static unsigned number(struct reader *r, size_t digits)
{
	uint64_t v = 0;

	r->bad = r->bad || r->left.n < digits || !str_u64((str){ r->left.p, digits }, 9999, &v);
	if (!r->bad)
		r->left = (str){ r->left.p + digits, r->left.n - digits };
	return (unsigned)v;
}

/*
 * One of the names in a text of names of the same length; their case counts (RFC 9110 5.6.7). Returns its
 * number, from 0.
 */
static unsigned name(struct reader *r, str names, size_t length)
{
	for (size_t i = 0; i * length < names.n; i++) {
		if (r->left.n < length || memcmp(r->left.p, names.p + i * length, length) != 0)
			continue;
		r->left = (str){ r->left.p + length, r->left.n - length };
		return (unsigned)i;
	}
	r->bad = true;
	return 0;
}

static unsigned month(struct reader *r)
{
	return name(r, S("JanFebMarAprMayJunJulAugSepOctNovDec"), 3) + 1;
}

static void time_of_day(struct reader *r, struct fields *f)
{
	f->hour = number(r, 2);
	want(r, S(":"));
	f->minute = number(r, 2);
	want(r, S(":"));
	f->second = number(r, 2);
}

static bool leap(unsigned year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static bool on_calendar(const struct fields *f)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	if (f->year < YEAR_MIN || f->year > YEAR_MAX || f->month < 1 || f->month > 12)
		return false;
	if (f->day < 1 || f->day > days[f->month - 1] + (unsigned)(f->month == 2 && leap(f->year)))
		return false;
	return f->hour < 24 && f->minute < 60 && f->second <= 60;
}

/*
 * Years begin in March, so that the leap day is the last of a year and the months before have (153 m + 2) / 5
 * days.
 */
static int64_t seconds_of(const struct fields *f)
{
	unsigned january = f->month <= 2, year = f->year - january, of_march = f->month + 12 * january - 3;
	unsigned days = year * 365 + year / 4 - year / 100 + year / 400 + (153 * of_march + 2) / 5 + f->day - 1;

	return ((int64_t)days - 719468) * DAY + f->hour * 3600 + f->minute * 60 + f->second;
}

static bool finish(const struct reader *r, const struct fields *f, int64_t *out)
{
	if (r->bad || r->left.n || !on_calendar(f))
		return false;
	*out = seconds_of(f);
	return true;
}

/* Sun, 06 Nov 1994 08:49:37 GMT */
static bool read_fixdate(str text, int64_t *out)
{
	struct reader r = { .left = text };
	struct fields f;

	name(&r, S("MonTueWedThuFriSatSun"), 3);
	want(&r, S(", "));
	f.day = number(&r, 2);
	want(&r, S(" "));
	f.month = month(&r);
	want(&r, S(" "));
	f.year = number(&r, 4);
	want(&r, S(" "));
	time_of_day(&r, &f);
	want(&r, S(" GMT"));
	return finish(&r, &f, out);
}

/* Sunday, 06-Nov-94 08:49:37 GMT. A year that seems more than 50 years ahead is the last one that ended so. */
static bool read_rfc850(str text, int64_t now, int64_t *out)
{
	static const str weekdays[] = { { "Monday", 6 }, { "Tuesday", 7 },  { "Wednesday", 9 }, { "Thursday", 8 },
		                            { "Friday", 6 }, { "Saturday", 8 }, { "Sunday", 6 } };
	struct reader r = { .left = text };
	struct fields f;
	str weekday, rest;
	bool known = false;

	str_cut(text, ',', &weekday, &rest);
	for (size_t i = 0; i < sizeof weekdays / sizeof *weekdays; i++)
		known = known || str_eq(weekday, weekdays[i]);
	if (!known)
		return false;
	want(&r, weekday);
	want(&r, S(", "));
	f.day = number(&r, 2);
	want(&r, S("-"));
	f.month = month(&r);
	want(&r, S("-"));
	f.year = number(&r, 2) + 2000;
	want(&r, S(" "));
	time_of_day(&r, &f);
	want(&r, S(" GMT"));
	if (!r.bad && f.year >= 2070 && seconds_of(&f) - now > (int64_t)50 * 31556952) /* an average Gregorian year */
		f.year -= 100;
	return finish(&r, &f, out);
}

/* Sun Nov  6 08:49:37 1994 */
static bool read_asctime(str text, int64_t *out)
{
	struct reader r = { .left = text };
	struct fields f;

	name(&r, S("MonTueWedThuFriSatSun"), 3);
	want(&r, S(" "));
	f.month = month(&r);
	want(&r, S(" "));
	if (str_starts(r.left, S(" "))) {
		want(&r, S(" "));
		f.day = number(&r, 1);
	} else {
		f.day = number(&r, 2);
	}
	want(&r, S(" "));
	time_of_day(&r, &f);
	want(&r, S(" "));
	f.year = number(&r, 4);
	return finish(&r, &f, out);
}

bool date_read_http(str text, int64_t now, int64_t *out)
{
	return read_fixdate(text, out) || read_rfc850(text, now, out) || read_asctime(text, out);
}

/* Z, or +hh:mm, in seconds to take away */
static int64_t offset(struct reader *r)
{
	bool west = str_starts(r->left, S("-"));
	unsigned hours, minutes;

	if (str_starts(r->left, S("Z")) || str_starts(r->left, S("z"))) {
		r->left = (str){ r->left.p + 1, r->left.n - 1 };
		return 0;
	}
	want(r, west ? S("-") : S("+"));
	hours = number(r, 2);
	want(r, S(":"));
	minutes = number(r, 2);
	r->bad = r->bad || hours > 23 || minutes > 59;
	return (west ? -1 : 1) * (int64_t)(hours * 3600 + minutes * 60);
}

bool date_read_rfc3339(str text, int64_t *out)
{
	struct reader r = { .left = text };
	struct fields f;
	int64_t at, ahead;

	f.year = number(&r, 4);
	want(&r, S("-"));
	f.month = number(&r, 2);
	want(&r, S("-"));
	f.day = number(&r, 2);
	want(&r, str_starts(r.left, S("t")) ? S("t") : S("T"));
	time_of_day(&r, &f);
	if (str_starts(r.left, S("."))) {
		want(&r, S("."));
		number(&r, 1);
		while (r.left.n && r.left.p[0] >= '0' && r.left.p[0] <= '9')
			number(&r, 1);
	}
	ahead = offset(&r);
	if (!finish(&r, &f, &at))
		return false;
	*out = at - ahead;
	return true;
}

bool date_read_amz(str text, int64_t *out)
{
	struct reader r = { .left = text };
	struct fields f;

	f.year = number(&r, 4);
	f.month = number(&r, 2);
	f.day = number(&r, 2);
	want(&r, S("T"));
	f.hour = number(&r, 2);
	f.minute = number(&r, 2);
	f.second = number(&r, 2);
	want(&r, S("Z"));
	return finish(&r, &f, out);
}

void date_put_amz(struct buf *out, int64_t at)
{
	char text[CLOCK_RFC3339_BYTES] = { 0 };
	struct buf b = BUF(text);

	clock_rfc3339(&b, at < 0 ? 0 : at > INT64_MAX / SECOND ? INT64_MAX : at * SECOND);
	if (out->full || DATE_AMZ_BYTES > out->cap - out->n) {
		out->full = true;
		return;
	}
	for (size_t i = 0; i < sizeof "2026-11-21T09:30:00" - 1; i++)
		if (text[i] != '-' && text[i] != ':')
			buf_putc(out, text[i]);
	buf_putc(out, 'Z');
}
