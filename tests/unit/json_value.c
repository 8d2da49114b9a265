// SPDX-License-Identifier: MIT
#include "base/str.h"
#include "lambda_json.h"

#include "test.h"

#include <string.h>

static bool unescapes(str text, str expected)
{
	char room[64];
	str out;

	for (size_t size = 0; size <= expected.n; size++) {
		bool ok = lambda_json_unescape((str){ test_guarded(text.p, text.n), text.n }, room, size, &out);

		if (ok != (size == expected.n))
			return false;
	}
	return str_eq(out, expected);
}

TEST(escapes_decode)
{
	CHECK(unescapes(S(""), S("")) && unescapes(S("plain"), S("plain")));
	CHECK(unescapes(S("\\\"\\\\\\/\\b\\f\\n\\r\\t"), S("\"\\/\b\f\n\r\t")));
	CHECK(unescapes(S("a\\u0041b\\u00e9c\\u20ACd"), S("aAb\xc3\xa9"
	                                                  "c\xe2\x82\xac"
	                                                  "d")));
	CHECK(unescapes(S("\\u0000"), S("\0")) &&
	      unescapes(S("\\u007f\\u0080\\u07ff\\u0800\\uffff"), S("\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf")));
}

TEST(surrogates_pair_or_become_replacement_characters)
{
	CHECK(unescapes(S("\\ud83d\\ude00"), S("\xf0\x9f\x98\x80")));
	CHECK(unescapes(S("\\uD800\\uDC00"), S("\xf0\x90\x80\x80")) &&
	      unescapes(S("\\udbff\\udfff"), S("\xf4\x8f\xbf\xbf")));
	CHECK(unescapes(S("\\ud800"), S("\xef\xbf\xbd")) && unescapes(S("\\udc00"), S("\xef\xbf\xbd")));
	CHECK(unescapes(S("\\ud800x"), S("\xef\xbf\xbdx")) && unescapes(S("\\ud800\\n"), S("\xef\xbf\xbd\n")));
	CHECK(unescapes(S("\\ud800\\u0041"), S("\xef\xbf\xbd"
	                                       "A")));
	CHECK(unescapes(S("\\ud800\\ud83d\\ude00"), S("\xef\xbf\xbd\xf0\x9f\x98\x80")));
	CHECK(unescapes(S("\\udc00\\ud800"), S("\xef\xbf\xbd\xef\xbf\xbd")));
}

TEST(what_is_no_escape_does_not_decode)
{
	const str list[] = { S("\\"),    S("a\\"),    S("\\x"),     S("\\u"),     S("\\u1"),
		                 S("\\u12"), S("\\u123"), S("\\u123g"), S("\\U0041"), S("\\\0") };
	char room[16];
	str out;

	for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
		CHECK(!lambda_json_unescape((str){ test_guarded(list[i].p, list[i].n), list[i].n }, room, sizeof room, &out));
}

TEST(text_decodes_where_it_lies)
{
	char text[] = "a\\u20acb\\n";
	str out;

	CHECK(lambda_json_unescape((str){ text, 10 }, text, 10, &out) && str_eq(out, S("a\xe2\x82\xac"
	                                                                               "b\n")));
}

TEST(a_string_without_escapes_is_not_copied)
{
	str value = S("\"abc\""), out;
	char room[8];

	CHECK(lambda_json_string(value, NULL, 0, &out) && out.p == value.p + 1 && out.n == 3);
	CHECK(lambda_json_string(S("\"a\\tc\""), room, sizeof room, &out) && out.p == room && str_eq(out, S("a\tc")));
	CHECK(!lambda_json_string(S("\"a\\tc\""), room, 2, &out));
	CHECK(!lambda_json_string(S("1"), room, sizeof room, &out) && !lambda_json_string(S(""), room, sizeof room, &out));
	CHECK(!lambda_json_string(S("\""), room, sizeof room, &out) &&
	      !lambda_json_string(S("null"), room, sizeof room, &out));
}

TEST(strings_compare_decoded)
{
	CHECK(lambda_json_is(S("\"GET\""), S("GET")) && !lambda_json_is(S("\"GET\""), S("GE")) &&
	      !lambda_json_is(S("\"GE\""), S("GET")));
	CHECK(lambda_json_is(S("\"\\u0047ET\""), S("GET")) && !lambda_json_is(S("\"\\u0047ETT\""), S("GET")));
	CHECK(lambda_json_is(S("\"\\u00e9\""), S("\xc3\xa9")) && !lambda_json_is(S("\"\\u00e9\""), S("\xc3")));
	CHECK(lambda_json_is(S("\"\""), S("")) && !lambda_json_is(S("null"), S("null")) && !lambda_json_is(S(""), S("")));
	CHECK(lambda_json_text_is(S("a\\/b"), true, S("a/b")) && !lambda_json_text_is(S("a\\/b"), false, S("a/b")));
	CHECK(!lambda_json_text_is(S("a\\"), true, S("a\\")));
}

TEST(kinds_show_in_the_first_byte)
{
	CHECK(lambda_json_kind_of(S("{}")) == LAMBDA_JSON_OBJECT && lambda_json_kind_of(S("[]")) == LAMBDA_JSON_ARRAY);
	CHECK(lambda_json_kind_of(S("\"\"")) == LAMBDA_JSON_STRING && lambda_json_kind_of(S("-1")) == LAMBDA_JSON_NUMBER);
	CHECK(lambda_json_kind_of(S("9")) == LAMBDA_JSON_NUMBER && lambda_json_kind_of(S("true")) == LAMBDA_JSON_TRUE);
	CHECK(lambda_json_kind_of(S("false")) == LAMBDA_JSON_FALSE && lambda_json_kind_of(S("null")) == LAMBDA_JSON_NULL);
	CHECK(lambda_json_kind_of((str){ 0 }) == LAMBDA_JSON_BAD && lambda_json_kind_of(S("x")) == LAMBDA_JSON_BAD);
}

TEST(only_true_and_false_are_booleans)
{
	bool v = false;

	CHECK(lambda_json_bool(S("true"), &v) && v && lambda_json_bool(S("false"), &v) && !v);
	CHECK(!lambda_json_bool(S("\"true\""), &v) && !lambda_json_bool(S("1"), &v) && !lambda_json_bool(S("null"), &v));
	CHECK(!lambda_json_bool((str){ 0 }, &v));
}
