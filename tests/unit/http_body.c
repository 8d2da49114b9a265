// SPDX-License-Identifier: MIT
#include "net/http.h"

#include "test.h"

#include <string.h>

static const struct http_head chunked_head = { .status = 200, .chunked = true };

struct outcome {
	enum http_body_result result;
	size_t taken, made;
	char data[8192];
};

/*
 * Feeds wire in pieces that end at cuts[0..n), each piece against the guard page and decoded onto itself, as the reply reader does.
 */
static void feed_cut(const struct http_head *head, str wire, const size_t *cuts, size_t n, struct outcome *o)
{
	struct http_body b;
	size_t start = 0;

	http_body_start(&b, head);
	o->result = BODY_MORE;
	o->taken = o->made = 0;
	for (size_t i = 0; i <= n && o->result == BODY_MORE; i++) {
		size_t end = i < n ? cuts[i] : wire.n, took = end - start, made;
		char *in = test_guarded(wire.p + start, took);

		o->result = http_body_feed(&b, in, in, &took, &made);
		CHECK(took <= end - start && made <= took);
		CHECK(took == end - start || o->result != BODY_MORE);
		memcpy(o->data + o->made, in, made);
		o->made += made;
		o->taken += took;
		start = end;
	}
}

static void feed(const struct http_head *head, str wire, struct outcome *o)
{
	feed_cut(head, wire, NULL, 0, o);
}

static bool is(const struct outcome *o, enum http_body_result result, size_t taken, str data)
{
	return o->result == result && o->taken == taken && str_eq((str){ o->data, o->made }, data);
}

TEST(a_chunked_body_may_arrive_cut_at_any_two_bytes)
{
	static const char text[] = "4\r\nWiki\r\n"
							   "6;name=value;other=\"a b\"\r\npedia \r\n"
							   "00E \t;x\r\nin \r\n\r\nchunks.\r\n"
							   "000\r\nTrailer: x\r\n Folded\r\n\r\nHTTP/1.1 200 OK";
	str wire = { text, sizeof text - 1 };
	struct outcome o;

	for (size_t second = 0; second <= wire.n; second++)
		for (size_t first = 0; first <= second; first++) {
			feed_cut(&chunked_head, wire, (size_t[]){ first, second }, 2, &o);
			CHECK(is(&o, BODY_DONE, wire.n - 15, S("Wikipedia in \r\n\r\nchunks.")));
		}
}

TEST(every_beginning_of_a_chunked_body_wants_more)
{
	str wire = S("4 \r\nWiki\r\n1;e\r\n!\r\n0\r\nA: b\r\n\r\n");
	struct outcome o;

	for (size_t n = 0; n < wire.n; n++) {
		feed(&chunked_head, (str){ wire.p, n }, &o);
		CHECK(o.result == BODY_MORE && o.taken == n);
	}
	feed(&chunked_head, wire, &o);
	CHECK(is(&o, BODY_DONE, wire.n, S("Wiki!")));
}

TEST(line_ends_in_the_framing_are_cr_lf_and_nothing_else)
{
	static const char *const bad[] = {
		"1\na\r\n0\r\n\r\n", "1\r\na\n0\r\n\r\n", "1\r\na0\r\n\r\n", "1\r\na\r\r\n",        "1\r\na\r\n0\n\r\n",
		"1\r\na\r\n0\r\n\n", "0\r\nA: b\n\r\n",   "0\r\nA: b\r\n\n", "0\r\nA: b\r\r\n\r\n", "1\rxa",
		"1;x\ny\r\na\r\n",   "1;x\ry\r\na\r\n",   "0\r\n\rx",        "1\r\nab\r\n",         "\r\n",
		"\n1\r\na"
	};
	struct outcome o;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		feed(&chunked_head, str_of(bad[i]), &o);
		CHECK(o.result == BODY_BAD);
	}
}

