// SPDX-License-Identifier: MIT
#include "invocation.h"

#include "test.h"

#include <string.h>

static char region[1024];

static struct lambda_call *call(struct invocation *inv, str event)
{
	memset(inv, 0, sizeof *inv);
	invocation_begin(inv, region, sizeof region);
	inv->call.event = event;
	return &inv->call;
}

TEST(strings_come_without_quotes_and_in_place)
{
	struct invocation inv;
	str event = S("{\"a\":{\"b.c\":[\"x\",\"y\"]},\"e\":\"\"}");
	struct lambda_call *c = call(&inv, event);
	str got = lambda_get(c, "a.\"b.c\"[1]");

	CHECK(str_eq(got, S("y")) && got.p > event.p && got.p < event.p + event.n);
	CHECK(lambda_get(c, "e").n == 0 && lambda_get(c, "none").n == 0 && lambda_get(c, "a.b").n == 0);
}

TEST(escapes_decode_into_the_invocation_region)
{
	struct invocation inv;
	struct lambda_call *c = call(&inv, S("{\"a\":\"gr\\u00fc\\u00df\\n\",\"b\":\"\\ud83d\\ude00\"}"));
	str a = lambda_get(c, "a"), b = lambda_get(c, "b");

	CHECK(str_eq(a, S("gr\xc3\xbc\xc3\x9f\n")) && str_eq(b, S("\xf0\x9f\x98\x80")));
	CHECK(a.p >= region && a.p < region + sizeof region);
}

TEST(a_string_that_does_not_fit_the_region_is_empty)
{
	struct invocation inv;
	static char event[2048];

	memset(event, 'x', sizeof event);
	memcpy(event, "[\"\\n", 4);
	memcpy(event + sizeof event - 2, "\"]", 2);
	CHECK(lambda_get(call(&inv, (str){ event, sizeof event }), "[0]").n == 0);
	memcpy(event, "[\"nn", 4);
	CHECK(lambda_get(call(&inv, (str){ event, sizeof event }), "[0]").n == sizeof event - 4);
}

TEST(other_values_come_as_their_text)
{
	struct invocation inv;
	struct lambda_call *c = call(&inv, S("{\"n\":-1.50,\"t\":true,\"o\":{\"x\": 1},\"l\":[ 1 ],\"z\":null}"));

	CHECK(str_eq(lambda_get(c, "n"), S("-1.50")) && str_eq(lambda_get(c, "t"), S("true")));
	CHECK(str_eq(lambda_get(c, "o"), S("{\"x\": 1}")) && str_eq(lambda_get(c, "l"), S("[ 1 ]")));
	CHECK(lambda_get(c, "z").n == 0 && lambda_get(c, "z").p == NULL);
}

TEST(typed_getters_take_only_their_type)
{
	struct invocation inv;
	struct lambda_call *c =
		call(&inv, S("{\"i\":42,\"d\":1.5,\"w\":2.0,\"t\":true,\"f\":false,\"s\":\"42\",\"z\":null,\"big\":1e300}"));
	int64_t i = -1;
	double d = -1;
	bool b = false;

	CHECK(lambda_get_int(c, "i", &i) && i == 42 && lambda_get_int(c, "w", &i) && i == 2);
	i = -1;
	CHECK(!lambda_get_int(c, "d", &i) && !lambda_get_int(c, "s", &i) && !lambda_get_int(c, "z", &i) &&
	      !lambda_get_int(c, "none", &i));
	CHECK(!lambda_get_int(c, "big", &i) && !lambda_get_int(c, "t", &i) && i == -1);
	CHECK(lambda_get_double(c, "i", &d) && d == 42 && lambda_get_double(c, "d", &d) && d == 1.5);
	CHECK(!lambda_get_double(c, "s", &d) && !lambda_get_double(c, "t", &d) && !lambda_get_double(c, "none", &d) &&
	      d == 1.5);
	CHECK(lambda_get_bool(c, "t", &b) && b && lambda_get_bool(c, "f", &b) && !b);
	CHECK(!lambda_get_bool(c, "s", &b) && !lambda_get_bool(c, "i", &b) && !lambda_get_bool(c, "z", &b) &&
	      !lambda_get_bool(c, "none", &b));
}

TEST(an_event_that_is_no_json_has_no_values)
{
	const str events[] = { { NULL, 0 }, S(""),        S("\0\0"),     S("hello"), S("\xff"),
		                   S("{\"a\""), S("{\"a\":"), S("{\"a\":1"), S("]"),     S("{'a':1}") };
	struct invocation inv;
	int64_t i;
	double d;
	bool b;

	for (size_t n = 0; n < sizeof events / sizeof events[0]; n++) {
		struct lambda_call *c = call(&inv, events[n]);

		CHECK(lambda_get(c, "a").n == 0 && !lambda_get_int(c, "a", &i) && !lambda_get_double(c, "a", &d) &&
		      !lambda_get_bool(c, "a", &b));
	}
}
