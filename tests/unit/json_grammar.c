// SPDX-License-Identifier: MIT
#include "base/str.h"
#include "lambda_json.h"

#include "test.h"

#include <string.h>

static bool by_token(str text)
{
	struct lambda_json json;
	enum lambda_json_kind kind;

	lambda_json_init(&json, text);
	do
		kind = lambda_json_next(&json);
	while (kind != LAMBDA_JSON_END && kind != LAMBDA_JSON_BAD);
	CHECK(lambda_json_next(&json) == kind);
	return kind == LAMBDA_JSON_END;
}

/* By both readers, against a guard page. */
static bool valid(str text)
{
	str guarded = { test_guarded(text.p, text.n), text.n };
	bool whole = lambda_json_valid(guarded);

	CHECK(whole == by_token(guarded));
	return whole;
}

#define ALL(list_, verdict_)                                                            \
	for (size_t i_ = 0; i_ < sizeof(list_) / sizeof(list_)[0]; i_++) {                  \
		if (valid((list_)[i_]) != (verdict_))                                           \
			test_failed(__FILE__, __LINE__, (list_)[i_].n ? (list_)[i_].p : "(empty)"); \
	}

TEST(documents_of_the_grammar_are_accepted)
{
	const str list[] = { S("null"),
		                 S("true"),
		                 S("false"),
		                 S("0"),
		                 S("-0"),
		                 S("1"),
		                 S("-1"),
		                 S("10"),
		                 S("0.5"),
		                 S("-0.0"),
		                 S("1e5"),
		                 S("1E+5"),
		                 S("1e-05"),
		                 S("0e0"),
		                 S("0E+1"),
		                 S("123.456e789"),
		                 S("\"\""),
		                 S("\"a\""),
		                 S("{}"),
		                 S("[]"),
		                 S("[[]]"),
		                 S("[{}]"),
		                 S("{\"\":{}}"),
		                 S(" \t\r\n1 \t\r\n"),
		                 S("[1 , 2\n,\t3]"),
		                 S("{ \"a\" : 1 , \"b\" : [ ] }"),
		                 S("{\"a\":1,\"a\":2}"),
		                 S("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u00E9\""),
		                 S("\"\\uD83D\\uDE00\""),
		                 S("\"\\ud800\""),
		                 S("\"\\udc00x\""),
		                 S("\"\\u0000\""),
		                 S("\"\x7f\""),
		                 S("\"\xc3\xa9\""),
		                 S("\"\xe2\x82\xac\""),
		                 S("\"\xf0\x9f\x98\x80\""),
		                 S("\"\xef\xbf\xbf\""),
		                 S("\"\xf4\x8f\xbf\xbf\""),
		                 S("\"\xe2\x80\xa8\""),
		                 S("[null, true, false, \"\", 0]"),
		                 S("\"a/*b*/c\""),
		                 S("[-1e-1]"),
		                 S("1000000000000000000000000000000"),
		                 S("\"\xef\xbb\xbf\""),
		                 S("\"0123456789abcdef0123456789\""),
		                 S("[[[[[[[[[[{\"a\":[[]]}]]]]]]]]]]") };

	ALL(list, true)
}

