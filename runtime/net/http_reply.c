// SPDX-License-Identifier: MIT
#include "net/http.h"

#include <string.h>

#define INTERIM_MAX 100 /* 1xx replies before the one that counts: a peer that sends only those is not waited for */

/*
 * room:  | head | decoded body | raw bytes not yet decoded |      free      |
 *               body           raw                         end             cap
 *
 * Raw bytes are decoded in place, always downwards, so nothing is ever overtaken. Only framing separates body from raw, and framing
 * before the first byte of data moves the body's start instead: a body by length or in one chunk is never moved.
 */
struct reading {
	struct stream *s;
	char *room;
	size_t cap, end;
	int64_t deadline;
};

/* More bytes behind end; false in *more is the peer's end. */
static enum err more_bytes(struct reading *r, bool *more)
{
	size_t got = 0;
	enum err e;

	if (r->end == r->cap)
		return ERR_TOO_LARGE;
	e = stream_read(r->s, r->room + r->end, r->cap - r->end, r->deadline, &got);
	r->end += got;
	*more = got > 0;
	return e;
}

static enum err read_head(struct reading *r, struct http_head *head, size_t *size)
{
	size_t seen = 0;

	for (;;) {
		int n = http_head_parse(r->room, r->end, seen, head);
		bool more;
		enum err e;

		if (n > 0) {
			*size = (size_t)n;
			return OK;
		}
		if (n < 0)
			return r->end >= HTTP_HEAD_MAX && !head->status ? ERR_TOO_LARGE : ERR_SYNTAX;
		seen = r->end;
		if ((e = more_bytes(r, &more)) != OK)
			return e;
		if (!more)
			return ERR_CLOSED;
	}
}

static enum err read_body(struct reading *r, size_t start, size_t body_max, struct http_reply *out)
{
	struct http_body b;
	size_t raw = start, body = start;

	http_body_start(&b, &out->head);
	if (b.framing == BODY_LENGTH && b.left > body_max)
		return ERR_TOO_LARGE;
	for (;;) {
		size_t n, made;
		enum http_body_result got;
		bool more = false;
		enum err e;

		if (body == start)
			start = body = raw += http_body_framing(&b, r->room + raw, r->end - raw);
		n = r->end - raw;
		got = http_body_feed(&b, r->room + body, r->room + raw, &n, &made);
		raw += n;
		body += made;
		out->body = (str){ r->room + start, body - start };
		if (out->body.n > body_max)
			return ERR_TOO_LARGE;
		if (got == BODY_BAD)
			return ERR_SYNTAX;
		if (got == BODY_DONE)
			break;
		r->end = raw = body; /* all raw bytes are used: decode the next ones right behind the body */
		if ((e = more_bytes(r, &more)) != OK)
			return e;
		if (!more) {
			if (b.framing != BODY_CLOSE)
				return ERR_CLOSED;
			out->head.close = true;
			return OK;
		}
	}
	if (raw != r->end)
		out->head.close = true; /* bytes nobody asked for: what follows cannot be trusted */
	return OK;
}

enum err http_read_reply(struct stream *s, char *room, size_t cap, size_t body_max, int64_t deadline,
                         struct http_reply *out)
{
	struct reading r = { .s = s, .room = room, .cap = cap, .deadline = deadline };
	size_t size = 0;
	int interim = 0;
	enum err e;

	*out = (struct http_reply){ 0 };
	while ((e = read_head(&r, &out->head, &size)) == OK && out->head.status / 100 == 1) {
		if (out->head.status == 101 || ++interim > INTERIM_MAX) { /* nobody asked for another protocol */
			e = ERR_SYNTAX;
			break;
		}
		memmove(room, room + size, r.end -= size);
	}
	if (e == OK)
		e = read_body(&r, size, body_max, out);
	if (e != OK || out->head.close)
		stream_close(s);
	return e;
}
