// SPDX-License-Identifier: MIT
#include "net/http.h"

#include "test.h"

#include <string.h>

static int parse(str head, struct http_head *out)
{
	return http_head_parse(test_guarded(head.p, head.n), head.n, 0, out);
}

/* The status line and one more line. */
static bool accepts(const char *line, struct http_head *out)
{
	char room[512];
	size_t n = strlen(line);

	memcpy(room, "HTTP/1.1 200 OK\r\n", 17);
	memcpy(room + 17, line, n);
	memcpy(room + 17 + n, "\r\n\r\n", 4);
	return parse((str){ room, 17 + n + 4 }, out) == (int)(17 + n + 4);
}

/* What Lambda sends for an event (field names and their order as captured from the platform). */
static const char next_head[] =
	"HTTP/1.1 200 OK\r\n"
	"Content-Type: application/json\r\n"
	"Lambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\n"
	"Lambda-Runtime-Deadline-Ms: 1542409706888\r\n"
	"Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-2:123456789012:function:custom-runtime\r\n"
	"Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1\r\n"
	"Date: Fri, 16 Nov 2018 23:08:22 GMT\r\n"
	"Content-Length: 20\r\n"
	"\r\n";

TEST(the_head_that_lambda_sends_is_read)
{
	str head = { next_head, sizeof next_head - 1 }, name, value;
	struct http_head h;
	size_t fields = 0;

	CHECK(parse(head, &h) == (int)head.n);
	CHECK(h.status == 200 && !h.close && !h.keep_alive && !h.chunked && h.sized && h.length == 20);
	while (http_field_next(&h.fields, &name, &value)) {
		CHECK(fields != 2 || (str_eq(name, S("Lambda-Runtime-Deadline-Ms")) && str_eq(value, S("1542409706888"))));
		CHECK(fields != 5 || (str_eq(name, S("Date")) && str_eq(value, S("Fri, 16 Nov 2018 23:08:22 GMT"))));
		fields++;
	}
	CHECK(fields == 7);
}

TEST(a_head_may_arrive_cut_at_any_two_bytes)
{
	static const char *const heads[] = { next_head, "HTTP/1.1 202 Accepted\nA: b\n\n", "HTTP/1.0 404 \r\nA: b\n\r\n",
		                                 "HTTP/1.1 200\r\n\r\n" };

	for (size_t k = 0; k < sizeof heads / sizeof *heads; k++) {
		size_t size = strlen(heads[k]);
		char room[1024];
		struct http_head h;

		memcpy(room, heads[k], size);
		memcpy(room + size, "\r\n\r\nbody", 8);
		for (size_t second = 1; second <= size + 8; second++)
			for (size_t first = 0; first < second && first < size; first++) {
				int expected = second < size ? 0 : (int)size;

				CHECK(http_head_parse(test_guarded(room, second), second, first, &h) == expected);
				CHECK(expected ? h.status && h.fields.n < size : !h.status);
			}
	}
}

TEST(whoever_does_not_start_as_http_is_no_head_from_the_first_byte_on)
{
	static const char start[] = "HTTP/1.";
	struct http_head h;

	CHECK(http_head_parse(NULL, 0, 0, &h) == 0);
	for (size_t n = 0; n < sizeof start - 1; n++) {
		char room[8];

		memcpy(room, start, n);
		for (int c = 0; c < 256; c++) {
			room[n] = (char)c;
			CHECK(parse((str){ room, n + 1 }, &h) == (room[n] == start[n] ? 0 : -1));
		}
	}
	CHECK(parse(S("SSH-2.0-OpenSSH_9.2p1\r\n"), &h) == -1);
	CHECK(parse(S("\r\nHTTP/1.1 200 OK\r\n\r\n"), &h) == -1);
	CHECK(parse(S("HTTP/2.0 200 OK\r\n"), &h) == -1);
}

