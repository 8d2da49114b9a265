// SPDX-License-Identifier: MIT
#include "base/str.h"
#include "lambda_json.h"

#include "test.h"

static const char sample[] =
	"{\"a\":[1,-2.5e+3,\"x\\u00e9\\n\xc3\xa9\",{\"b\":{}},[],true,false,null],\"\":\"\\ud83d\\ude00\",\"z\":0}";

struct expected {
	enum lambda_json_kind kind;
	str text;
};

TEST(tokens_come_in_order_with_their_text)
{
	const struct expected tokens[] = {
		{ LAMBDA_JSON_OBJECT, S("{") },
		{ LAMBDA_JSON_KEY, S("a") },
		{ LAMBDA_JSON_ARRAY, S("[") },
		{ LAMBDA_JSON_NUMBER, S("1") },
		{ LAMBDA_JSON_NUMBER, S("-2.5e+3") },
		{ LAMBDA_JSON_STRING, S("x\\u00e9\\n\xc3\xa9") },
		{ LAMBDA_JSON_OBJECT, S("{") },
		{ LAMBDA_JSON_KEY, S("b") },
		{ LAMBDA_JSON_OBJECT, S("{") },
		{ LAMBDA_JSON_OBJECT_END, S("}") },
		{ LAMBDA_JSON_OBJECT_END, S("}") },
		{ LAMBDA_JSON_ARRAY, S("[") },
		{ LAMBDA_JSON_ARRAY_END, S("]") },
		{ LAMBDA_JSON_TRUE, S("true") },
		{ LAMBDA_JSON_FALSE, S("false") },
		{ LAMBDA_JSON_NULL, S("null") },
		{ LAMBDA_JSON_ARRAY_END, S("]") },
		{ LAMBDA_JSON_KEY, S("") },
		{ LAMBDA_JSON_STRING, S("\\ud83d\\ude00") },
		{ LAMBDA_JSON_KEY, S("z") },
		{ LAMBDA_JSON_NUMBER, S("0") },
		{ LAMBDA_JSON_OBJECT_END, S("}") },
		{ LAMBDA_JSON_END, S("") },
		{ LAMBDA_JSON_END, S("") },
	};
	struct lambda_json json;

	lambda_json_init(&json, S(sample));
	for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++) {
		CHECK(lambda_json_next(&json) == tokens[i].kind && str_eq(json.text, tokens[i].text));
		if (tokens[i].kind == LAMBDA_JSON_STRING || tokens[i].kind == LAMBDA_JSON_KEY)
			CHECK(json.escaped == (tokens[i].kind == LAMBDA_JSON_STRING));
	}
}

TEST(skip_passes_over_any_value_and_only_where_one_comes)
{
	struct lambda_json json;

	lambda_json_init(&json, S(" {\"a\": [1, {\"b\":[]}] , \"c\":2, \"d\":[ ]}"));
	CHECK(lambda_json_next(&json) == LAMBDA_JSON_OBJECT && !lambda_json_skip(&json));
	CHECK(lambda_json_next(&json) == LAMBDA_JSON_KEY);
	CHECK(lambda_json_skip(&json) && str_eq(json.text, S("[1, {\"b\":[]}]")) && !lambda_json_skip(&json));
	CHECK(lambda_json_next(&json) == LAMBDA_JSON_KEY && lambda_json_next(&json) == LAMBDA_JSON_NUMBER &&
	      !lambda_json_skip(&json));
	CHECK(lambda_json_next(&json) == LAMBDA_JSON_KEY && lambda_json_next(&json) == LAMBDA_JSON_ARRAY &&
	      !lambda_json_skip(&json));
	CHECK(lambda_json_next(&json) == LAMBDA_JSON_ARRAY_END && lambda_json_next(&json) == LAMBDA_JSON_OBJECT_END);
	CHECK(!lambda_json_skip(&json) && lambda_json_next(&json) == LAMBDA_JSON_END && !lambda_json_skip(&json));

	lambda_json_init(&json, S("[1,23")); /* of what number? */
	CHECK(lambda_json_next(&json) == LAMBDA_JSON_ARRAY && lambda_json_skip(&json));
	CHECK(!lambda_json_skip(&json) && json.text.n == 0 && lambda_json_next(&json) == LAMBDA_JSON_BAD);

	lambda_json_init(&json, S("[1,"));
	CHECK(lambda_json_next(&json) == LAMBDA_JSON_ARRAY && lambda_json_skip(&json) && !lambda_json_skip(&json));
	CHECK(lambda_json_next(&json) == LAMBDA_JSON_BAD);
}

TEST(each_gives_members_and_elements)
{
	struct lambda_json json;
	str key, value;
	bool escaped;

	lambda_json_init(&json, S("{\"a\":1,\"\\u0062\":[2,3],\"a\":null}"));
	CHECK(lambda_json_each(&json, &key, &escaped, &value) && str_eq(key, S("a")) && !escaped && str_eq(value, S("1")));
	CHECK(lambda_json_each(&json, &key, &escaped, &value) && str_eq(key, S("\\u0062")) && escaped &&
	      str_eq(value, S("[2,3]")));
	CHECK(lambda_json_each(&json, NULL, NULL, &value) && str_eq(value, S("null")));
	CHECK(!lambda_json_each(&json, &key, &escaped, &value) && lambda_json_next(&json) == LAMBDA_JSON_END);
	CHECK(!lambda_json_each(&json, &key, &escaped, &value));

	lambda_json_init(&json, S(" [ 1 , \"x\" ] "));
	CHECK(lambda_json_each(&json, &key, &escaped, &value) && key.n == 0 && str_eq(value, S("1")));
	CHECK(lambda_json_each(&json, &key, &escaped, &value) && str_eq(value, S("\"x\"")));
	CHECK(!lambda_json_each(&json, &key, &escaped, &value) && lambda_json_next(&json) == LAMBDA_JSON_END);

	const str none[] = { S(""), S("1"), S("\"x\""), S("[]"), S("{}"), S("x"), S("{\"a\"}"), S("[,1]"), S("{\"a\":x}") };
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
		lambda_json_init(&json, none[i]);
		CHECK(!lambda_json_each(&json, &key, &escaped, &value) && !lambda_json_each(&json, &key, &escaped, &value));
	}
}