TEST(a_chunk_size_is_hexadecimal_and_below_2_to_the_63)
{
	static const char *const bad[] = { "",
		                               " 1",
		                               "+1",
		                               "-1",
		                               "0x1",
		                               "g",
		                               "1g",
		                               "1 2",
		                               "1\t2;x",
		                               "\"1\"",
		                               ";x",
		                               "1,2",
		                               "1\xb0",
		                               "8000000000000000",
		                               "ffffffffffffffff",
		                               "10000000000000001",
		                               "7fffffffffffffff0",
		                               "00000000000000000008000000000000000" };
	static const struct {
		const char *text;
		uint64_t size;
	} good[] = { { "1", 1 },
		         { "a", 10 },
		         { "F", 15 },
		         { "0000000000000000000000005", 5 },
		         { "1 \t ", 1 },
		         { "10 ;x", 16 },
		         { "fF;", 255 },
		         { "7fffffffffffffff", INT64_MAX },
		         { "7FFFFFFFFFFFFFFF;x=\"1\"", INT64_MAX } };
	struct outcome o;
	struct http_body b;
	char wire[64];

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		size_t n = strlen(bad[i]);

		memcpy(wire, bad[i], n);
		memcpy(wire + n, "\r\n", 2);
		feed(&chunked_head, (str){ wire, n + 2 }, &o);
		CHECK(o.result == BODY_BAD);
	}
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		size_t n = strlen(good[i].text), took = n + 4, made;

		memcpy(wire, good[i].text, n);
		memcpy(wire + n, "\r\nab", 4);
		http_body_start(&b, &chunked_head);
		CHECK(http_body_feed(&b, wire, wire, &took, &made) == (good[i].size == 1 ? BODY_BAD : BODY_MORE));
		CHECK(made == (good[i].size < 2 ? good[i].size : 2) && wire[0] == 'a');
		CHECK(good[i].size < 2 || b.left == good[i].size - 2);
	}
}

TEST(a_body_that_is_done_or_bad_stays_so_and_takes_nothing)
{
	struct http_body b;
	char room[64] = "1\r\na\r\n0\r\n\r\n";
	size_t n = 11, made;

	http_body_start(&b, &chunked_head);
	CHECK(http_body_feed(&b, room, room, &n, &made) == BODY_DONE && n == 11 && made == 1);
	n = 4;
	CHECK(http_body_feed(&b, room, room, &n, &made) == BODY_DONE && !n && !made);
	CHECK(http_body_framing(&b, room, 4) == 0);
	http_body_start(&b, &chunked_head);
	n = 1;
	CHECK(http_body_feed(&b, room, (char[]){ 'x' }, &n, &made) == BODY_BAD && !made);
	n = 4;
	CHECK(http_body_feed(&b, room, (char[]){ "1\r\na" }, &n, &made) == BODY_BAD && !made);
	CHECK(http_body_framing(&b, "1\r\na", 4) == 0);
}

TEST(a_body_by_length_ends_at_its_length_wherever_it_is_cut)
{
	str wire = S("0123456789HTTP/1.1");

	for (size_t length = 0; length <= wire.n; length++) {
		struct http_head head = { .status = 200, .sized = true, .length = length };
		struct outcome o;

		for (size_t second = 0; second <= wire.n; second++)
			for (size_t first = 0; first <= second; first++) {
				feed_cut(&head, wire, (size_t[]){ first, second }, 2, &o);
				CHECK(is(&o, BODY_DONE, length, (str){ wire.p, length }));
			}
		for (size_t n = 0; n < length; n++) {
			feed(&head, (str){ wire.p, n }, &o);
			CHECK(is(&o, BODY_MORE, n, (str){ wire.p, n }));
		}
	}
}

TEST(a_length_near_2_to_the_63_is_only_far_away)
{
	struct http_head head = { .status = 200, .sized = true, .length = INT64_MAX };
	struct http_body b;
	size_t n = 4, made;
	char room[4] = "abcd";

	http_body_start(&b, &head);
	CHECK(http_body_feed(&b, room, room, &n, &made) == BODY_MORE && n == 4 && made == 4 && b.left == INT64_MAX - 4);
	CHECK(http_body_framing(&b, room, 4) == 0);
}

TEST(without_length_or_chunks_the_body_ends_with_the_connection)
{
	struct http_head head = { .status = 200 };
	struct outcome o;

	feed_cut(&head, S("any\r\n\r\nthing"), (size_t[]){ 0, 5 }, 2, &o);
	CHECK(is(&o, BODY_MORE, 12, S("any\r\n\r\nthing")));
}