TEST(structures_outside_the_grammar_are_refused)
{
	const str list[] = { S(""),
		                 S(" "),
		                 S("\n"),
		                 S("["),
		                 S("]"),
		                 S("{"),
		                 S("}"),
		                 S("[1"),
		                 S("[1,"),
		                 S("[1,]"),
		                 S("[,1]"),
		                 S("[,]"),
		                 S("[1,,2]"),
		                 S("[1 2]"),
		                 S("[1:2]"),
		                 S("{\"a\"}"),
		                 S("{\"a\":}"),
		                 S("{\"a\":1,}"),
		                 S("{,}"),
		                 S("{\"a\" 1}"),
		                 S("{\"a\",1}"),
		                 S("{\"a\":1 \"b\":2}"),
		                 S("{\"a\":1,,\"b\":2}"),
		                 S("{a:1}"),
		                 S("{1:1}"),
		                 S("{null:1}"),
		                 S("{'a':1}"),
		                 S("{[]:1}"),
		                 S("{\"a\":1"),
		                 S("{\"a\":"),
		                 S("{\"a\""),
		                 S("{\""),
		                 S("[}"),
		                 S("{]"),
		                 S("[{]}"),
		                 S("1 2"),
		                 S("1,"),
		                 S("{}{}"),
		                 S("[]]"),
		                 S("{}}"),
		                 S("[] x"),
		                 S("\"\"\"\""),
		                 S("nul"),
		                 S("nulll"),
		                 S("True"),
		                 S("NULL"),
		                 S("tru"),
		                 S("truee"),
		                 S("fals"),
		                 S("falsy"),
		                 S("undefined"),
		                 S("[1]//"),
		                 S("/**/1"),
		                 S("#\n1"),
		                 S("\xef\xbb\xbf{}"),
		                 S("\x00"),
		                 S("1\0"),
		                 S("\0001"),
		                 S("\v1"),
		                 S("\f1"),
		                 S("\xc2\xa0"
		                   "1"),
		                 S("\xe2\x80\xa8[]"),
		                 S("*"),
		                 S("<a>"),
		                 S(":"),
		                 S(","),
		                 S("[\"a\":1]"),
		                 S("{\"a\":1]"),
		                 S("[1}"),
		                 S("\xff"),
		                 S("[\xff]"),
		                 S("{\"a\"::1}"),
		                 S("{\"a\":1:2}"),
		                 S("[\"x\"\"y\"]"),
		                 S("[true false]") };

	ALL(list, false)
}

TEST(numbers_outside_the_grammar_are_refused)
{
	const str list[] = { S("-"),
		                 S("+1"),
		                 S("01"),
		                 S("-01"),
		                 S("00"),
		                 S("1."),
		                 S(".5"),
		                 S("-.5"),
		                 S("1.e1"),
		                 S("1e"),
		                 S("1e+"),
		                 S("1E-"),
		                 S("1e1.0"),
		                 S("1.2.3"),
		                 S("--1"),
		                 S("1-"),
		                 S("1e1e1"),
		                 S("0x10"),
		                 S("0b1"),
		                 S("1_000"),
		                 S("1a"),
		                 S("NaN"),
		                 S("nan"),
		                 S("Infinity"),
		                 S("-Infinity"),
		                 S("inf"),
		                 S("1f"),
		                 S("1e5x"),
		                 S("- 1"),
		                 S("1 000"),
		                 S("0e"),
		                 S("-0."),
		                 S("0.e1"),
		                 S("1/2"),
		                 S("\xef\xbc\x91"),
		                 S("1\0"
		                   "2"),
		                 S("[-]"),
		                 S("[1.]"),
		                 S("[0e+-1]"),
		                 S("2.e+3"),
		                 S("[+1]"),
		                 S("[-foo]"),
		                 S("1,000") };

	ALL(list, false)
}

TEST(strings_outside_the_grammar_are_refused)
{
	const str list[] = { S("\""),
		                 S("\"a"),
		                 S("\"\\\""),
		                 S("\"\\"),
		                 S("\"\\u\""),
		                 S("\"\\u12\""),
		                 S("\"\\u123\""),
		                 S("\"\\u123g\""),
		                 S("\"\\u 123\""),
		                 S("\"\\U0041\""),
		                 S("\"\\x41\""),
		                 S("\"\\a\""),
		                 S("\"\\v\""),
		                 S("\"\\0\""),
		                 S("\"\\'\""),
		                 S("\"\\ \""),
		                 S("\"\\\n\""),
		                 S("\"\n\""),
		                 S("\"\t\""),
		                 S("\"\0\""),
		                 S("\"\x1f\""),
		                 S("'a'"),
		                 S("a"),
		                 S("\"\xff\""),
		                 S("\"\x80\""),
		                 S("\"\xc3\""),
		                 S("\"\xc0\xaf\""),
		                 S("\"\xe0\x80\xaf\""),
		                 S("\"\xf0\x80\x80\xaf\""),
		                 S("\"\xed\xa0\x80\""),
		                 S("\"\xed\xbf\xbf\""),
		                 S("\"\xf4\x90\x80\x80\""),
		                 S("\"\xf5\x80\x80\x80\""),
		                 S("\"\xe2\x82\""),
		                 S("\"\xf0\x9f\x98\""),
		                 S("\"\\\xc3\xa9\""),
		                 S("\"\\u00\xc3\xa9\""),
		                 S("\"\xe9\""),
		                 S("\"\\uD83D\\uDE0\""),
		                 S("\"\\uD83D\\\""),
		                 S("\"a\" b"),
		                 S("\"\\u-123\""),
		                 S("\"\\u+123\"") };

	ALL(list, false)
}

