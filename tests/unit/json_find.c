// SPDX-License-Identifier: MIT
#include "base/str.h"
#include "lambda_json.h"

#include "test.h"

#include <string.h>

static const char document[] =
	"{ \"version\":\"2.0\", \"headers\":{\"x.y\":\"dotted\",\"host\":\"h\",\"a[0]\":1,\"\":\"empty\"},"
	"\"Records\":[{\"body\":\"first\"},{\"body\":[10,[20,30]]}], "
	"\"d\\u0065ep\":{\"k\\\"ey\":{\"\\ud83d\\ude00\":true}},"
	"\"twice\":1,\"twice\":2, \"shadow\":3, \"shadow\":{\"x\":1}, \"n\":null }";

static bool finds(const char *path, str expected)
{
	str value;

	return lambda_json_find((str){ test_guarded(document, sizeof document - 1), sizeof document - 1 }, path, &value) &&
	       str_eq(value, expected);
}

static bool misses(const char *path)
{
	str value;

	return !lambda_json_find(S(document), path, &value) && value.p == NULL && value.n == 0;
}

TEST(paths_lead_to_values)
{
	CHECK(finds("version", S("\"2.0\"")));
	CHECK(finds("headers.host", S("\"h\"")) && finds("headers.\"host\"", S("\"h\"")) &&
	      finds("\"headers\".host", S("\"h\"")));
	CHECK(finds("headers.\"x.y\"", S("\"dotted\"")) && finds("headers.\"a[0]\"", S("1")) &&
	      finds("headers.\"\"", S("\"empty\"")));
	CHECK(finds("Records[0].body", S("\"first\"")) && finds("Records[1].body[1][0]", S("20")));
	CHECK(finds("Records[1]", S("{\"body\":[10,[20,30]]}")));
	CHECK(finds("n", S("null")));
	CHECK(finds("", S(document)));
}

TEST(keys_compare_decoded)
{
	str value;

	CHECK(finds("deep", S("{\"k\\\"ey\":{\"\\ud83d\\ude00\":true}}")));
	CHECK(lambda_json_find(S("{\"a\\/b\":{\"\\ud83d\\ude00\":1}}"), "a/b.\xf0\x9f\x98\x80", &value) &&
	      str_eq(value, S("1")));
	CHECK(lambda_json_find(S("{\"\\u00e\x39\":1}"), "\xc3\xa9", &value));
	CHECK(!lambda_json_find(S("{\"\\ud800\":1}"), "x", &value));
	CHECK(lambda_json_find(S("{\"\\ud800\":1}"), "\xef\xbf\xbd", &value));
}

TEST(of_equal_keys_the_first_counts)
{
	CHECK(finds("twice", S("1")));
	CHECK(finds("shadow", S("3")) && misses("shadow.x"));
}

TEST(what_is_absent_or_of_another_type_is_not_found)
{
	CHECK(misses("nothing") && misses("headers.nothing") && misses("Version") && misses("versio") &&
	      misses("versions"));
	CHECK(misses("version.x") && misses("version[0]") && misses("headers[0]") && misses("Records.body") &&
	      misses("n.x"));
	CHECK(misses("Records[2]") && misses("Records[1].body[1][2]") && misses("Records[18446744073709551615]"));
	CHECK(misses("Records[18446744073709551616]"));
}

TEST(what_is_no_path_finds_nothing)
{
	CHECK(misses(".") && misses(".version") && misses("headers.") && misses("headers..host") &&
	      misses("headers.\"host"));
	CHECK(misses("Records[") && misses("Records[]") && misses("Records[0") && misses("Records[-1]") &&
	      misses("Records[ 0]"));
	CHECK(misses("Records[0]body") && misses("Records.[0]") && misses("Records[a]") && misses("headers\"host\"") &&
	      misses("["));
	CHECK(misses("\"headers\"host") && misses("\"") && misses("headers.\"host\"x"));
}

