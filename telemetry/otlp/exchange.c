// SPDX-License-Identifier: MIT
#include "otlp/exchange.h"

#include "base/clock.h"
#include "diag.h"
#include "otlp/connection.h"
#include "otlp/fields.h"

#include <string.h>

/* ---- the head ---- */

static void say_unsigned(struct receiver *r, const char *why)
{
	struct diag d;
	struct buf *b;

	if (r->said_unsigned)
		return;
	r->said_unsigned = true;
	b = diag_open(&d, DIAG_WARN);
	buf_put(b, receiver_name(r));
	buf_put(b, S(": requests go unsigned: "));
	buf_put(b, str_of(why));
	diag_close(&d);
}

static bool put_signature(struct exchange *x, struct buf *head)
{
	struct receiver *r = x->receiver;
	struct buf scratch = { .p = x->memory + EXCHANGE_BYTES / 2, .cap = EXCHANGE_BYTES / 2 };

	x->is_signed = false;
	if (!r->is_signed)
		return true;
	switch (sign_put(r, x->body, head, scratch, x->deadline, &x->signature, &x->no_keys)) {
	case SIGN_DONE:    return x->is_signed = true;
	case SIGN_WITHOUT: say_unsigned(r, x->no_keys); return true;
	case SIGN_LARGE:   x->no_keys = "headers and session token are too much to be signed"; return false;
	default:           return false;
	}
}

bool exchange_head(struct exchange *x, struct buf *head)
{
	const struct receiver *r = x->receiver;

	*head = (struct buf){ .p = x->memory, .cap = EXCHANGE_BYTES / 2 };
	buf_put(head, (str){ r->head, r->head_n });
	if (x->body->gzip)
		fields_line(head, S("Content-Encoding"), S("gzip"));
	if (!put_signature(x, head))
		return false;
	buf_put(head, S("Content-Length: "));
	buf_u64(head, x->body->n);
	buf_put(head, S("\r\n"));
	if (r->way == PROXY_FORWARD)
		buf_put(head, (str){ r->proxy.secret, r->proxy.secret_n });
	buf_put(head, S("\r\n"));
	return !head->full;
}

/* ---- one try ---- */

static enum err write_request(struct exchange *x, const struct buf *head)
{
	struct iovec iov[1 + ENVELOPE_PARTS_MAX] = { { head->p, head->n } };
	enum err e;

	memcpy(iov + 1, x->body->iov, (size_t)x->body->count * sizeof *iov);
	e = stream_write(connection_stream(x->receiver), iov, 1 + x->body->count, x->deadline);
	explicit_bzero(head->p, head->n);
	return e;
}

static void learn_time(struct exchange *x, int64_t received)
{
	str fields = x->reply.head.fields, name, value, date = { 0 };
	bool aged = false;

	while (http_field_next(&fields, &name, &value))
		if (str_ieq(name, S("date")))
			date = value;
		else if (str_ieq(name, S("age")))
			aged = true;
	skew_learn(&x->receiver->skew, date, aged, x->signature.wall_ns, received);
}

/* Of a refusal the status is enough, whatever became of its body. */
enum err exchange_reply(struct exchange *x)
{
	enum err e = http_read_reply(connection_stream(x->receiver), x->memory, EXCHANGE_BYTES, EXCHANGE_BYTES, x->deadline,
	                             &x->reply);

	if (e != OK)
		stream_close(connection_stream(x->receiver));
	if (x->reply.head.status && x->is_signed)
		learn_time(x, clock_wall_ns());
	return x->reply.head.status && x->reply.head.status / 100 != 2 ? OK : e;
}

/* A peer that refuses early answers and closes while we still write: its reply may be there all the same. */
static enum exchanged once(struct exchange *x)
{
	struct buf head;
	enum err sent;

	x->reply = (struct http_reply){ 0 };
	if (!exchange_head(x, &head))
		return EXCHANGE_UNSIGNED;
	x->failed = sent = write_request(x, &head);
	if (sent == OK || sent == ERR_CLOSED)
		x->failed = exchange_reply(x);
	if (sent != OK)
		stream_close(connection_stream(x->receiver));
	return x->failed == OK ? EXCHANGE_REPLIED : EXCHANGE_FAILED;
}

enum exchanged exchange_run(struct exchange *x)
{
	x->proxy_status = 0;
	if (connection_kept(x->receiver)) {
		enum exchanged how = once(x);

		if (how != EXCHANGE_FAILED || x->failed != ERR_CLOSED || x->reply.head.status)
			return how;
	}
	x->reply = (struct http_reply){ 0 };
	x->failed = connection_open(x->receiver, x->memory, EXCHANGE_BYTES, x->deadline, &x->proxy_status);
	return x->failed == OK ? once(x) : EXCHANGE_FAILED;
}