TEST(some_replies_have_no_body_whatever_their_head_says)
{
	static const int statuses[] = { 100, 101, 103, 199, 204, 304 };

	for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
		struct http_head heads[] = { { .status = statuses[i] },
			                         { .status = statuses[i], .sized = true, .length = 5 },
			                         { .status = statuses[i], .chunked = true } };

		for (size_t k = 0; k < 3; k++) {
			struct outcome o;

			feed(&heads[k], S("HTTP/1.1"), &o);
			CHECK(is(&o, BODY_DONE, 0, S("")));
		}
	}
	struct http_head head = { .status = 205, .sized = true, .length = 1 };
	struct outcome o;
	feed(&head, S("x"), &o);
	CHECK(is(&o, BODY_DONE, 1, S("x")));
}

/* piece, over and over, until the parser has had enough or n bytes have gone in */
static enum http_body_result feed_endless(struct http_body *b, str piece, size_t n, size_t *data)
{
	enum http_body_result got = BODY_MORE;
	char room[64];

	*data = 0;
	for (size_t total = 0; total < n && got == BODY_MORE; total += piece.n) {
		size_t took = piece.n, made;

		got = http_body_feed(b, room, piece.p, &took, &made);
		*data += made;
	}
	return got;
}

TEST(endless_framing_ends_at_a_limit)
{
	static const struct {
		const char *start, *piece;
	} t[] = { { "1;", "x" },           { "", "0" },         { "1 ", " " },
		      { "0\r\n", "A: b\r\n" }, { "0\r\nA: ", "b" }, { "1;", "x=\"y\";" } };

	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct http_body b;
		size_t n = strlen(t[i].start), made;

		http_body_start(&b, &chunked_head);
		CHECK(http_body_feed(&b, NULL, t[i].start, &n, &made) == BODY_MORE);
		CHECK(feed_endless(&b, str_of(t[i].piece), 65000, &made) == BODY_MORE);
		CHECK(feed_endless(&b, str_of(t[i].piece), 65536, &made) == BODY_BAD);
	}
}

TEST(tiny_chunks_are_legal_and_long_extensions_on_each_are_not)
{
	struct http_body b;
	size_t data;

	http_body_start(&b, &chunked_head);
	CHECK(feed_endless(&b, S("1\r\nx\r\n"), 6 * 6291556, &data) == BODY_MORE && data == 6291556);
	http_body_start(&b, &chunked_head);
	CHECK(feed_endless(&b, S("1;chunk-signature=0123456789abcdef\r\nx\r\n"), 1 << 20, &data) == BODY_BAD);
}

TEST(framing_is_taken_up_to_the_first_byte_of_data_and_no_further)
{
	str wire = S("000a;ext\r\nHTTP/1.1\r\n\r\n0\r\nA: b\r\n\r\nrest");

	for (size_t cut = 0; cut <= 10; cut++) {
		struct http_body b;
		struct outcome o = { 0 };
		size_t took = wire.n - 10, made;

		http_body_start(&b, &chunked_head);
		CHECK(http_body_framing(&b, test_guarded(wire.p, cut), cut) == cut);
		CHECK(http_body_framing(&b, test_guarded(wire.p + cut, wire.n - cut), wire.n - cut) == 10 - cut);
		CHECK(http_body_framing(&b, wire.p + 10, wire.n - 10) == 0);
		CHECK(http_body_feed(&b, o.data, wire.p + 10, &took, &made) == BODY_DONE);
		CHECK(took == wire.n - 10 - 4 && str_eq((str){ o.data, made }, S("HTTP/1.1\r\n")));
	}
}

/* ---- against a reader that is as plain as can be: whole bodies only, line by line ---- */

static bool plain_line(str *rest, str *line)
{
	size_t n = 0;

	while (n < rest->n && rest->p[n] != '\r' && rest->p[n] != '\n')
		n++;
	if (rest->n - n < 2 || memcmp(rest->p + n, "\r\n", 2) != 0)
		return false;
	*line = (str){ rest->p, n };
	*rest = (str){ rest->p + n + 2, rest->n - n - 2 };
	return true;
}

