// SPDX-License-Identifier: MIT
#include "json/number.h"

#include "base/str.h"
#include "lambda_json.h"

#include "test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_int(str text, int64_t expected)
{
	int64_t v = 77;

	return lambda_json_int((str){ test_guarded(text.p, text.n), text.n }, &v) && v == expected;
}

static bool no_int(str text)
{
	int64_t v = 77;

	return !lambda_json_int((str){ test_guarded(text.p, text.n), text.n }, &v) && v == 77;
}

TEST(whole_numbers_are_integers_however_they_are_written)
{
	CHECK(is_int(S("0"), 0) && is_int(S("-0"), 0) && is_int(S("7"), 7) && is_int(S("-7"), -7) &&
	      is_int(S("1732289010123"), 1732289010123));
	CHECK(is_int(S("9223372036854775807"), INT64_MAX) && is_int(S("-9223372036854775808"), INT64_MIN));
	CHECK(is_int(S("12.0"), 12) && is_int(S("1.2e1"), 12) && is_int(S("120e-1"), 12) && is_int(S("0.0012E4"), 12));
	CHECK(is_int(S("1e18"), 1000000000000000000) && is_int(S("0e999999999999999999999999"), 0) &&
	      is_int(S("0.000e-5"), 0));
	CHECK(is_int(S("9223372036854775807.000"), INT64_MAX) && is_int(S("922337203685477580700000e-5"), INT64_MAX));
	CHECK(is_int(S("10000000000000000000000000000000000000000e-40"), 1));
}

TEST(fractions_and_what_is_out_of_range_are_no_integers)
{
	CHECK(no_int(S("9223372036854775808")) && no_int(S("-9223372036854775809")) && no_int(S("1e19")) &&
	      no_int(S("1e400")));
	CHECK(no_int(S("18446744073709551616")) && no_int(S("18446744073709551617")) && no_int(S("99999999999999999999")));
	CHECK(no_int(S("0.5")) && no_int(S("1.5")) && no_int(S("12e-1")) && no_int(S("1e-99999999999999999999")));
	CHECK(no_int(S("1e99999999999999999999")) && no_int(S("9223372036854775807.1")));
	CHECK(no_int(S("")) && no_int(S("-")) && no_int(S("01")) && no_int(S("1 ")) && no_int(S("\"1\"")) &&
	      no_int(S("true")));
	CHECK(no_int((str){ 0 }));
}

static bool same(double a, double b)
{
	return memcmp(&a, &b, sizeof a) == 0;
}

static bool is_double(const char *text, double expected)
{
	double v;
	str s = str_of(text);

	return lambda_json_double((str){ test_guarded(s.p, s.n), s.n }, &v) && same(v, expected);
}

TEST(doubles_are_rounded_to_nearest_ties_to_even)
{
	CHECK(is_double("0", 0) && is_double("-0", -0.0) && is_double("-0.0e5", -0.0) && is_double("1", 1) &&
	      is_double("0.1", 0.1));
	CHECK(is_double("9007199254740993", 9007199254740992.0) && is_double("9007199254740995", 9007199254740996.0));
	CHECK(is_double("9007199254740993.00000000000000000000000000000000000001", 9007199254740994.0));
	CHECK(is_double("1.00000000000000011102230246251565404236316680908203125", 1.0));
	CHECK(is_double("1.00000000000000011102230246251565404236316680908203126", 0x1.0000000000001p0));
	CHECK(is_double("2.2250738585072011e-308", 0x0.fffffffffffffp-1022)); /* a number that made other readers loop */
	CHECK(is_double("2.2250738585072014e-308", 0x1p-1022));
	CHECK(is_double("4.9406564584124654e-324", 0x1p-1074) && is_double("2.4703282292062328e-324", 0x1p-1074));
	CHECK(is_double("2.4703282292062327e-324", 0) && is_double("-1e-400", -0.0) &&
	      is_double("1e-99999999999999999999", 0));
	CHECK(is_double("1.7976931348623157e308", 0x1.fffffffffffffp1023) &&
	      is_double("17976931348623158e292", 0x1.fffffffffffffp1023));
	CHECK(is_double("123456789012345678901234567890e-29", 1.2345678901234567));
}

TEST(numbers_too_large_for_a_double_are_refused)
{
	const str list[] = {
		S("1e309"), S("-1e309"), S("1.7976931348623159e308"), S("1e99999999999999999999"), S("99e308"), S("x"),
		S(""),      S("1.")
	};
	double v = 77;

	for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
		CHECK(!lambda_json_double(list[i], &v) && v == 77);
}

