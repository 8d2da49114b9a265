// SPDX-License-Identifier: MIT
#include "test.h"

#include "context/context.h"

#include <string.h>

#define TRACE "0af7651916cd43dd8448eb211c80319c"
#define SPAN "b7ad6b7169203331"

static bool parses(const char *text)
{
	struct context c;

	return traceparent_parse(str_of(text), &c);
}

TEST(a_traceparent_gives_ids_and_flags)
{
	struct context c;

	CHECK(traceparent_parse(S("00-" TRACE "-" SPAN "-01"), &c));
	CHECK(!memcmp(c.trace_id, "\x0a\xf7\x65\x19\x16\xcd\x43\xdd\x84\x48\xeb\x21\x1c\x80\x31\x9c", 16));
	CHECK(!memcmp(c.span_id, "\xb7\xad\x6b\x71\x69\x20\x33\x31", 8));
	CHECK(c.has_span && !c.silent && c.flags == CONTEXT_SAMPLED);
}

TEST(the_unsampled_flag_of_a_traceparent_silences)
{
	struct context c;

	CHECK(traceparent_parse(S("00-" TRACE "-" SPAN "-00"), &c));
	CHECK(c.silent && c.flags == 0);
	CHECK(traceparent_parse(S("00-" TRACE "-" SPAN "-02"), &c));
	CHECK(c.silent && c.flags == CONTEXT_RANDOM);
}

TEST(only_known_trace_flags_are_passed_on)
{
	struct context c;

	CHECK(traceparent_parse(S("00-" TRACE "-" SPAN "-ff"), &c));
	CHECK(c.flags == (CONTEXT_SAMPLED | CONTEXT_RANDOM) && !c.silent);
}

TEST(a_later_version_may_say_more)
{
	CHECK(parses("01-" TRACE "-" SPAN "-01"));
	CHECK(parses("cc-" TRACE "-" SPAN "-01-what-the-future-brings"));
	CHECK(parses("fe-" TRACE "-" SPAN "-01-"));
	CHECK(!parses("cc-" TRACE "-" SPAN "-01.more"));
	CHECK(!parses("cc-" TRACE "-" SPAN "-011"));
}

TEST(what_is_no_traceparent_is_refused)
{
	CHECK(!parses(""));
	CHECK(!parses("ff-" TRACE "-" SPAN "-01"));
	CHECK(!parses("00-" TRACE "-" SPAN "-01-more"));
	CHECK(!parses("00-" TRACE "-" SPAN "-01-"));
	CHECK(!parses("00-" TRACE "-" SPAN "-0"));
	CHECK(!parses("00-" TRACE "-" SPAN "-0g"));
	CHECK(!parses("0-" TRACE "-" SPAN "-01x"));
	CHECK(!parses("0x-" TRACE "-" SPAN "-01"));
	CHECK(!parses("00-0AF7651916CD43DD8448EB211C80319C-" SPAN "-01"));
	CHECK(!parses("00-" TRACE "-B7AD6B7169203331-01"));
	CHECK(!parses("00-00000000000000000000000000000000-" SPAN "-01"));
	CHECK(!parses("00-" TRACE "-0000000000000000-01"));
	CHECK(!parses("00_" TRACE "-" SPAN "-01"));
	CHECK(!parses("00-" TRACE "_" SPAN "-01"));
	CHECK(!parses("00-" TRACE "-" SPAN "_01"));
	CHECK(!parses("00-" TRACE "-" SPAN "-01,00-" TRACE "-" SPAN "-01"));
}

TEST(white_space_around_a_traceparent_is_passed_over)
{
	CHECK(parses(" \t00-" TRACE "-" SPAN "-01\t "));
	CHECK(!parses("00-" TRACE "- " SPAN "-01"));
}

TEST(a_traceparent_that_fails_changes_nothing)
{
	struct context c;

	memset(&c, 0x5a, sizeof c);
	CHECK(!traceparent_parse(S("00-" TRACE "-0000000000000000-01"), &c));
	for (size_t i = 0; i < sizeof c; i++)
		CHECK(((unsigned char *)&c)[i] == 0x5a);
}

TEST(a_traceparent_is_not_read_past_its_end)
{
	const char whole[] = "00-" TRACE "-" SPAN "-01-more";

	for (size_t n = 0; n < sizeof whole; n++) {
		struct context c;
		bool good = traceparent_parse((str){ test_guarded(whole, n), n }, &c);

		CHECK(good == (n == 55));
	}
}

/* ---- where an event has it ---- */

#define HEADER "00-" TRACE "-" SPAN "-01"

static bool found(const char *event)
{
	return str_eq(event_traceparent(str_of(event)), S(HEADER));
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

TEST(two_traceparents_are_none)
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
		CHECK(event_traceparent(str_of(events[i])).n == 0);
}

TEST(an_event_cut_anywhere_is_survived)
{
	const char event[] = "{\"a\":[{\"b\":1e5},true],\"headers\":{\"x\":\"\\u0041\",\"traceparent\":\"" HEADER "\"},"
						 "\"multiValueHeaders\":{\"traceparent\":[\"" HEADER "\"]}}";

	for (size_t n = 0; n < sizeof event; n++) {
		str got = event_traceparent((str){ test_guarded(event, n), n });

		CHECK(got.n == 0 || str_eq(got, S(HEADER)));
	}
}
