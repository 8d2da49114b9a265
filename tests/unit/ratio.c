// SPDX-License-Identifier: MIT
#include "test.h"

#include "sample/ratio.h"

#include <string.h>

/* The published thresholds (otel.md B.2), and some from 60-digit arithmetic on the double nearest to the ratio. */
TEST(thresholds_are_those_of_the_specification)
{
	const struct {
		const char *ratio, *th;
	} cases[] = {
		{ "1", "0" },     { "0.5", "8" },   { "0.25", "c" }, { "0.75", "4" },
		{ "0.125", "e" }, { "1.000", "0" }, { ".5", "8" },   { "0.1", "e6666666666668" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[14];
		double ratio;
		uint64_t back;
		size_t n;

		CHECK(ratio_parse(str_of(cases[i].ratio), &ratio));
		n = ratio_text(text, ratio_threshold(ratio));
		CHECK(str_eq((str){ text, n }, str_of(cases[i].th)));
		CHECK(ratio_th((str){ text, n }, &back) && back == ratio_threshold(ratio));
	}
	CHECK(ratio_threshold(0) == UINT64_C(1) << 56); /* no number of 56 bits reaches it */
}

TEST(what_is_no_ratio_is_refused)
{
	const char *const bad[] = { "",   ".",   "-1",  "+1",  "1.1", "2",   "1.0000000000000001", "0.5.0", "0x1",
		                        "1e", " 1 ", "nan", "inf", "0,5", "50%", "0.1234567890123456", "1e-3" };
	double ratio = 7;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		CHECK(!ratio_parse(str_of(bad[i]), &ratio) && ratio == 7);
	CHECK(!ratio_parse((str){ "0.5\0", 4 }, &ratio));
	CHECK(ratio_parse(S("0"), &ratio) && ratio == 0);
	CHECK(ratio_parse(S("0.00000000000001"), &ratio) && ratio == 1e-14);
	CHECK(ratio_parse(S("1."), &ratio) && ratio == 1);
}

TEST(the_random_part_of_a_trace_id_is_its_last_seven_bytes)
{
	const unsigned char id[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 0xff, 0x6b, 0x87, 0x32, 0xa7, 0x39, 0x90, 0x2d };

	CHECK(ratio_random(id) == UINT64_C(0x6b8732a739902d));
}

TEST(thresholds_have_1_to_14_lower_case_digits_and_random_values_exactly_14)
{
	uint64_t v;

	CHECK(ratio_th(S("0"), &v) && v == 0);
	CHECK(ratio_th(S("c"), &v) && v == UINT64_C(0xc0000000000000));
	CHECK(ratio_th(S("ffffffffffffff"), &v) && v == UINT64_C(0xffffffffffffff));
	CHECK(!ratio_th(S(""), &v) && !ratio_th(S("C"), &v) && !ratio_th(S("0x1"), &v));
	CHECK(!ratio_th(S("ffffffffffffff0"), &v) && !ratio_th(S("g"), &v));
	CHECK(ratio_rv(S("00000000000001"), &v) && v == 1);
	CHECK(!ratio_rv(S("1"), &v) && !ratio_rv(S("0000000000000G"), &v));
}

TEST(a_smaller_ratio_keeps_a_part_of_what_a_larger_one_keeps)
{
	uint64_t last = UINT64_MAX;

	for (int i = 0; i <= 1000; i++) {
		uint64_t t = ratio_threshold(i / 1000.0);

		CHECK(t < last && t <= UINT64_C(1) << 56);
		last = t;
	}
	CHECK(last == 0);
}
