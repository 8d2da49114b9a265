// SPDX-License-Identifier: MIT
#include "test.h"

#include "context/context.h"

#include <string.h>

#define TRACE "80f198ee56343ba864fe8b2a57d3eff7"
#define SPAN "e457b5a2e4d86bd1"
#define PARENT "05e3ac9a4f6e3b90"

static bool ids_are(const struct context *c)
{
	return c->has_span &&
	       !memcmp(c->trace_id, "\x80\xf1\x98\xee\x56\x34\x3b\xa8\x64\xfe\x8b\x2a\x57\xd3\xef\xf7", 16) &&
	       !memcmp(c->span_id, "\xe4\x57\xb5\xa2\xe4\xd8\x6b\xd1", 8);
}

static bool single(const char *text, struct context *c)
{
	return b3_parse(str_of(text), c) && ids_are(c);
}

static bool parses(const char *text)
{
	struct context c;

	return b3_parse(str_of(text), &c);
}

TEST(a_b3_header_gives_ids_and_the_decision)
{
	struct context c;

	CHECK(single(TRACE "-" SPAN "-1", &c) && c.flags == CONTEXT_SAMPLED && !c.silent && !c.deferred && !c.debug);
	CHECK(single(TRACE "-" SPAN "-0", &c) && !c.flags && c.silent && !c.deferred && !c.debug);
	CHECK(single(TRACE "-" SPAN "-d", &c) && c.flags == CONTEXT_SAMPLED && !c.silent && c.debug);
	CHECK(single(TRACE "-" SPAN, &c) && !c.flags && !c.silent && c.deferred);
	CHECK(single(TRACE "-" SPAN "-1-" PARENT, &c) && c.flags == CONTEXT_SAMPLED);
	CHECK(single(" " TRACE "-" SPAN "-1\t", &c));
}

TEST(a_b3_trace_id_of_64_bits_gets_zeros_in_front)
{
	struct context c;

	CHECK(b3_parse(S("64fe8b2a57d3eff7-" SPAN "-1"), &c));
	CHECK(!memcmp(c.trace_id, "\0\0\0\0\0\0\0\0\x64\xfe\x8b\x2a\x57\xd3\xef\xf7", 16));
}

TEST(what_is_no_b3_header_is_refused)
{
	CHECK(!parses("") && !parses("0") && !parses("1") && !parses("d"));
	CHECK(!parses(TRACE) && !parses(TRACE "-") && !parses(TRACE "-" SPAN "-") && !parses(TRACE "-" SPAN "-2"));
	CHECK(!parses(TRACE "-" SPAN "-1-") && !parses(TRACE "-" SPAN "-1-" SPAN "-1") && !parses(TRACE "-" SPAN "-11"));
	CHECK(!parses("00000000000000000000000000000000-" SPAN "-1") && !parses(TRACE "-0000000000000000-1"));
	CHECK(!parses("80F198EE56343BA864FE8B2A57D3EFF7-" SPAN "-1") && !parses("80f198-" SPAN "-1"));
	CHECK(!parses(TRACE "-e457b5a2e4d86bd-1") && !parses(TRACE "-" SPAN "-true"));
}

static bool multi(const char *sampled, const char *flags, struct context *c)
{
	return b3_parse_multi(S(TRACE), S(SPAN), str_of(sampled), str_of(flags), c) && ids_are(c);
}

TEST(several_b3_headers_say_the_same)
{
	struct context c;

	CHECK(multi("1", "", &c) && c.flags == CONTEXT_SAMPLED && !c.deferred);
	CHECK(multi("true", "", &c) && c.flags == CONTEXT_SAMPLED);
	CHECK(multi("0", "", &c) && c.silent && !c.flags);
	CHECK(multi("false", "", &c) && c.silent);
	CHECK(multi("", "", &c) && c.deferred && !c.silent);
	CHECK(multi("", "1", &c) && c.debug && c.flags == CONTEXT_SAMPLED && !c.silent);
	CHECK(multi("0", "1", &c) && c.debug && !c.silent);
	CHECK(multi("1", "0", &c) && !c.debug && c.flags == CONTEXT_SAMPLED);
	CHECK(!b3_parse_multi(S(TRACE), S(""), S("1"), S(""), &c) && !b3_parse_multi(S(""), S(SPAN), S("1"), S(""), &c));
}

TEST(a_b3_header_is_not_read_past_its_end)
{
	const char whole[] = TRACE "-" SPAN "-1-" PARENT;

	for (size_t n = 0; n < sizeof whole; n++) {
		struct context c;
		bool good = b3_parse((str){ test_guarded(whole, n), n }, &c);

		CHECK(good == (n == 49 || n == 51 || n == 68));
	}
}
