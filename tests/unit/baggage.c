// SPDX-License-Identifier: MIT
#include "test.h"

#include "context/baggage.h"

#include <stdio.h>
#include <string.h>

static struct baggage b;
static char room[2 * BAGGAGE_BYTES_MAX];

static void clear(void)
{
	b.n = b.bytes = b.room_n = b.room_i = 0;
}

static const char *written(void)
{
	struct buf out = { .p = room, .cap = sizeof room - 1 };

	baggage_write(&b, &out);
	CHECK(!out.full && out.n == b.bytes);
	room[out.n] = 0;
	return room;
}

static const char *again(const char *text)
{
	clear();
	baggage_read(&b, str_of(text));
	return written();
}

static bool decodes(const char *value, const char *expected)
{
	struct buf out = BUF(room);

	return baggage_decode(str_of(value), &out) && str_eq(buf_str(&out), str_of(expected));
}

#define W " \t "

TEST(baggage_follows_the_cases_of_w3c)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ "", "" },
		{ "SomeKey=SomeValue", "SomeKey=SomeValue" },
		{ "SomeKey=SomeValue;SomeProp,SomeKey2=SomeValue2;ValueProp=PropVal",
		  "SomeKey=SomeValue;SomeProp,SomeKey2=SomeValue2;ValueProp=PropVal" },
		{ "SomeKey" W "=" W "SomeValue" W ";" W "SomeProp" W "," W "SomeKey2" W "=" W "SomeValue2" W ";" W "ValueProp" W
		  "=" W "PropVal",
		  "SomeKey=SomeValue;SomeProp,SomeKey2=SomeValue2;ValueProp=PropVal" },
		{ "k=v;one;two=2;three", "k=v;one;two=2;three" },
		{ "SomeKey=SomeValue=equals", "SomeKey=SomeValue=equals" },
		{ "k=%09%20%22%27%3B%3Dasdf%21%40%23%24%25%5E%26%2A%28%29",
		  "k=%09%20%22%27%3B%3Dasdf%21%40%23%24%25%5E%26%2A%28%29" },
		{ "k=", "k=" },
		{ "k=%", "k=%" },
		{ "!#$%&'*+-.^_`|~=1", "!#$%&'*+-.^_`|~=1" },
		{ "a=1,a=2", "a=2" },
		{ "a=1,b=2,a=3;p", "a=3;p,b=2" },
		/* a member that is none is left out, and the others stay */
		{ "a=1,b,c=3", "a=1,c=3" },
		{ "a=1,=2,c=3", "a=1,c=3" },
		{ "a=1,,c=3", "a=1,c=3" },
		{ "a b=1,c=3", "c=3" },
		{ "a=b c,c=3", "c=3" },
		{ "a=\"b\",c=3", "c=3" },
		{ "a=b\\c,c=3", "c=3" },
		{ "a=caf\xc3\xa9,c=3", "c=3" },
		{ "a=1;,c=3", "c=3" },
		{ "a=1;;p,c=3", "c=3" },
		{ "a=1;p q,c=3", "c=3" },
		{ "a=1;p=\"q\",c=3", "c=3" },
		{ "a/b=1,c=3", "c=3" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		CHECK(!strcmp(again(cases[i].text), cases[i].expected));
}

TEST(a_baggage_value_is_decoded_into_utf_8)
{
	CHECK(decodes("%09%20%22%27%3B%3Dasdf%21%40%23%24%25%5E%26%2A%28%29", "\t \"';=asdf!@#$%^&*()"));
	CHECK(decodes("", "") && decodes("a+b", "a+b") && decodes("caf%C3%A9", "caf\xc3\xa9") &&
	      decodes("%f0%9f%98%80", "\xf0\x9f\x98\x80"));
	CHECK(decodes("%", "%") && decodes("%4", "%4") && decodes("%4x", "%4x") && decodes("%%41", "%A"));
	CHECK(decodes("%FF", "\xef\xbf\xbd") &&
	      decodes("a%C3b", "a\xef\xbf\xbd"
	                       "b") &&
	      decodes("%C3", "\xef\xbf\xbd"));
}

