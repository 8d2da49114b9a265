// SPDX-License-Identifier: MIT
#include "base/format.h"
#include "test.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

/* libc's vsnprintf is the judge: it is linked into tests, never into what is shipped. */
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"

static bool agrees(const char *format, ...)
{
	char ours[4096], theirs[4096];
	va_list args, again;
	size_t n;
	int m;

	va_start(args, format);
	va_copy(again, args);
	n = format_text(ours, sizeof ours, format, args);
	m = vsnprintf(theirs, sizeof theirs, format, again);
	va_end(again);
	va_end(args);
	if (n == (size_t)m && n < sizeof ours && !memcmp(ours, theirs, n))
		return true;
	fprintf(stderr, "%s: \"%.*s\", expected \"%s\"\n", format, (int)n, ours, theirs);
	return false;
}

static size_t formatted(char *out, size_t size, const char *format, ...)
{
	va_list args;
	size_t n;

	va_start(args, format);
	n = format_text(out, size, format, args);
	va_end(args);
	return n;
}

/*
 * Hexadecimal digits of a long double are libc's choice: the first of them may hold one bit (musl) or four (glibc, of x86's
 * 80 bits), and the standard allows both. We print a double, so a double is what to compare with.
 */
static bool agrees_as_double(long double value)
{
	char ours[64], theirs[64];
	size_t n = (size_t)snprintf(theirs, sizeof theirs, "%a", (double)value);

	return formatted(ours, sizeof ours, "%La", value) == n && !memcmp(ours, theirs, n);
}

static uint64_t noise(void)
{
	static uint64_t s = 88172645463325252u;

	s ^= s << 13;
	s ^= s >> 7;
	return s ^= s << 17;
}

static const char *const flags[] = { "", "-", "+", " ", "#", "0", "-0", "+0", " 0", "#0", "-#", "+-", "# ", "+#0" };
static const char *const widths[] = { "", "1", "5", "12", "30" };
static const char *const precisions[] = { "", ".", ".0", ".1", ".3", ".10", ".17", ".25" };

#define EACH(i, list) for (size_t i = 0; i < sizeof(list) / sizeof *(list); i++)

/* Every combination of flags, width and precision, with this length and conversion. */
static void each_spec(const char *length, char conversion, void (*check)(const char *format))
{
	char format[64];

	EACH (f, flags)
		EACH (w, widths)
			EACH (p, precisions) {
				snprintf(format, sizeof format, "<%%%s%s%s%s%c>", flags[f], widths[w], precisions[p], length,
				         conversion);
				check(format);
			}
}

static void check_int(const char *format)
{
	static const int values[] = { 0, 1, -1, 42, -12345, INT32_MAX, INT32_MIN };

	EACH (i, values)
		CHECK(agrees(format, values[i]));
}

static void check_long(const char *format)
{
	CHECK(agrees(format, 0LL) && agrees(format, INT64_MIN) && agrees(format, INT64_MAX));
	CHECK(agrees(format, (long long)noise()));
}

static void check_double(const char *format)
{
	static const double values[] = { 0,       -0.0, 1,    -1,     0.5,      1.5,        2.5,       0.1,
		                             123.456, 1e21, 1e-5, 9.9995, 99999.95, 0.00012345, 1e300,     DBL_MAX,
		                             DBL_MIN, 1e15, 1e16, 1e17,   0.125,    0.375,      123456789, 0x1p-1000 };

	EACH (i, values)
		CHECK(agrees(format, values[i]));
	for (int i = 0; i < 10; i++) {
		uint64_t bits = noise();
		double v;

		memcpy(&v, &bits, sizeof v);
		if (isnormal(v))
			CHECK(agrees(format, v));
		CHECK(agrees(format, (double)(int64_t)noise() / 1000));
		CHECK(agrees(format, (double)(noise() % 100000) / 64));
	}
}

static void check_text(const char *format)
{
	CHECK(agrees(format, "hello world") && agrees(format, ""));
}

TEST(format_writes_whole_numbers_as_libc_does)
{
	for (const char *c = "diuoxX"; *c; c++) {
		each_spec("", *c, check_int);
		each_spec("h", *c, check_int);
		each_spec("hh", *c, check_int);
		each_spec("l", *c, check_long);
		each_spec("ll", *c, check_long);
		each_spec("z", *c, check_long);
		each_spec("j", *c, check_long);
		each_spec("t", *c, check_long);
	}
}

TEST(format_writes_doubles_as_libc_does)
{
	for (const char *c = "eEfFgGaA"; *c; c++)
		each_spec("", *c, check_double);
	CHECK(agrees("%f %5e %-9g| %09f", INFINITY, -INFINITY, INFINITY, INFINITY));
	CHECK(agrees("%.1100f", 5e-324) && agrees("%.800e", 5e-324) && agrees("%.900g", DBL_MAX));
	CHECK(agrees("%Lf", (long double)1.5));
	CHECK(agrees_as_double(-0x1.fffffffffffffp-1022L) && agrees_as_double(0x1.23456789abcdep1023L));
	CHECK(agrees("%Lf %Lf %Lf", 0.0L, -0.0L, (long double)INFINITY) && agrees("%Lf", (long double)-INFINITY));
}

TEST(format_writes_text_as_libc_does)
{
	each_spec("", 's', check_text);
	CHECK(agrees("plain") && agrees("") && agrees("%%") && agrees("%c%5c%-3c|", 'a', 'b', 'c'));
	CHECK(agrees("%d%%%s %*.*f %-*d|%*d", 1, "a", 10, 3, 3.14159, -7, 5, -4, 2));
	CHECK(agrees("%p", (void *)0x1234));
}

TEST(format_writes_wide_text_as_utf8_and_cuts_no_character)
{
	char out[32];

	CHECK(formatted(out, sizeof out, "%ls|%.4ls|%lc", L"h\u00e9\u20ac", L"h\u00e9\u20ac", (wint_t)0x1f600) == 15);
	CHECK(!memcmp(out, "h\xc3\xa9\xe2\x82\xac|h\xc3\xa9|\xf0\x9f\x98\x80", 15));
}

TEST(format_fills_any_room_exactly_and_says_what_it_needed)
{
	char whole[128], cut[128];
	size_t n = formatted(whole, sizeof whole, "%08.3f [%-5s] %#x", 3.14159, "ab", 255);

	for (size_t size = 0; size <= n; size++) {
		memset(cut, '!', sizeof cut);
		CHECK(formatted(cut, size, "%08.3f [%-5s] %#x", 3.14159, "ab", 255) == n);
		CHECK(!memcmp(cut, whole, size) && cut[size] == '!');
	}
}

TEST(format_ends_where_a_conversion_is_none)
{
	char out[16];

	CHECK(formatted(out, sizeof out, "ab%") == 2);
	CHECK(formatted(out, sizeof out, "ab%5") == 2);
	CHECK(formatted(out, sizeof out, "ab%y%d", 1) == 2);
}