TEST(a_status_line_is_version_space_three_digits)
{
	static const struct {
		const char *line;
		int status; /* 0: refused */
	} t[] = {
		{ "HTTP/1.1 200 OK", 200 },   { "HTTP/1.1 200 ", 200 },
		{ "HTTP/1.1 200", 200 },      { "HTTP/1.0 100 x y z", 100 },
		{ "HTTP/1.1 999 \t", 999 },   { "HTTP/1.1 200 \xc3\x84hnlich", 200 }, /* obs-text */
		{ "HTTP/1.1 099 OK", 0 },     { "HTTP/1.1 000 OK", 0 },
		{ "HTTP/1.1 20 OK", 0 },      { "HTTP/1.1 2000 OK", 0 },
		{ "HTTP/1.1 200OK", 0 },      { "HTTP/1.1 +20 OK", 0 },
		{ "HTTP/1.1 -20 OK", 0 },     { "HTTP/1.1  200 OK", 0 },
		{ "HTTP/1.1\t200 OK", 0 },    { "HTTP/1.1 200\tOK", 0 },
		{ "HTTP/1.1 200 O\x01K", 0 }, { "HTTP/1.1 200 O\x7fK", 0 },
		{ "HTTP/1.1 200 O\rK", 0 },   { "HTTP/1.1 2x0 OK", 0 },
		{ "HTTP/1.2 200 OK", 0 },     { "HTTP/1. 200 OK", 0 },
		{ "HTTP/1.10 200 OK", 0 },    { "HTTP/1.1", 0 },
		{ "HTTP/1.1 ", 0 },           { "HTTP/1.1 20", 0 },
	};

	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		char room[128];
		size_t n = strlen(t[i].line);
		struct http_head h;

		for (int bare = 0; bare < 2; bare++) {
			memcpy(room, t[i].line, n);
			memcpy(room + n, bare ? "\n\n" : "\r\n\r\n", bare ? 2 : 4);
			int size = parse((str){ room, n + (bare ? 2 : 4) }, &h);

			CHECK(size == (t[i].status ? (int)n + (bare ? 2 : 4) : -1));
			CHECK(size < 0 || (h.status == t[i].status && !h.fields.n));
		}
	}
}

TEST(a_field_is_a_token_a_colon_and_visible_text)
{
	static const char *const good[] = { "A: b",          "A:b",         "A:",    "A: ", "a!#$%&'*+-.^_`|~09: x",
		                                "A: b\tc  d \t", "A: \xc3\xa4", "A: :::" };
	static const char *const bad[] = { "A",
		                               "A b: c",
		                               "A : b",
		                               " A: b",
		                               "\tA: b",
		                               ": b",
		                               "A\x01: b",
		                               "A(: b",
		                               "A: b\x01",
		                               "A: \x7f",
		                               "A: b\rc",
		                               "\x80: b",
		                               "A: b\r",
		                               "A: b\r\n folded",
		                               "A: b\r\n\tfolded",
		                               "A: b\r\n : c",
		                               "[: b",
		                               "{: b",
		                               "@: b" };
	struct http_head h;

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		CHECK(accepts(good[i], &h));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK(!accepts(bad[i], &h));
	CHECK(parse(S("HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n"), &h) == -1);
	CHECK(parse(S("HTTP/1.1 200 OK\r\nA\0: b\r\n\r\n"), &h) == -1);
	CHECK(parse(S("HTTP/1.1 200 \0\r\n\r\n"), &h) == -1);
}

TEST(every_byte_counts_wherever_it_stands)
{
	static const char head[] =
		"HTTP/1.1 200 A long reason phrase\r\nA-Name-Of-Some-Length: a value of some length, too\r\n\r\n";
	static const char tokens[] = "!#$%&'*+-.^_`|~";
	struct http_head h;
	char room[sizeof head];

	for (size_t at = 13; at < sizeof head - 5; at++)
		for (int c = 0; c < 256; c++) {
			bool name = at >= 35 && at < 57, letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
			bool good = name ? letter || (c >= '0' && c <= '9') || (c && strchr(tokens, c)) || (c == ':' && at > 35)
			                 : (c >= ' ' && c != 0x7f) || c == '\t';

			if (memchr("\r\n:", head[at], 3) || c == '\r' || c == '\n')
				continue; /* that would be another head */
			memcpy(room, head, sizeof head);
			room[at] = (char)c;
			CHECK(parse((str){ room, sizeof head - 1 }, &h) == (good ? (int)sizeof head - 1 : -1));
		}
}

TEST(fields_are_given_as_sent_without_surrounding_space)
{
	static const char head[] = "HTTP/1.1 200 OK\r\nX-One:  a b \t\r\nx-TWO:\nThree:\tc:d\r\n\r\nFour: no\r\n";
	struct http_head h;
	str name, value;

	CHECK(parse((str){ head, sizeof head - 1 }, &h) == (int)sizeof head - 1 - 10);
	CHECK(http_field_next(&h.fields, &name, &value) && str_eq(name, S("X-One")) && str_eq(value, S("a b")));
	CHECK(http_field_next(&h.fields, &name, &value) && str_eq(name, S("x-TWO")) && !value.n);
	CHECK(http_field_next(&h.fields, &name, &value) && str_eq(name, S("Three")) && str_eq(value, S("c:d")));
	CHECK(!http_field_next(&h.fields, &name, &value));
	CHECK(!http_field_next(&h.fields, &name, &value));
}

