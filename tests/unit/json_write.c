// SPDX-License-Identifier: MIT
#include "invocation.h"

#include "test.h"

#include <string.h>

static char room[4096];

static bool wrote(const struct lambda_json_writer *w, str expected)
{
	return lambda_json_done(w) && str_eq(lambda_json_written(w), expected) && lambda_json_valid(expected);
}

static void document(struct lambda_json_writer *w)
{
	lambda_json_open_object(w);
	lambda_json_put_key(w, "s");
	lambda_json_put_text(w, "a\"b");
	lambda_json_put_key_n(w, S("k\n"));
	lambda_json_open_array(w);
	lambda_json_put_int(w, INT64_MIN);
	lambda_json_put_double(w, 0.25);
	lambda_json_put_bool(w, true);
	lambda_json_put_bool(w, false);
	lambda_json_put_null(w);
	lambda_json_open_object(w);
	lambda_json_close(w);
	lambda_json_open_array(w);
	lambda_json_close(w);
	lambda_json_put_raw(w, S("{ \"raw\": [1] }"));
	lambda_json_put_base64(w, "\xff\xfe", 2);
	lambda_json_close(w);
	lambda_json_close(w);
}

#define DOCUMENT \
	S("{\"s\":\"a\\\"b\",\"k\\n\":[-9223372036854775808,0.25,true,false,null,{},[],{ \"raw\": [1] },\"//4=\"]}")

TEST(commas_and_colons_are_the_writers)
{
	struct lambda_json_writer w;

	lambda_json_to_memory(&w, room, sizeof room);
	document(&w);
	CHECK(wrote(&w, DOCUMENT));
}

TEST(memory_one_byte_short_is_never_done)
{
	struct lambda_json_writer w;
	str all = DOCUMENT;

	for (size_t size = 0; size <= all.n; size++) {
		lambda_json_to_memory(&w, test_guarded(all.p, size), size);
		document(&w);
		CHECK(lambda_json_done(&w) == (size == all.n) && lambda_json_written(&w).n <= size);
	}
}

TEST(a_lone_value_is_a_document)
{
	struct lambda_json_writer w;

	lambda_json_to_memory(&w, room, sizeof room);
	CHECK(!lambda_json_done(&w));
	lambda_json_put_int(&w, 7);
	CHECK(wrote(&w, S("7")));
}

static bool quotes(str text, str expected)
{
	struct lambda_json_writer w;

	lambda_json_to_memory(&w, room, sizeof room);
	lambda_json_put_str(&w, (str){ test_guarded(text.p, text.n), text.n });
	return wrote(&w, expected);
}

TEST(strings_are_escaped_where_they_must_be)
{
	CHECK(quotes(S(""), S("\"\"")) && quotes((str){ 0 }, S("\"\"")) && quotes(S("plain text/"), S("\"plain text/\"")));
	CHECK(quotes(S("\"\\\b\f\n\r\t"), S("\"\\\"\\\\\\b\\f\\n\\r\\t\"")));
	CHECK(quotes(S("\0\x01\x1f\x7f"), S("\"\\u0000\\u0001\\u001f\x7f\"")));
	CHECK(quotes(S("gr\xc3\xbc\xc3\x9f dich \xf0\x9f\x98\x80"), S("\"gr\xc3\xbc\xc3\x9f dich \xf0\x9f\x98\x80\"")));
}

