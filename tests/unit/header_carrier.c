// SPDX-License-Identifier: MIT
#include "test.h"

#include "trigger/trigger.h"

#include <stdio.h>
#include <string.h>

#define TRACE "0af7651916cd43dd8448eb211c80319c"
#define SPAN "b7ad6b7169203331"
#define HEADER "00-" TRACE "-" SPAN "-01"

static struct trigger trigger; /* the headers of an event are its carrier */

static str value(const char *event, str name, size_t nth)
{
	str got = { 0 };

	trigger_detect(str_of(event), &trigger);
	return carrier_get(&trigger.carrier, name, nth, &got) ? got : S("absent");
}

static bool found(const char *event)
{
	return str_eq(value(event, S("traceparent"), 0), S(HEADER)) &&
	       str_eq(value(event, S("traceparent"), 1), S("absent"));
}

TEST(the_header_is_found_in_any_case)
{
	CHECK(found("{\"headers\":{\"traceparent\":\"" HEADER "\"}}"));
	CHECK(found("{\"headers\":{\"a\":\"b\",\"TraceParent\":\"" HEADER "\",\"c\":[1,{}]}}"));
	CHECK(found("{\"version\":\"2.0\",\"headers\":{\"TRACEPARENT\":\"" HEADER "\"},\"body\":\"not read"));
	CHECK(found(" {\"body\":\"{}\",\"multiValueHeaders\":{\"Traceparent\":[\"" HEADER "\"]}} "));
	CHECK(found("{\"headers\":{\"traceparent\":\"" HEADER "\"},\"multiValueHeaders\":{\"traceparent\":[\"" HEADER
	            "\"]}}"));
	CHECK(found("{\"headers\":null,\"multiValueHeaders\":{\"traceparent\":[\"" HEADER "\"]}}"));
}

TEST(what_comes_twice_is_there_twice)
{
	CHECK(!found("{\"headers\":{\"traceparent\":\"" HEADER "\",\"Traceparent\":\"" HEADER "\"}}"));
	CHECK(!found("{\"headers\":{\"traceparent\":\"" HEADER "\"},\"multiValueHeaders\":{\"traceparent\":[\"x\",\"" HEADER
	             "\"]}}"));
	CHECK(!found("{\"multiValueHeaders\":{\"traceparent\":[\"" HEADER "\",\"" HEADER "\"]}}"));
}

TEST(an_event_without_the_header_has_no_traceparent)
{
	const char *events[] = { "",
		                     "null",
		                     "[]",
		                     "1",
		                     "\"headers\"",
		                     "{",
		                     "{}",
		                     "{\"headers\"",
		                     "{\"headers\":",
		                     "{\"headers\":{",
		                     "{\"headers\":[]}",
		                     "{\"headers\":{\"traceparent\":1}}",
		                     "{\"headers\":{\"traceparent\":null}}",
		                     "{\"headers\":{\"traceparent\":{}}}",
		                     "{\"multiValueHeaders\":{\"traceparent\":[]}}",
		                     "{\"multiValueHeaders\":{\"traceparent\":[[]]}}",
		                     "{\"Records\":[{\"headers\":{\"traceparent\":\"" HEADER "\"}}]}" };

	for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
		CHECK(!found(events[i]));
}

TEST(an_event_cut_anywhere_is_survived)
{
	const char event[] = "{\"a\":[{\"b\":1e5},true],\"headers\":{\"x\":\"\\u0041\",\"traceparent\":\"" HEADER "\"},"
						 "\"multiValueHeaders\":{\"traceparent\":[\"" HEADER "\"]}}";

	for (size_t n = 0; n < sizeof event; n++) {
		str got;

		trigger_detect((str){ test_guarded(event, n), n }, &trigger);
		if (carrier_get(&trigger.carrier, S("traceparent"), 0, &got))
			CHECK(str_eq(got, S(HEADER)));
	}
}

TEST(several_headers_of_a_name_keep_their_order)
{
	const char
		*event = "{\"multiValueHeaders\":{\"tracestate\":[\"a=1\",\"b=2\"],\"x\":[\"y\"],\"TraceState\":[\"c=3\"]},"
				 "\"headers\":{\"tracestate\":\"b=2\",\"baggage\":\"k=v\"}}";

	CHECK(str_eq(value(event, S("tracestate"), 0), S("a=1")));
	CHECK(str_eq(value(event, S("tracestate"), 1), S("b=2")));
	CHECK(str_eq(value(event, S("tracestate"), 2), S("c=3")));
	CHECK(str_eq(value(event, S("tracestate"), 3), S("absent")));
	CHECK(str_eq(value(event, S("baggage"), 0), S("k=v")));
}

TEST(a_header_with_escapes_is_decoded)
{
	const char *event = "{\"headers\":{\"tracestate\":\"a=\\\"\\\\\",\"baggage\":\"\\u0061=1\"}}";

	CHECK(str_eq(value(event, S("tracestate"), 0), S("a=\"\\")));
	CHECK(str_eq(value(event, S("baggage"), 0), S("a=1")));
}

TEST(headers_whose_escapes_do_not_fit_are_empty)
{
	static char event[3 * TRIGGER_ROOM];
	size_t n = (size_t)snprintf(event, sizeof event, "{\"headers\":{\"baggage\":\"\\u0061=");

	memset(event + n, 'b', TRIGGER_ROOM + 100);
	snprintf(event + n + TRIGGER_ROOM + 100, 64, "\",\"tracestate\":\"a=\\\"\"}}");
	CHECK(str_eq(value(event, S("baggage"), 0), S("")));
	CHECK(str_eq(value(event, S("tracestate"), 0), S("a=\"")));
}
