// SPDX-License-Identifier: MIT
#include "base/str.h"

#include "test.h"

static str guarded(str s)
{
	return (str){ test_guarded(s.p, s.n), s.n };
}

TEST(an_absent_slice_equals_an_empty_one)
{
	CHECK(!str_of(NULL).p && !str_of(NULL).n);
	CHECK(str_of("").n == 0 && str_of("abc").n == 3);
	CHECK(str_eq((str){ 0 }, S("")));
	CHECK(str_ieq((str){ 0 }, S("")));
	CHECK(!str_eq((str){ 0 }, S("a")));
	CHECK(str_starts((str){ 0 }, S("")) && !str_starts((str){ 0 }, S("a")));
	CHECK(!str_trim((str){ 0 }).n);
}

TEST(slices_compare_by_bytes_nul_included)
{
	CHECK(str_eq(S("a\0b"), S("a\0b")));
	CHECK(!str_eq(S("a\0b"), S("a\0c")));
	CHECK(!str_eq(S("ab"), S("abc")) && !str_eq(S("abc"), S("ab")));
	CHECK(str_starts(S("abc"), S("ab")) && !str_starts(S("ab"), S("abc")) && !str_starts(S("xbc"), S("ab")));
	CHECK(str_eq(guarded(S("guarded")), S("guarded")));
}

TEST(only_ascii_letters_compare_without_case)
{
	for (int a = 0; a < 256; a++)
		for (int b = 0; b < 256; b++) {
			char x = (char)a, y = (char)b;
			bool letters = (a | 0x20) >= 'a' && (a | 0x20) <= 'z' && (a | 0x20) == (b | 0x20);

			CHECK(str_ieq((str){ &x, 1 }, (str){ &y, 1 }) == (a == b || letters));
		}
	CHECK(str_ieq(guarded(S("CONTENT-length")), S("Content-Length")));
	CHECK(!str_ieq(S("abc"), S("abcd")));
}

TEST(trim_takes_spaces_and_tabs_off_both_ends_only)
{
	CHECK(str_eq(str_trim(S(" \t a b\t ")), S("a b")));
	CHECK(str_eq(str_trim(S("\r\na\n")), S("\r\na\n")));
	CHECK(str_trim(guarded(S(" \t \t"))).n == 0);
	CHECK(str_eq(str_trim(guarded(S("\ta"))), S("a")));
}

TEST(cut_splits_at_the_first_separator)
{
	str head, tail;

	CHECK(str_cut(S("a=b=c"), '=', &head, &tail) && str_eq(head, S("a")) && str_eq(tail, S("b=c")));
	CHECK(str_cut(S("="), '=', &head, &tail) && !head.n && !tail.n);
	CHECK(!str_cut(S("abc"), '=', &head, &tail) && str_eq(head, S("abc")) && !tail.n);
	CHECK(!str_cut((str){ 0 }, '=', &head, &tail) && !head.n && !tail.n);
	CHECK(str_cut(guarded(S("ab=")), '=', &head, &tail) && str_eq(head, S("ab")) && !tail.n);
	CHECK(!str_cut(guarded(S("abc")), '=', &head, &tail));
}

TEST(cut_may_write_over_what_it_reads)
{
	str s = S("a,b,c"), head;

	CHECK(str_cut(s, ',', &head, &s) && str_eq(s, S("b,c")));
	CHECK(str_cut(s, ',', &s, &head) && str_eq(s, S("b")) && str_eq(head, S("c")));
}

TEST(a_number_is_decimal_digits_up_to_its_limit)
{
	static const struct {
		str text;
		uint64_t max, value;
		bool good;
	} t[] = {
		{ { "0", 1 }, 0, 0, true },
		{ { "1", 1 }, 0, 0, false },
		{ { "9", 1 }, 5, 0, false },
		{ { "5", 1 }, 5, 5, true },
		{ { "007", 3 }, 7, 7, true },
		{ { "65535", 5 }, 65535, 65535, true },
		{ { "65536", 5 }, 65535, 0, false },
		{ { "99999999999999999999", 20 }, UINT64_MAX, 0, false },
		{ { "18446744073709551615", 20 }, UINT64_MAX, UINT64_MAX, true },
		{ { "18446744073709551616", 20 }, UINT64_MAX, 0, false },
		{ { "184467440737095516150", 21 }, UINT64_MAX, 0, false },
		{ { "9223372036854775807", 19 }, INT64_MAX, INT64_MAX, true },
		{ { "9223372036854775808", 19 }, INT64_MAX, 0, false },
		{ { "", 0 }, UINT64_MAX, 0, false },
		{ { "+1", 2 }, 9, 0, false },
		{ { "-1", 2 }, 9, 0, false },
		{ { " 1", 2 }, 9, 0, false },
		{ { "1 ", 2 }, 9, 0, false },
		{ { "1\0", 2 }, 99, 0, false },
		{ { "0x1", 3 }, 9, 0, false },
		{ { "1e1", 3 }, 99, 0, false },
		{ { "/", 1 }, 99, 0, false },
		{ { ":", 1 }, 99, 0, false },
		{ { "\xb1", 1 }, 99, 0, false },
	};

	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		uint64_t v = 4711;

		CHECK(str_u64(guarded(t[i].text), t[i].max, &v) == t[i].good);
		CHECK(v == (t[i].good ? t[i].value : 4711));
	}
}

TEST(every_limit_below_a_thousand_is_kept_to_the_digit)
{
	for (uint64_t max = 0; max < 1000; max++)
		for (uint64_t n = max > 2 ? max - 2 : 0; n < max + 12; n++) {
			char text[4] = { (char)('0' + n / 1000), (char)('0' + n / 100 % 10), (char)('0' + n / 10 % 10),
				             (char)('0' + n % 10) };
			uint64_t v = 0;

			CHECK(str_u64((str){ text, 4 }, max, &v) == (n <= max));
			CHECK(n > max || v == n);
		}
}
