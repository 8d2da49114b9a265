// SPDX-License-Identifier: MIT
#include "net/http.h"

#include "base/clock.h"
#include "lambda.h"

#include "peer.h"

#include <fcntl.h>

#define MS INT64_C(1000000)

/* A connection where each piece that is sent arrives by itself: a seqpacket socket gives one packet to each read. */
struct pieces {
	struct stream stream;
	int peer;
};

static void pieces_open(struct pieces *p)
{
	int fd[2] = { -1, -1 };

	CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fd));
	p->stream = (struct stream){ .fd = fd[0] };
	p->peer = fd[1];
}

static void pieces_send(struct pieces *p, str s)
{
	CHECK(!s.n || send(p->peer, s.p, s.n, MSG_DONTWAIT) == (ssize_t)s.n);
}

static void pieces_close(struct pieces *p)
{
	if (p->peer >= 0)
		close(p->peer);
	stream_close(&p->stream);
}

static char room[4096];

/* The wire in up to three pieces, then the peer's end. The stream is the caller's to look at. */
static enum err deliver(struct pieces *p, str wire, size_t first, size_t second, struct http_reply *out)
{
	pieces_open(p);
	pieces_send(p, (str){ wire.p, first });
	pieces_send(p, (str){ wire.p + first, second - first });
	pieces_send(p, (str){ wire.p + second, wire.n - second });
	close(p->peer);
	p->peer = -1;
	return http_read_reply(&p->stream, room, sizeof room, sizeof room, STREAM_FOREVER, out);
}

struct wire {
	str bytes, body;
	int status;
	bool open; /* afterwards */
};

#define TEXT(literal) { literal, sizeof(literal) - 1 }

