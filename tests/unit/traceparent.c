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