TEST(more_digits_than_any_buffer_are_still_exact)
{
	static char text[4096];

	memset(text, '0', sizeof text);
	text[0] = '1';
	memcpy(text + 3000, "e-2999", 7);
	CHECK(is_double(text, 1.0));
	memset(text, '9', sizeof text);
	memcpy(text + 4000, "e-4000", 7);
	CHECK(is_double(text, 1.0));
	memset(text, '0', sizeof text);
	text[1] = '.';
	memcpy(text + 3000, "17e2999", 8);
	CHECK(is_double(text, 1.7));
}

/* 1 + 2^-53 has 53 digits behind the point; a 1 far behind them decides. */
TEST(a_digit_far_behind_a_tie_decides)
{
	static char text[2048];

	strcpy(text, "1.00000000000000011102230246251565404236316680908203125");
	memset(text + strlen(text), '0', 1500);
	CHECK(is_double(text, 1.0));
	strcat(text, "1");
	CHECK(is_double(text, 0x1.0000000000001p0));
}

/* libc is another implementation of the same definition. */
TEST(doubles_read_as_strtod_reads_them)
{
	uint64_t seed = 88172645463325252u;
	unsigned wrong = 0;

	for (int i = 0; i < 20000; i++) {
		char text[64];
		double v, mine;

		seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
		memcpy(&v, &seed, sizeof v);
		if (!isfinite(v))
			continue;
		snprintf(text, sizeof text, "%.*e", (int)(seed % 23), v);
		mine = 0;
		wrong += lambda_json_double(str_of(text), &mine) ? !same(mine, strtod(text, NULL))
		                                                 : isfinite(strtod(text, NULL)) != 0;
	}
	CHECK(wrong == 0);
}

static bool writes(double v, const char *expected)
{
	char text[NUMBER_TEXT_MAX];
	size_t n = number_text(text, v);

	return str_eq((str){ text, n }, str_of(expected));
}

TEST(doubles_are_written_shortest)
{
	CHECK(writes(0, "0") && writes(-0.0, "-0") && writes(1, "1") && writes(-1.5, "-1.5") && writes(0.1, "0.1") &&
	      writes(100, "100"));
	CHECK(writes(0.1 + 0.2, "0.30000000000000004") && writes(1.0 / 3, "0.3333333333333333") &&
	      writes(123456.789, "123456.789"));
	CHECK(writes(1e20, "100000000000000000000") && writes(1e21, "1e+21") && writes(1e22, "1e+22") &&
	      writes(1e23, "1e+23"));
	CHECK(writes(1e-6, "0.000001") && writes(1e-7, "1e-7") && writes(1.5e-7, "1.5e-7") &&
	      writes(9007199254740993.0, "9007199254740992"));
	CHECK(writes(0x1p-1074, "5e-324") && writes(0x1p-1022, "2.2250738585072014e-308"));
	CHECK(writes(-0x1p-1022, "-2.2250738585072014e-308") && writes(0x1.fffffffffffffp1023, "1.7976931348623157e+308"));
	CHECK(writes(0x1p-44, "5.684341886080802e-14")); /* 16 digits need the wider half of its interval */
	CHECK(writes(INFINITY, "null") && writes(-INFINITY, "null") && writes(NAN, "null"));
}

TEST(no_shorter_text_reads_back_equal)
{
	uint64_t seed = 0x9e3779b97f4a7c15u;
	unsigned wrong = 0;

	for (int i = 0; i < 20000; i++) {
		char text[NUMBER_TEXT_MAX + 1], shorter[40];
		double v, back;
		int digits = 0;

		seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
		memcpy(&v, &seed, sizeof v);
		if (i < 2098)
			v = ldexp(1, i - 1074);
		if (!isfinite(v) || v == 0)
			continue;
		text[number_text(text, v)] = '\0';
		wrong += !lambda_json_double(str_of(text), &back) || !same(back, v) || strtod(text, NULL) != v;
		while (snprintf(shorter, sizeof shorter, "%.*e", digits, v), strtod(shorter, NULL) != v)
			digits++;
		snprintf(shorter, sizeof shorter, "%.*e", digits,
		         v); /* libc's closest of that length: ours has as many digits or fewer */
		int ours = 0;
		for (const char *p = text; *p && *p != 'e'; p++)
			ours += *p >= '0' && *p <= '9' && !(ours == 0 && *p == '0');
		const char *tail = strchr(text, 'e') ? strchr(text, 'e') : text + strlen(text);
		if (!strchr(text, '.'))
			while (tail > text && *--tail == '0')
				ours--;
		wrong += ours > digits + 1;
	}
	CHECK(wrong == 0);
}