static bool plain_size(str line, uint64_t *size)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	str number, extension;
	const char *at;

	str_cut(line, ';', &number, &extension);
	while (number.n && (number.p[number.n - 1] == ' ' || number.p[number.n - 1] == '\t'))
		number.n--;
	*size = 0;
	for (size_t i = 0; i < number.n; i++) {
		if (!(at = memchr(digits, number.p[i], 32)) || *size > INT64_MAX / 16)
			return false;
		*size = *size * 16 + (uint64_t)((at - digits) % 16);
	}
	return number.n > 0;
}

static bool plain_chunked(str wire, struct outcome *o)
{
	str rest = wire, line;
	uint64_t size;

	o->made = 0;
	do {
		if (!plain_line(&rest, &line) || !plain_size(line, &size))
			return false;
		if (size) {
			if (rest.n < 2 || size > rest.n - 2 || memcmp(rest.p + size, "\r\n", 2) != 0)
				return false;
			memcpy(o->data + o->made, rest.p, (size_t)size);
			o->made += (size_t)size;
			rest = (str){ rest.p + size + 2, rest.n - (size_t)size - 2 };
		}
	} while (size);
	do
		if (!plain_line(&rest, &line))
			return false;
	while (line.n);
	o->taken = wire.n - rest.n;
	o->result = BODY_DONE;
	return true;
}

static uint32_t dice;

static size_t roll(size_t sides)
{
	dice ^= dice << 13; /* xorshift: the same bodies in every run */
	dice ^= dice >> 17;
	dice ^= dice << 5;
	return dice % sides;
}

static size_t random_body(char *wire)
{
	static const char *const sizes[] = { "%", "0%", "000%", "% ", "%\t ;", "%;a=b", "%;\"x y\"", "%;;" };
	static const char *const trailers[] = { "", "A: b\r\n", "A:\r\nB: c\r\n", "any thing\r\n" };
	size_t n = 0;

	for (size_t left = roll(5) + 1; left--;) {
		size_t size = left ? roll(40) + 1 : 0;

		for (const char *p = sizes[roll(8)]; *p; p++) {
			if (*p != '%') {
				wire[n++] = *p;
				continue;
			}
			if (size / 16)
				wire[n++] = (char)('0' + size / 16);
			wire[n++] = "0123456789abcdef0123456789ABCDEF"[size % 16 + roll(2) * 16];
		}
		memcpy(wire + n, "\r\n", 2);
		n += 2;
		for (size_t i = 0; i < size; i++)
			wire[n++] = "ab\r\n0;"[roll(6)];
		if (size) {
			memcpy(wire + n, "\r\n", 2);
			n += 2;
		}
	}
	const char *trailer = trailers[roll(4)];
	memcpy(wire + n, trailer, strlen(trailer));
	n += strlen(trailer);
	memcpy(wire + n, "\r\nHT", 4);
	return n + 2 + roll(3);
}

TEST(random_bodies_are_read_as_a_plain_reader_reads_them)
{
	static struct outcome plain, ours;
	size_t good = 0, bad = 0;
	char wire[1024];

	dice = 2463534242;
	for (int round = 0; round < 200000; round++) {
		size_t n = random_body(wire), cuts[3];

		for (size_t mutations = roll(3); mutations--;)
			wire[roll(n)] = "\r\n0159afAF; :x"[roll(13)];
		if (!roll(4)) { /* and some lose a byte */
			size_t at = roll(n);
			memmove(wire + at, wire + at + 1, n-- - at - 1);
		}
		cuts[1] = roll(n + 1);
		cuts[0] = roll(cuts[1] + 1);
		cuts[2] = cuts[1] + roll(n - cuts[1] + 1);
		feed_cut(&chunked_head, (str){ wire, n }, cuts, 3, &ours);
		if (plain_chunked((str){ wire, n }, &plain)) {
			CHECK(is(&ours, BODY_DONE, plain.taken, (str){ plain.data, plain.made }));
			good++;
		} else {
			CHECK(ours.result != BODY_DONE);
			bad++;
		}
	}
	CHECK(good > 20000 && bad > 20000);
}