TEST(reading_stops_behind_the_value)
{
	str value;

	CHECK(lambda_json_find(S("{\"a\":1,garbage"), "a", &value) && str_eq(value, S("1")));
	CHECK(!lambda_json_find(S("{\"a\":1,garbage"), "b", &value));
	CHECK(!lambda_json_find(S("{\"b\":tru,\"a\":1}"), "a", &value));
	CHECK(!lambda_json_find(S("{\"a\":[1,}"), "a", &value) && !lambda_json_find(S("{\"a\":"), "a", &value));
	CHECK(!lambda_json_find(S(""), "a", &value) && !lambda_json_find(S(""), "", &value) &&
	      !lambda_json_find((str){ 0 }, "", &value));
	CHECK(lambda_json_find(S(" [1] x"), "", &value) && str_eq(value, S("[1]")));
}

TEST(several_paths_are_found_in_one_pass)
{
	static const char *const paths[] = {
		"Records[1].body[0]", "nothing",  "headers.host", "headers", "",          "version", "version",
		"Records[0].body",    "headers.", "Records",      "twice",   "deep.\"k\""
	};
	enum { COUNT = sizeof paths / sizeof paths[0] };
	str values[COUNT];
	size_t found = 0;

	CHECK(lambda_json_find_all(S(document), paths, values, COUNT) == 9);
	for (size_t i = 0; i < COUNT; i++) {
		str alone;

		found += lambda_json_find(S(document), paths[i], &alone);
		CHECK(str_eq(alone, values[i]) && alone.p == values[i].p);
	}
	CHECK(found == 9);
	CHECK(lambda_json_find_all(S(document), paths, values, 0) == 0);
}

TEST(one_path_that_ends_badly_does_not_hide_the_others)
{
	static const char *const paths[] = { "", "a", "a.b", "a.c" };
	str values[4];

	CHECK(lambda_json_find_all(S("{\"a\":{\"b\":1,garbage"), paths, values, 4) == 1 && str_eq(values[2], S("1")));
	CHECK(!values[0].p && !values[1].p && !values[3].p);
}

TEST(paths_beyond_the_limit_are_not_looked_for)
{
	const char *paths[LAMBDA_JSON_PATHS_MAX + 1];
	str values[LAMBDA_JSON_PATHS_MAX + 1];

	for (size_t i = 0; i <= LAMBDA_JSON_PATHS_MAX; i++)
		paths[i] = "version";
	CHECK(lambda_json_find_all(S(document), paths, values, LAMBDA_JSON_PATHS_MAX + 1) == LAMBDA_JSON_PATHS_MAX);
	CHECK(values[LAMBDA_JSON_PATHS_MAX - 1].n == 5 && values[LAMBDA_JSON_PATHS_MAX].p == NULL);
}

TEST(a_path_may_be_as_deep_as_its_limit)
{
	char text[2 * LAMBDA_JSON_SEGMENTS_MAX + 8], path[3 * LAMBDA_JSON_SEGMENTS_MAX + 8] = "";
	str value;

	for (size_t depth = 1; depth <= LAMBDA_JSON_SEGMENTS_MAX + 1; depth++) {
		memset(text, '[', depth);
		text[depth] = '7';
		memset(text + depth + 1, ']', depth);
		strcat(path, "[0]");
		CHECK(lambda_json_find((str){ text, 2 * depth + 1 }, path, &value) == (depth <= LAMBDA_JSON_SEGMENTS_MAX));
	}
}

TEST(a_cut_document_gives_a_prefix_of_the_answers_and_no_fault)
{
	static const char *const paths[] = {
		"version", "headers.host", "Records[1].body[1][1]", "deep.\"k\"", "twice", "n"
	};
	str values[6], all[6];
	size_t before = 0;

	lambda_json_find_all(S(document), paths, all, 6);
	for (size_t cut = 0; cut < sizeof document; cut++) {
		size_t found = lambda_json_find_all((str){ test_guarded(document, cut), cut }, paths, values, 6);

		CHECK(found >= before);
		before = found;
		for (size_t i = 0; i < 6; i++)
			CHECK(values[i].n == 0 || str_eq(values[i], all[i]));
	}
	CHECK(before == 5);
}
