// SPDX-License-Identifier: MIT
#include "test.h"

#include "context/context.h"

#include <string.h>

#define ROOT "1-67748580-a006649127e371903a2de979"
#define PARENT "53995c3f42cd8ad8"

static bool parse(const char *text, struct context *c)
{
	return xray_parse(str_of(text), c);
}

static bool is_whole(const struct context *c)
{
	return !memcmp(c->trace_id, "\x67\x74\x85\x80\xa0\x06\x64\x91\x27\xe3\x71\x90\x3a\x2d\xe9\x79", 16) &&
	       c->has_span && !memcmp(c->span_id, "\x53\x99\x5c\x3f\x42\xcd\x8a\xd8", 8) && !c->pass_through;
}

TEST(an_xray_header_gives_the_ids_that_w3c_has)
{
	struct context c;

	CHECK(parse("Root=" ROOT ";Parent=" PARENT ";Sampled=1", &c) && is_whole(&c));
}

TEST(the_members_of_an_xray_header_come_in_any_order_among_others)
{
	struct context c;

	CHECK(parse("Sampled=1;Parent=" PARENT ";Root=" ROOT, &c) && is_whole(&c));
	CHECK(parse("Self=1-67891234-12456789abcdef012345678;Root=" ROOT ";Parent=" PARENT
	            ";Sampled=1;Lineage=25:a1b2c3d4:0",
	            &c) &&
	      is_whole(&c));
	CHECK(parse(" Root = " ROOT " ; Parent=" PARENT " ;; Sampled=?;", &c) && is_whole(&c) && c.deferred);
	CHECK(parse("root=1-67748580-A006649127E371903A2DE979;PARENT=53995C3F42CD8AD8", &c) && is_whole(&c));
}

TEST(an_xray_header_decides_or_defers)
{
	struct context c;

	CHECK(parse("Root=" ROOT ";Parent=" PARENT ";Sampled=1", &c) && c.flags == CONTEXT_SAMPLED && !c.deferred &&
	      !c.silent);
	CHECK(parse("Root=" ROOT ";Parent=" PARENT ";Sampled=0", &c) && !c.flags && !c.deferred && c.silent);
	CHECK(parse("Root=" ROOT ";Parent=" PARENT ";Sampled=?", &c) && !c.flags && c.deferred && !c.silent);
	CHECK(parse("Root=" ROOT ";Parent=" PARENT ";Sampled=", &c) && c.deferred);
	CHECK(parse("Root=" ROOT ";Parent=" PARENT, &c) && !c.flags && c.deferred && !c.silent);
}

TEST(lineage_is_kept_when_it_can_go_on)
{
	char text[512] = "Root=" ROOT ";Parent=" PARENT ";Lineage=";
	struct context c;

	CHECK(parse("Root=" ROOT ";Lineage=25:a1b2c3d4:0;Sampled=0", &c) && str_eq(c.lineage, S("25:a1b2c3d4:0")));
	CHECK(parse("Root=" ROOT ";Lineage=a b", &c) && !c.lineage.n);
	memset(text + strlen(text), 'x', 129);
	CHECK(parse(text, &c) && !c.lineage.n);
}

TEST(a_root_alone_is_a_trace_without_a_parent)
{
	struct context c;

	CHECK(parse("Root=" ROOT, &c) && !c.has_span && !c.silent);
	CHECK(parse("Root=" ROOT ";Parent=;Sampled=1", &c) && !c.has_span);
	CHECK(parse("Root=" ROOT ";Parent=53995c3f42cd8ad", &c) && !c.has_span);
	CHECK(parse("Root=" ROOT ";Parent=0000000000000000", &c) && !c.has_span);
	CHECK(parse("Root=" ROOT ";Parent=53995c3f42cd8adg", &c) && !c.has_span);
}

TEST(what_has_no_root_is_no_xray_header)
{
	const char *texts[] = { "",
		                    ";",
		                    "=",
		                    ";;;=",
		                    "Parent=" PARENT ";Sampled=1",
		                    "Root",
		                    "Root=",
		                    "Root=1-67748580-a006649127e371903a2de97",
		                    "Root=2-67748580-a006649127e371903a2de979",
		                    "Root=1-67748580_a006649127e371903a2de979",
		                    "Root=1_67748580-a006649127e371903a2de979",
		                    "Root=1-6774858g-a006649127e371903a2de979",
		                    "Root=1-00000000-000000000000000000000000",
		                    "Root=" ROOT "0" };

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct context c;

		CHECK(!parse(texts[i], &c));
	}
}

TEST(an_xray_header_is_not_read_past_its_end)
{
	const char whole[] = "Root=" ROOT ";Parent=" PARENT ";Sampled=1";

	for (size_t n = 0; n < sizeof whole; n++) {
		struct context c;

		CHECK(xray_parse((str){ test_guarded(whole, n), n }, &c) == (n >= 40));
	}
}