TEST(each_byte_alone_in_a_string_is_judged_right_at_each_place)
{
	unsigned wrong = 0;

	for (int c = 0; c < 256; c++) {
		bool plain = c >= 0x20 && c < 0x80 && c != '"' && c != '\\';

		for (size_t at = 1; at < 36; at++) {
			char text[37];

			memset(text, 'x', sizeof text);
			text[0] = text[36] = '"';
			text[at] = (char)c;
			wrong += valid((str){ text, sizeof text }) != plain;
		}
	}
	CHECK(wrong == 0);
}

static const char sample[] =
	"{\"a\":[1,-2.5e+3,\"x\\u00e9\\n\xc3\xa9\",{\"b\":{}},[],true,false,null],\"\":\"\\ud83d\\ude00\",\"z\":0}";

TEST(a_document_is_bad_at_every_cut)
{
	for (size_t cut = 0; cut < sizeof sample - 1; cut++)
		CHECK(!valid((str){ sample, cut }));
	CHECK(valid(S(sample)));
}

TEST(every_byte_changed_is_the_same_verdict_for_both_readers)
{
	char text[sizeof sample];

	for (size_t at = 0; at < sizeof sample - 1; at++) {
		for (int c = 0; c < 256; c++) {
			memcpy(text, sample, sizeof sample);
			text[at] = (char)c;
			valid((str){ text, sizeof sample - 1 }); /* compares them */
		}
	}
}

TEST(nesting_is_accepted_to_the_limit_and_not_beyond)
{
	static char text[2 * LAMBDA_JSON_DEPTH_MAX + 4];
	const size_t deep = LAMBDA_JSON_DEPTH_MAX;

	memset(text, '[', deep + 1);
	memset(text + deep + 1, ']', deep + 1);
	CHECK(valid((str){ text + 1, 2 * deep }));
	CHECK(!valid((str){ text, 2 * deep + 2 }));
	CHECK(!valid((str){ text, deep }));

	/* {"":{"":...0...}} */
	static char objects[5 * (LAMBDA_JSON_DEPTH_MAX + 1) + LAMBDA_JSON_DEPTH_MAX + 2];

	for (size_t depth = deep; depth <= deep + 1; depth++) {
		for (size_t i = 0; i < depth; i++)
			memcpy(objects + 4 * i, "{\"\":", 4);
		objects[4 * depth] = '0';
		memset(objects + 4 * depth + 1, '}', depth);
		CHECK(valid((str){ objects, 5 * depth + 1 }) == (depth == deep));
	}
}

TEST(brackets_must_match_at_every_depth)
{
	static char text[2 * LAMBDA_JSON_DEPTH_MAX];

	for (size_t depth = 1; depth <= LAMBDA_JSON_DEPTH_MAX; depth++) {
		memset(text, '[', depth);
		memset(text + depth, ']', depth);
		CHECK(valid((str){ text, 2 * depth }));
		text[depth + depth / 2] = '}';
		CHECK(!valid((str){ text, 2 * depth }));
	}
}

TEST(a_hundred_thousand_open_brackets_are_refused_without_recursion)
{
	static char text[100000];

	memset(text, '[', sizeof text);
	CHECK(!valid((str){ text, sizeof text }));
	for (size_t i = 0; i + 5 <= sizeof text; i += 5)
		memcpy(text + i, "[{\"\":", 5);
	CHECK(!valid((str){ text, sizeof text }));
}