static const struct wire wires[] = {
	{ TEXT("HTTP/1.1 200 OK\r\nContent-Length: 13\r\nA: b\r\n\r\n{\"hello\":\r\n1}"), TEXT("{\"hello\":\r\n1}"), 200,
	  true },
	{ TEXT("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"), TEXT(""), 202, true },
	{ TEXT("HTTP/1.1 204 No Content\nA: b\n\n"), TEXT(""), 204, true },
	{ TEXT("HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n001\r\n,\r\n06 \r\n world\r\n0\r\nT: "
	       "u\r\n\r\n"),
	  TEXT("hello, world"), 200, true },
	{ TEXT("HTTP/1.1 413 Too Large\r\nConnection: close\r\ntransfer-encoding: Chunked\r\n\r\n3\r\nbig\r\n0\r\n\r\n"),
	  TEXT("big"), 413, false },
	{ TEXT("HTTP/1.1 200 OK\r\n\r\nuntil the end"), TEXT("until the end"), 200, false },
	{ TEXT("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"), TEXT("ok"), 200, false },
	{ TEXT("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nok"), TEXT("ok"), 200, true },
	{ TEXT("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\nContent-Length: 7\r\n\r\n"
	       "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
	  TEXT("ok"), 200, true },
};

#define WIRES (sizeof wires / sizeof *wires)

TEST(a_reply_may_arrive_cut_at_any_two_bytes)
{
	for (size_t i = 0; i < WIRES; i++) {
		const struct wire *w = &wires[i];

		for (size_t second = 0; second <= w->bytes.n; second++)
			for (size_t first = 0; first <= second; first++) {
				struct pieces p;
				struct http_reply r;

				CHECK(deliver(&p, w->bytes, first, second, &r) == OK);
				CHECK(r.head.status == w->status && str_eq(r.body, w->body));
				CHECK((p.stream.fd >= 0) == w->open && r.head.close == !w->open);
				pieces_close(&p);
			}
	}
}

TEST(a_body_by_length_or_in_one_chunk_stays_where_it_arrived)
{
	static const size_t one_chunk[] = { 0, 4, 5, 6 };

	for (size_t i = 0; i < sizeof one_chunk / sizeof *one_chunk; i++) {
		const struct wire *w = &wires[one_chunk[i]];
		const char *at = memmem(w->bytes.p, w->bytes.n, w->body.p, w->body.n);

		for (size_t cut = 0; cut < w->bytes.n; cut++) {
			struct pieces p;
			struct http_reply r;

			CHECK(deliver(&p, w->bytes, cut, cut, &r) == OK);
			CHECK(r.body.p == room + (at - w->bytes.p) && str_eq(r.body, w->body));
			pieces_close(&p);
		}
	}
}

TEST(a_reply_may_arrive_byte_by_byte)
{
	for (size_t i = 0; i < WIRES; i++) {
		const struct wire *w = &wires[i];
		struct http_reply r;
		struct pieces p;

		pieces_open(&p);
		for (size_t k = 0; k < w->bytes.n; k++)
			pieces_send(&p, (str){ w->bytes.p + k, 1 });
		close(p.peer);
		p.peer = -1;
		CHECK(http_read_reply(&p.stream, room, sizeof room, sizeof room, STREAM_FOREVER, &r) == OK);
		CHECK(r.head.status == w->status && str_eq(r.body, w->body));
		pieces_close(&p);
	}
}

TEST(a_connection_that_ends_early_is_closed_at_whatever_byte)
{
	for (size_t i = 0; i < WIRES; i++) {
		const struct wire *w = &wires[i];

		if (str_eq(w->body, S("until the end")))
			continue; /* whose end nobody can tell */
		for (size_t n = 0; n < w->bytes.n; n++) {
			struct pieces p;
			struct http_reply r;

			CHECK(deliver(&p, (str){ w->bytes.p, n }, n / 2, n / 2, &r) == ERR_CLOSED);
			CHECK(p.stream.fd < 0);
			pieces_close(&p);
		}
	}
}

TEST(a_body_that_ends_with_the_connection_needs_a_whole_head)
{
	str wire = S("HTTP/1.1 200 OK\r\n\r\nbody");

	for (size_t n = 0; n <= wire.n; n++) {
		struct pieces p;
		struct http_reply r;
		enum err e = deliver(&p, (str){ wire.p, n }, 0, 0, &r);

		CHECK(e == (n < 19 ? ERR_CLOSED : OK) && p.stream.fd < 0);
		CHECK(e != OK || str_eq(r.body, (str){ wire.p + 19, n - 19 }));
		pieces_close(&p);
	}
}

TEST(what_follows_a_reply_unasked_ends_the_connection)
{
	static const char *const extra[] = { "x", "\r\n", "HTTP/1.1 200 OK\r\n\r\n" };

	for (size_t i = 0; i < WIRES; i++)
		for (size_t k = 0; k < 3; k++) {
			char wire[512];
			size_t n = wires[i].bytes.n, more = strlen(extra[k]);
			struct pieces p;
			struct http_reply r;

			if (!wires[i].open)
				continue;
			memcpy(wire, wires[i].bytes.p, n);
			memcpy(wire + n, extra[k], more);
			CHECK(deliver(&p, (str){ wire, n + more }, 0, 0, &r) == OK);
			CHECK(p.stream.fd < 0 && r.head.close);
			CHECK(r.head.status == wires[i].status && str_eq(r.body, wires[i].body));
			pieces_close(&p);
		}
}

TEST(two_replies_come_over_one_connection)
{
	struct http_reply r;
	struct pieces p;

	pieces_open(&p);
	for (int i = 0; i < 3; i++) {
		pieces_send(&p, wires[0].bytes);
		CHECK(http_read_reply(&p.stream, room, sizeof room, sizeof room, STREAM_FOREVER, &r) == OK &&
		      str_eq(r.body, wires[0].body));
		pieces_send(&p, wires[3].bytes);
		CHECK(http_read_reply(&p.stream, room, sizeof room, sizeof room, STREAM_FOREVER, &r) == OK &&
		      str_eq(r.body, wires[3].body));
	}
	CHECK(p.stream.fd >= 0);
	pieces_close(&p);
}

TEST(what_is_not_http_is_an_error_and_is_not_waited_for)
{
	static const char *const garbage[] = { "S",
		                                   "SSH-2.0-x\r\n",
		                                   "\x16\x03\x01",
		                                   "HTTP/2 200\r\n\r\n",
		                                   "HTTP/1.1 abc\r\n\r\n",
		                                   "HTTP/1.1 200 OK\r\n folded\r\n\r\n",
		                                   "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
		                                   "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
		                                   "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
		                                   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx",
		                                   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\na",
		                                   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab",
		                                   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8000000000000000\r\na",
		                                   "HTTP/1.1 101 Switching Protocols\r\n\r\n",
		                                   "HTTP/1.1 100 Continue\r\n\r\n100 Continue\r\n\r\n" };

	for (size_t i = 0; i < sizeof garbage / sizeof *garbage; i++) {
		struct http_reply r;
		struct pieces p;

		pieces_open(&p);
		pieces_send(&p, str_of(garbage[i])); /* and the connection stays open: nothing more comes */
		CHECK(http_read_reply(&p.stream, room, sizeof room, sizeof room, STREAM_FOREVER, &r) == ERR_SYNTAX);
		CHECK(p.stream.fd < 0);
		pieces_close(&p);
	}
}

TEST(interim_replies_take_no_room_and_have_an_end)
{
	str interim = S("HTTP/1.1 102 Processing\r\nA: b\r\n\r\n"),
		reply = S("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

	for (int count = 99; count <= 102; count++) {
		char *small = test_guarded(room, 64);
		struct http_reply r;
		struct pieces p;
		enum err e;

		pieces_open(&p);
		for (int i = 0; i < count; i++)
			pieces_send(&p, interim);
		pieces_send(&p, reply);
		e = http_read_reply(&p.stream, small, 64, 64, STREAM_FOREVER, &r);
		CHECK(e == (count <= 100 ? OK : ERR_SYNTAX) && (p.stream.fd >= 0) == (e == OK));
		CHECK(e != OK || str_eq(r.body, S("ok")));
		pieces_close(&p);
	}
}

/* Over a byte stream, since a packet that does not fit would be cut. */
static enum err deliver_in(size_t cap, size_t body_max, str wire, struct http_reply *r, bool *open)
{
	int fd[2] = { -1, -1 };
	struct stream s = { .fd = -1 };
	enum err e;

	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
	CHECK(write(fd[1], wire.p, wire.n) == (ssize_t)wire.n);
	close(fd[1]);
	s.fd = fd[0];
	e = http_read_reply(&s, test_guarded(room, cap), cap, body_max, STREAM_FOREVER, r);
	*open = s.fd >= 0;
	stream_close(&s);
	return e;
}

TEST(a_room_that_is_too_small_by_a_byte_is_an_error_and_is_not_overrun)
{
	for (size_t i = 0; i < WIRES; i++) {
		const struct wire *w = &wires[i];
		size_t least = 0;

		for (size_t cap = w->bytes.n + 2; cap--;) {
			struct http_reply r;
			bool open;
			enum err e = deliver_in(cap, SIZE_MAX, w->bytes, &r, &open);

			CHECK(e == OK || e == ERR_TOO_LARGE);
			CHECK(e == OK ? str_eq(r.body, w->body) && open == w->open : !open);
			CHECK(r.head.status == (e == OK ? w->status : r.head.status ? w->status : 0));
			CHECK(e != OK || !least || cap == least - 1); /* once too small, always too small */
			if (e == OK)
				least = cap;
		}
		CHECK(least && (w->status != 200 || least >= w->body.n));
		if (i == 0)
			CHECK(least == w->bytes.n); /* head and body, not a byte more */
	}
}

TEST(a_body_over_its_limit_is_an_error_with_the_head_still_there)
{
	for (size_t i = 0; i < WIRES; i++) {
		const struct wire *w = &wires[i];

		for (size_t max = 0; max <= w->body.n + 1; max++) {
			struct http_reply r;
			bool open;
			enum err e = deliver_in(1000, max, w->bytes, &r, &open);

			CHECK(e == (max < w->body.n ? ERR_TOO_LARGE : OK));
			CHECK(r.head.status == w->status && open == (e == OK && w->open));
		}
	}
	struct http_reply r;
	str name, value;
	bool open;
	CHECK(deliver_in(100, 100, S("HTTP/1.1 200 OK\r\nId: 4\r\nContent-Length: 9223372036854775807\r\n\r\nx"), &r,
	                 &open) == ERR_TOO_LARGE);
	CHECK(!open && r.head.status == 200 && http_field_next(&r.head.fields, &name, &value) && str_eq(value, S("4")));
	CHECK(deliver_in(100, 100, S("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\nxxx"), &r,
	                 &open) == ERR_CLOSED);
}

TEST(a_head_over_64_kib_is_too_large_and_has_no_status)
{
	static char big[2 * HTTP_HEAD_MAX];

	for (size_t size = HTTP_HEAD_MAX - 1; size <= HTTP_HEAD_MAX + 1; size++) {
		const struct act acts[] = SCRIPT(ACCEPT, SEND_PART(big, size), END_OF_STREAM);
		struct http_reply r;
		struct stream s = { .fd = -1 };

		memset(big, 'x', size);
		memcpy(big, "HTTP/1.1 204 OK\r\nA: ", 20);
		memcpy(big + size - 4, "\r\n\r\n", 4);
		struct peer p = peer_start(AF_INET, acts);
		CHECK(stream_connect(&s, &p.addr, STREAM_FOREVER) == OK);
		memset(big, 0, sizeof big);
		CHECK(http_read_reply(&s, big, sizeof big, 0, STREAM_FOREVER, &r) ==
		      (size <= HTTP_HEAD_MAX ? OK : ERR_TOO_LARGE));
		CHECK(r.head.status == (size <= HTTP_HEAD_MAX ? 204 : 0) && (s.fd >= 0) == (size <= HTTP_HEAD_MAX));
		stream_close(&s);
		CHECK(peer_end(&p) == 0);
	}
}

/* What the loop gives to /next. */
static char next_room[HTTP_HEAD_MAX + LAMBDA_PAYLOAD_MAX + HTTP_HEAD_MAX];

static enum err receive(const struct act *acts, struct http_reply *r)
{
	struct peer p = peer_start(AF_INET, acts);
	struct stream s = { .fd = -1 };
	enum err e;

	CHECK(stream_connect(&s, &p.addr, STREAM_FOREVER) == OK);
	e = http_read_reply(&s, next_room, sizeof next_room, LAMBDA_PAYLOAD_MAX, STREAM_FOREVER, r);
	CHECK((s.fd >= 0) == (e == OK && !r->head.close));
	stream_close(&s);
	CHECK(peer_end(&p) == 0);
	return e;
}

static bool is_full(str body)
{
	for (size_t i = 0; i < body.n; i++)
		if (body.p[i] != "0123456789abcdef"[i % 16])
			return false;
	return body.n == LAMBDA_PAYLOAD_MAX;
}

#define SIXTEEN "0123456789abcdef"
#define HEAD_64K_START "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nA: "

TEST(a_payload_of_full_size_fits_however_it_is_framed)
{
	/* 6 291 556 is 393 222 times 16 and 4; 3 072 chunks of 2 048 and one of 100; 0x600064 */
	static const struct act by_length[] = SCRIPT(ACCEPT, SEND("HTTP/1.1 200 OK\r\nContent-Length: 6291556\r\n\r\n"),
	                                             FLOOD(SIXTEEN, 393222), SEND("0123"), END_OF_STREAM);
	static const struct act one_chunk[] =
		SCRIPT(ACCEPT, SEND("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n600064\r\n"), FLOOD(SIXTEEN, 393222),
	           SEND("0123\r\n0\r\n\r\n"), END_OF_STREAM);
	static const struct act chunks[] = SCRIPT(ACCEPT, SEND("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
	                                          FLOOD("10\r\n" SIXTEEN "\r\n", 393222), SEND("4\r\n0123\r\n0\r\n\r\n"),
	                                          END_OF_STREAM);
	static const struct act to_the_end[] = SCRIPT(ACCEPT, SEND("HTTP/1.1 200 OK\r\n\r\n"), FLOOD(SIXTEEN, 393222),
	                                              SEND("0123"));
	static const struct act large_head[] = SCRIPT(ACCEPT, SEND(HEAD_64K_START),
	                                              FLOOD("x", HTTP_HEAD_MAX - sizeof HEAD_64K_START + 1 - 4),
	                                              SEND("\r\n\r\n"), FLOOD("10\r\n" SIXTEEN "\r\n", 393222),
	                                              SEND("4\r\n0123\r\n0\r\n\r\n"), END_OF_STREAM);
	static const struct act *const framings[] = { by_length, one_chunk, chunks, to_the_end, large_head };
	struct http_reply r;

	for (size_t i = 0; i < sizeof framings / sizeof *framings; i++) {
		CHECK(receive(framings[i], &r) == OK);
		CHECK(is_full(r.body) && r.head.status == 200);
	}
}

TEST(a_payload_of_one_byte_more_is_too_large_however_it_is_framed)
{
	static const struct act by_length[] = SCRIPT(ACCEPT, SEND("HTTP/1.1 200 OK\r\nContent-Length: 6291557\r\n\r\n"),
	                                             END_OF_STREAM);
	static const struct act chunks[] = SCRIPT(ACCEPT, SEND("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
	                                          FLOOD("10\r\n" SIXTEEN "\r\n", 393222), SEND("5\r\n01234\r\n0\r\n\r\n"),
	                                          END_OF_STREAM);
	static const struct act to_the_end[] = SCRIPT(ACCEPT, SEND("HTTP/1.1 200 OK\r\n\r\n"), FLOOD(SIXTEEN, 393222),
	                                              SEND("01234"));
	static const struct act endless[] = SCRIPT(ACCEPT, SEND("HTTP/1.1 200 OK\r\n\r\n"), FLOOD(SIXTEEN, 800000),
	                                           END_OF_STREAM);
	static const struct act *const framings[] = { by_length, chunks, to_the_end, endless };
	struct http_reply r;

	for (size_t i = 0; i < sizeof framings / sizeof *framings; i++)
		CHECK(receive(framings[i], &r) == ERR_TOO_LARGE && r.head.status == 200);
}

TEST(a_reply_that_stops_anywhere_is_a_timeout)
{
	for (size_t i = 0; i < WIRES; i++) {
		const struct wire *w = &wires[i];

		for (size_t n = 0; n < w->bytes.n; n += 7) {
			int64_t deadline = clock_mono_ns() + 2 * MS;
			struct http_reply r;
			struct pieces p;

			pieces_open(&p);
			fcntl(p.stream.fd, F_SETFL, O_NONBLOCK);
			pieces_send(&p, (str){ w->bytes.p, n });
			CHECK(http_read_reply(&p.stream, room, sizeof room, sizeof room, deadline, &r) == ERR_TIMEOUT);
			CHECK(clock_mono_ns() >= deadline && p.stream.fd < 0);
			pieces_close(&p);
		}
	}
}

TEST(a_reply_that_drips_for_ever_ends_at_the_deadline)
{
	/* Each is legal for as long as it lasts, and there is always something to read. */
	static const struct act head[] = SCRIPT(ACCEPT, SEND("HTTP/1.1 200 OK\r\n"), FLOOD("A", 1 << 30));
	static const struct act body[] = SCRIPT(ACCEPT, SEND("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
	                                        FLOOD("1\r\nx\r\n", 1 << 30));
	static const struct act interim[] = SCRIPT(ACCEPT, FLOOD("HTTP/1.1 102 Processing\r\n\r\n", 1 << 30));
	static const struct act *const drips[] = { head, body, interim };

	for (size_t i = 0; i < sizeof drips / sizeof *drips; i++) {
		struct peer p = peer_start(AF_INET, drips[i]);
		struct http_reply r;
		struct stream s = { .fd = -1 };
		enum err e;

		CHECK(stream_connect(&s, &p.addr, clock_mono_ns() + 5000 * MS) == OK);
		e = http_read_reply(&s, next_room, sizeof next_room, LAMBDA_PAYLOAD_MAX, clock_mono_ns() + 20 * MS, &r);
		CHECK(e == ERR_TIMEOUT || e == ERR_TOO_LARGE || e == ERR_SYNTAX);
		CHECK(s.fd < 0);
		kill(p.pid, SIGKILL);
		peer_end(&p);
	}
}