TEST(bytes_that_are_not_utf8_become_replacement_characters)
{
	CHECK(quotes(S("a\xff"
	               "b"),
	             S("\"a\xef\xbf\xbd"
	               "b\"")) &&
	      quotes(S("\x80\x80"), S("\"\xef\xbf\xbd\xef\xbf\xbd\"")));
	CHECK(quotes(S("\xf0\x9f\x98"), S("\"\xef\xbf\xbd\"")) &&
	      quotes(S("\xed\xa0\x80"), S("\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"")));
	CHECK(quotes(S("\xc3\"\xe9"), S("\"\xef\xbf\xbd\\\"\xef\xbf\xbd\"")));
}

TEST(every_pair_of_bytes_is_valid_json_and_reads_back)
{
	unsigned wrong = 0;

	for (unsigned v = 0; v < 65536; v++) {
		struct lambda_json_writer w;
		char pair[2] = { (char)(v >> 8), (char)v }, back[16];
		str text;

		lambda_json_to_memory(&w, room, sizeof room);
		lambda_json_put_str(&w, (str){ pair, 2 });
		wrong += !lambda_json_done(&w) || !lambda_json_valid(lambda_json_written(&w));
		wrong += !lambda_json_string(lambda_json_written(&w), back, sizeof back, &text);
		if (v >> 8 < 0x80 && (v & 0xff) < 0x80)
			wrong += !str_eq(text, (str){ pair, 2 });
	}
	CHECK(wrong == 0);
}

TEST(base64_of_any_length_comes_in_one_string)
{
	static char bytes[2500];
	struct lambda_json_writer w;

	for (size_t n = 0; n <= sizeof bytes; n += n < 10 || (n > 760 && n < 775) ? 1 : 5) {
		memset(bytes, 'M', sizeof bytes);
		lambda_json_to_memory(&w, room, sizeof room);
		lambda_json_put_base64(&w, bytes, n);

		char back[2500];
		size_t got = 0;
		str text = lambda_json_written(&w);

		CHECK(lambda_json_done(&w) && lambda_base64_decode((str){ text.p + 1, text.n - 2 }, back, sizeof back, &got));
		CHECK(got == n && memcmp(back, bytes, n) == 0);
	}
}

/* Each of these is a mistake of its caller, and what comes behind does not mend it. */
static void two_values(struct lambda_json_writer *w)
{
	lambda_json_put_int(w, 1);
	lambda_json_put_int(w, 2);
}

static void value_without_key(struct lambda_json_writer *w)
{
	lambda_json_open_object(w);
	lambda_json_put_int(w, 1);
	lambda_json_close(w);
}

static void key_in_array(struct lambda_json_writer *w)
{
	lambda_json_open_array(w);
	lambda_json_put_key(w, "k");
	lambda_json_put_int(w, 1);
	lambda_json_close(w);
}

static void key_at_the_top(struct lambda_json_writer *w)
{
	lambda_json_put_key(w, "k");
	lambda_json_put_int(w, 1);
}

static void two_keys(struct lambda_json_writer *w)
{
	lambda_json_open_object(w);
	lambda_json_put_key(w, "a");
	lambda_json_put_key(w, "b");
	lambda_json_put_int(w, 1);
	lambda_json_close(w);
}

static void key_without_value(struct lambda_json_writer *w)
{
	lambda_json_open_object(w);
	lambda_json_put_key(w, "a");
	lambda_json_close(w);
}

static void close_too_many(struct lambda_json_writer *w)
{
	lambda_json_open_array(w);
	lambda_json_close(w);
	lambda_json_close(w);
}

static void never_closed(struct lambda_json_writer *w)
{
	lambda_json_open_array(w);
	lambda_json_put_int(w, 1);
}

static void raw_that_is_none(struct lambda_json_writer *w)
{
	lambda_json_put_raw(w, S("{\"a\":}"));
}

static void raw_that_is_two(struct lambda_json_writer *w)
{
	lambda_json_open_array(w);
	lambda_json_put_raw(w, S("1,2"));
	lambda_json_close(w);
}

static void too_deep(struct lambda_json_writer *w)
{
	for (int i = 0; i <= LAMBDA_JSON_DEPTH_MAX; i++)
		lambda_json_open_array(w);
	for (int i = 0; i <= LAMBDA_JSON_DEPTH_MAX; i++)
		lambda_json_close(w);
}

TEST(misuse_is_sticky)
{
	void (*const mistakes[])(struct lambda_json_writer *) = {
		two_values,     value_without_key, key_in_array,     key_at_the_top,  two_keys, key_without_value,
		close_too_many, never_closed,      raw_that_is_none, raw_that_is_two, too_deep,
	};

	for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
		struct lambda_json_writer w;

		lambda_json_to_memory(&w, room, sizeof room);
		mistakes[i](&w);
		CHECK(!lambda_json_done(&w));
	}
}

TEST(nesting_is_written_to_the_limit)
{
	struct lambda_json_writer w;

	lambda_json_to_memory(&w, room, sizeof room);
	for (int i = 0; i < LAMBDA_JSON_DEPTH_MAX; i++)
		lambda_json_open_array(&w);
	for (int i = 0; i < LAMBDA_JSON_DEPTH_MAX; i++)
		lambda_json_close(&w);
	CHECK(lambda_json_done(&w) && lambda_json_valid(lambda_json_written(&w)));
}

TEST(a_call_takes_what_is_written)
{
	struct invocation inv = { 0 };
	struct lambda_json_writer w;

	invocation_begin(&inv, room, sizeof room);
	lambda_puts(&inv.call, ">");
	lambda_json_to_call(&w, &inv.call);
	document(&w);
	CHECK(lambda_json_done(&w) && invocation_reply(&inv).n == DOCUMENT.n + 1 &&
	      !memcmp(room + 1, DOCUMENT.p, DOCUMENT.n));

	invocation_begin(&inv, room, sizeof room);
	lambda_write_json(&inv.call, "a\"\n\xff", 4);
	lambda_puts(&inv.call, "|");
	lambda_write_base64(&inv.call, "hello", 5);
	CHECK(str_eq(invocation_reply(&inv), S("a\\\"\\n\xef\xbf\xbd|aGVsbG8=")));
}