TEST(a_value_that_does_not_fit_is_not_half_there)
{
	char small[8];

	for (size_t n = 0; n < sizeof small; n++) {
		struct buf out = { .p = small, .cap = n };

		CHECK(baggage_decode(S("a%20b%C3%A9c"), &out) == (n >= 6));
	}
}

TEST(all_of_64_members_and_8192_bytes_go_on)
{
	static char text[2 * BAGGAGE_BYTES_MAX];
	size_t n = 0;

	for (int i = 0; i < 64; i++)
		n += (size_t)sprintf(text + n, "%skey%d=value", i ? "," : "", i);
	CHECK(!strcmp(again(text), text) && b.n == 64);

	memset(text, 'x', sizeof text);
	memcpy(text, "a=", 2);
	text[BAGGAGE_BYTES_MAX] = 0;
	CHECK(!strcmp(again(text), text) && b.bytes == BAGGAGE_BYTES_MAX);
	text[BAGGAGE_BYTES_MAX] = 'x';
	text[BAGGAGE_BYTES_MAX + 1] = 0;
	CHECK(!strcmp(again(text), ""));
}

TEST(what_is_beyond_the_limits_is_left_out_whole)
{
	static char text[4 * BAGGAGE_BYTES_MAX];
	size_t n = 0;

	for (int i = 0; i < 600; i++)
		n += (size_t)sprintf(text + n, "%sk%03d=%016d", i ? "," : "", i, i);
	again(text);
	CHECK(b.n == BAGGAGE_MEMBERS_MAX && !strncmp(room, text, b.bytes) && text[b.bytes] == ',');

	n = 0;
	for (int i = 0; i < 20; i++)
		n += (size_t)sprintf(text + n, "%sk%03d=%0495d", i ? "," : "", i, i);
	again(text);
	CHECK(b.n == 16 && b.bytes == 16 * 501 - 1 && !strncmp(room, text, b.bytes));
}

TEST(what_is_set_is_encoded_and_takes_the_place_of_what_was)
{
	again("a=1;p=q,b=2");
	CHECK(baggage_set(&b, S("a"), S("x,y z\"\\%;=\xc3\xa9\n"), S("")));
	CHECK(!strcmp(written(), "a=x%2Cy%20z%22%5C%25%3B=%C3%A9%0A,b=2"));
	CHECK(baggage_set(&b, S("c"), S(""), S(" p ; q = 1 ")));
	CHECK(!strcmp(written(), "a=x%2Cy%20z%22%5C%25%3B=%C3%A9%0A,b=2,c=;p;q=1"));
	CHECK(!baggage_set(&b, S(""), S("1"), S("")) && !baggage_set(&b, S("a b"), S("1"), S("")));
	CHECK(!baggage_set(&b, S("d"), S("1"), S("p q")) && !baggage_set(&b, S("d"), S("1"), S("p,e=1")));
	CHECK(baggage_remove(&b, S("a")) && !baggage_remove(&b, S("a")));
	CHECK(!strcmp(written(), "b=2,c=;p;q=1"));
	CHECK(baggage_remove(&b, S("c")) && baggage_remove(&b, S("b")) && !strcmp(written(), "") && !b.bytes);
}

TEST(setting_again_and_again_needs_no_more_room)
{
	static char value[4000];

	again("kept=1;p");
	for (int i = 0; i < 100; i++) {
		memset(value, 'a' + i % 26, sizeof value);
		CHECK(baggage_set(&b, S("big"), (str){ value, sizeof value }, S("")));
		CHECK(baggage_set(&b, S("also"), (str){ value, sizeof value }, S("")));
	}
	CHECK(!strncmp(written(), "kept=1;p,big=vvv", 16) && b.n == 3);
	CHECK(!baggage_set(&b, S("more"), (str){ value, 200 }, S("")) && b.n == 3);
	CHECK(baggage_set(&b, S("more"), (str){ value, 100 }, S("")));
}

TEST(baggage_is_not_read_past_its_end)
{
	const char whole[] = "a = 1 ; p = q ; r , b = %41 , c=3;s";

	for (size_t n = 0; n < sizeof whole; n++) {
		clear();
		baggage_read(&b, (str){ test_guarded(whole, n), n });
		written();
	}
}
