// SPDX-License-Identifier: MIT
#include "test.h"

#include "context/tracestate.h"

#include <stdio.h>
#include <string.h>

static char room[8192];

/* What one header, or two, are written as; NULL when they are none. */
static const char *again(const char *first, const char *second)
{
	struct tracestate t = { .n = 0 };
	struct buf b = { .p = room, .cap = sizeof room - 1 };

	if (!tracestate_read(&t, str_of(first)) || (second && !tracestate_read(&t, str_of(second))))
		return NULL;
	tracestate_write(&t, &b, sizeof room - 1);
	room[b.n] = 0;
	return room;
}

static bool becomes(const char *text, const char *expected)
{
	const char *got = again(text, NULL);

	return got ? expected && !strcmp(got, expected) : !expected;
}

#define TIMES_16(x) x x x x x x x x x x x x x x x x
#define Z256 TIMES_16("zzzzzzzzzzzzzzzz")

static const char printable[] =
	" !\"#$%&'()*+-./0123456789:;<>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";

TEST(tracestate_follows_the_cases_of_w3c)
{
	static const struct {
		const char *text, *expected; /* NULL: all of it is dropped */
	} cases[] = {
		{ "", "" },
		{ ",", "" },
		{ " \t,, \t", "" },
		{ "foo=1", "foo=1" },
		{ "foo=1,bar=2", "foo=1,bar=2" },
		{ "foo=1 \t , \t bar=2, \t baz=3", "foo=1,bar=2,baz=3" },
		{ "foo=1\t \t,\t \tbar=2,\t \tbaz=3", "foo=1,bar=2,baz=3" },
		{ "\t foo=1 \t", "foo=1" },
		{ "foo=1,,bar=2", "foo=1,bar=2" },
		{ "foo=1,foo=1", "foo=1" },
		{ "foo=1,bar=2,foo=3", "foo=1,bar=2" },
		{ "foo= 1", "foo= 1" },
		{ "foo=1 2", "foo=1 2" },
		{ "a-b_c*d/e@f=1", "a-b_c*d/e@f=1" },
		{ "0a=1", "0a=1" },
		{ "tenant@system=1", "tenant@system=1" },
		{ Z256 "=1", Z256 "=1" },
		{ Z256 "z=1", NULL },
		{ "a=" Z256, "a=" Z256 },
		{ "a=" Z256 "z", NULL },
		{ "foo =1", NULL },
		{ "FOO=1", NULL },
		{ "foo.bar=1", NULL },
		{ "_a=1", NULL },
		{ "@foo=1,bar=2", NULL },
		{ "=1", NULL },
		{ "foo=", NULL },
		{ "foo= ", NULL },
		{ "foo", NULL },
		{ "foo=1,bar", NULL },
		{ "foo=bar=baz", NULL },
		{ "foo=\x7f", NULL },
		{ "foo=caf\xc3\xa9", NULL },
		{ "foo=1\x01", NULL },
		{ "foo=a\tb", NULL },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		CHECK(becomes(cases[i].text, cases[i].expected));
}

TEST(every_printable_character_may_be_in_a_tracestate_value)
{
	char text[256];

	snprintf(text, sizeof text, "k=%s", printable);
	CHECK(becomes(text, text));
}

TEST(tracestate_headers_are_one_list)
{
	CHECK(!strcmp(again("foo=1,bar=2", "rojo=1,congo=2"), "foo=1,bar=2,rojo=1,congo=2"));
	CHECK(!strcmp(again("foo=1", ""), "foo=1"));
	CHECK(!strcmp(again("", "foo=1"), "foo=1"));
	CHECK(!strcmp(again("foo=1", "foo=2"), "foo=1"));
	CHECK(!again("foo=1", "bar"));
}

/* bar01=01,bar02=02,... */
static size_t members(char *text, size_t count)
{
	size_t n = 0;

	for (size_t i = 1; i <= count; i++)
		n += (size_t)sprintf(text + n, "%sbar%02zu=%02zu", i > 1 ? "," : "", i, i);
	return n;
}

TEST(tracestate_has_at_most_32_members)
{
	char text[512];

	members(text, 32);
	CHECK(becomes(text, text));
	strcat(text, ", ,");
	CHECK(again(text, NULL));
	members(text, 33);
	CHECK(becomes(text, NULL));
	members(text, 32);
	strcat(text, ",bar01=1");
	CHECK(becomes(text, NULL));
}

TEST(our_own_member_goes_to_the_front)
{
	struct tracestate t = { .n = 0 };
	struct buf b = BUF(room);
	char text[512];

	CHECK(tracestate_read(&t, S("a=1,ot=th:8,b=2")));
	CHECK(str_eq(tracestate_get(&t, S("ot")), S("th:8")) && !tracestate_get(&t, S("c")).n);
	CHECK(tracestate_set(&t, S("ot"), S("th:c;rv:01234567890123")));
	tracestate_write(&t, &b, sizeof room);
	CHECK(str_eq(buf_str(&b), S("ot=th:c;rv:01234567890123,a=1,b=2")));
	CHECK(!tracestate_set(&t, S("OT"), S("1")) && !tracestate_set(&t, S("ot"), S("")) &&
	      !tracestate_set(&t, S("ot"), S("a,b")));
	tracestate_remove(&t, S("a"));
	tracestate_remove(&t, S("a"));
	CHECK(t.n == 2);

	t.n = t.seen = 0;
	CHECK(tracestate_read(&t, (str){ text, members(text, 32) }));
	CHECK(tracestate_set(&t, S("ot"), S("th:0")));
	CHECK(t.n == 32 && str_eq(t.member[0].key, S("ot")) && str_eq(t.member[31].key, S("bar31")));
}

TEST(what_does_not_fit_leaves_whole_and_the_long_first)
{
	char text[1024];
	struct tracestate t = { .n = 0 };
	size_t n = (size_t)snprintf(text, sizeof text, "a=1,long=%.*s,b=2,c=3", 140, Z256);

	CHECK(tracestate_read(&t, (str){ text, n }));
	for (size_t max = 0; max <= n; max++) {
		struct buf b = BUF(room);

		tracestate_write(&t, &b, max);
		CHECK(str_eq(buf_str(&b), max == n    ? (str){ text, n }
		                          : max >= 11 ? S("a=1,b=2,c=3")
		                          : max >= 7  ? S("a=1,b=2")
		                          : max >= 3  ? S("a=1")
		                                      : S("")));
	}
}

TEST(tracestate_is_not_read_past_its_end)
{
	const char whole[] = " foo=1 , bar=2;x ,baz=3 ";

	for (size_t n = 0; n < sizeof whole; n++) {
		struct tracestate t = { .n = 0 };

		tracestate_read(&t, (str){ test_guarded(whole, n), n });
		CHECK(t.n <= 3);
	}
}