TEST(a_length_is_digits_that_agree_with_themselves)
{
	static const char *const bad[] = { "Content-Length: -1",
		                               "Content-Length: +1",
		                               "Content-Length: 1 2",
		                               "Content-Length: 1, 2",
		                               "Content-Length: 1, 1",
		                               "Content-Length:",
		                               "Content-Length: 0x10",
		                               "Content-Length: 1e3",
		                               "Content-Length: 9223372036854775808",
		                               "Content-Length: 18446744073709551617",
		                               "Content-Length: 99999999999999999999",
		                               "Content-Length: 5\r\nContent-Length: 6",
		                               "Content-Length: 5\r\nX: y\r\ncontent-length: 0",
		                               "Content-Length: 5\r\nContent-Length: -5" };
	struct http_head h;

	CHECK(accepts("Content-Length: 0", &h) && h.sized && h.length == 0);
	CHECK(accepts("CONTENT-LENGTH:5", &h) && h.sized && h.length == 5);
	CHECK(accepts("content-length: \t 0005 \t", &h) && h.length == 5);
	CHECK(accepts("Content-Length: 9223372036854775807", &h) && h.length == INT64_MAX);
	CHECK(accepts("Content-Length: 5\r\nContent-Length: 05", &h) && h.length == 5);
	CHECK(accepts("X-Content-Length: -1\r\nContent-Lengt: -1\r\nContent-Length-: -1", &h) && !h.sized);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK(!accepts(bad[i], &h));
}

TEST(the_only_coding_is_chunked_once_and_without_a_length)
{
	static const char *const bad[] = { "Transfer-Encoding: gzip, chunked",
		                               "Transfer-Encoding: chunked, gzip",
		                               "Transfer-Encoding: identity",
		                               "Transfer-Encoding:",
		                               "Transfer-Encoding: chunked;q=1",
		                               "Transfer-Encoding: xchunked",
		                               "Transfer-Encoding: chunked,",
		                               "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
		                               "Transfer-Encoding: chunked\r\nContent-Length: 5",
		                               "Content-Length: 5\r\nTransfer-Encoding: chunked" };
	struct http_head h;

	CHECK(accepts("Transfer-Encoding: chunked", &h) && h.chunked && !h.sized);
	CHECK(accepts("TRANSFER-ENCODING:\tChUnKeD ", &h) && h.chunked);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK(!accepts(bad[i], &h));
}

TEST(close_wins_over_keep_alive_in_any_list)
{
	static const struct {
		const char *lines;
		bool close;
	} t[] = {
		{ "A: b", false },
		{ "Connection: close", true },
		{ "CONNECTION: CLOSE", true },
		{ "Connection: keep-alive", false },
		{ "Connection: keep-alive, close", true },
		{ "Connection: close, keep-alive", true },
		{ "Connection: close\r\nConnection: keep-alive", true },
		{ "Connection: keep-alive\r\nConnection: x, close ,y", true },
		{ "Connection:,,\t close,", true },
		{ "Connection: closed", false },
		{ "Connection: not close", false },
		{ "Connection: Upgrade, \"close\"", false },
		{ "Connection:", false },
	};
	struct http_head h;

	for (size_t i = 0; i < sizeof t / sizeof *t; i++)
		CHECK(accepts(t[i].lines, &h) && h.close == t[i].close);
}

TEST(http_1_0_ends_with_its_reply_unless_it_says_keep_alive)
{
	struct http_head h;

	CHECK(parse(S("HTTP/1.0 200 OK\r\n\r\n"), &h) > 0 && h.close);
	CHECK(parse(S("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n"), &h) > 0 && !h.close &&
	      h.sized);
	CHECK(parse(S("HTTP/1.0 200 OK\r\nConnection: keep-alive, close\r\n\r\n"), &h) > 0 && h.close);
	CHECK(parse(S("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n"), &h) > 0 &&
	      h.close);
	CHECK(parse(S("HTTP/1.1 200 OK\r\n\r\n"), &h) > 0 && !h.close);
}

TEST(a_head_of_64_kib_is_read_and_one_byte_more_is_not)
{
	static char room[HTTP_HEAD_MAX + 64];
	struct http_head h;

	for (size_t size = HTTP_HEAD_MAX - 2; size <= HTTP_HEAD_MAX + 2; size++) {
		memset(room, 'x', sizeof room);
		memcpy(room, "HTTP/1.1 200 OK\r\nA: ", 20);
		memcpy(room + size - 4, "\r\n\r\n", 4);
		for (size_t n = HTTP_HEAD_MAX - 6; n <= HTTP_HEAD_MAX + 6; n++) {
			int expected = size > HTTP_HEAD_MAX ? (n >= HTTP_HEAD_MAX ? -1 : 0) : n < size ? 0 : (int)size;

			CHECK(http_head_parse(test_guarded(room, n), n, 0, &h) == expected);
		}
	}
}

TEST(ten_thousand_fields_are_only_fields)
{
	static char room[HTTP_HEAD_MAX];
	struct http_head h;
	str name, value;
	size_t n = 17, fields = 0;

	memcpy(room, "HTTP/1.1 200 OK\r\n", 17);
	for (; n + 5 + 1 < sizeof room; n += 5)
		memcpy(room + n, "a:b\r\n", 5);
	room[n++] = '\n';
	CHECK(parse((str){ room, n }, &h) == (int)n);
	while (http_field_next(&h.fields, &name, &value))
		fields++;
	CHECK(fields == (n - 18) / 5);
}
