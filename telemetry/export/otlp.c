// SPDX-License-Identifier: MIT
#include "base/clock.h"
#include "base/late.h"
#include "diag.h"
#include "encode/otlp_json.h"
#include "export/envelope.h"
#include "export/otlp_reply.h"
#include "export/otlp_request.h"
#include "export/ship.h"
#include "net/connect.h"
#include "net/http.h"

/*
 * OTLP/HTTP (OTLP 1.11, "OTLP/HTTP"), in binary protobuf or JSON. Settings are a signal's own; signals that go to the same host and port share one
 * connection, kept while the peer keeps it. A batch is sent once: what the receiver does not take is counted and gone. Only a connection that was
 * left over from an earlier invocation and broke before a reply may have been dead all along: then the batch goes again, once, on a new one;
 * OTLP allows the duplicate.
 */
#define BODY_BYTES_MAX 65536    /* of a reply; the head has HTTP_HEAD_MAX */
#define LONGEST_NS 900000000000 /* no invocation is longer: the end of waiting where no deadline was given */
#define MESSAGE_BYTES_MAX 256   /* of what the receiver says */

struct receiver {
	enum { UNKNOWN, USABLE, UNUSABLE } state;
	int connection; /* in connections: of the first signal that goes to the same place */
	struct otlp_request request;
	char what[300]; /* "otlp export to host:port" */
	size_t what_n;
};

static struct receiver receivers[SIGNALS] LATE;
static struct stream connections[SIGNALS] = { { .fd = -1 }, { .fd = -1 }, { .fd = -1 } };

void otlp_forget(void)
{
	for (int i = 0; i < SIGNALS; i++) {
		stream_close(&connections[i]);
		receivers[i].state = UNKNOWN;
	}
}

static str what(const struct receiver *r)
{
	return (str){ r->what, r->what_n };
}

/* ---- settings, once a signal ---- */

static void name_receiver(struct receiver *r)
{
	struct buf b = BUF(r->what);
	str authority = r->request.url.authority; /* a path or query may hold a key */

	buf_put(&b, S("otlp export to "));
	buf_put(&b, authority.n > 256 ? (str){ authority.p, 256 } : authority);
	r->what_n = b.n;
}

static int connection_for(enum signal signal)
{
	const struct url *url = &receivers[signal].request.url;
	int i = 0;

	for (; i < SIGNALS; i++) {
		const struct receiver *other = &receivers[i];

		if (i != (int)signal && other->state == USABLE && other->connection == i &&
		    other->request.url.port == url->port && str_eq(other->request.url.host, url->host))
			return i;
	}
	return (int)signal;
}

static bool configured(const struct batch *b, struct receiver *r)
{
	const char *problem;

	if (r->state == USABLE)
		return true;
	if (r->state == UNUSABLE) {
		ship_undelivered(b, b->items, DROP_ADDRESS, (str){ 0 }, (str){ 0 }); /* said the first time */
		return false;
	}
	if (!otlp_request_make(&r->request, b->signal, b->out, REGION_OUT_BYTES, &problem)) {
		r->state = UNUSABLE;
		ship_undelivered(b, b->items, DROP_ADDRESS, S("otlp export"), str_of(problem));
		return false;
	}
	name_receiver(r);
	r->connection = connection_for(b->signal);
	r->state = USABLE;
	return true;
}

/* ---- one exchange ---- */

struct exchange {
	const struct batch *batch;
	struct receiver *receiver;
	struct stream *stream;
	struct envelope envelope; /* unless JSON */
	int64_t deadline;
	enum err sent;
	struct http_reply reply;
};

static enum err connect_to(const struct exchange *x)
{
	const struct url *url = &x->receiver->request.url;

	return connect_host(x->stream, &dns_system, url->host, url->port, x->deadline);
}

/* What goes before the body. */
static int put_head(struct iovec iov[2], const struct receiver *r, struct buf *length, size_t n)
{
	buf_u64(length, n);
	buf_put(length, S("\r\n\r\n"));
	iov[0] = (struct iovec){ (char *)r->request.head, r->request.head_n };
	iov[1] = (struct iovec){ length->p, length->n };
	return 2;
}

static enum err send_protobuf(struct exchange *x)
{
	char digits[32];
	struct buf length = BUF(digits);
	struct iovec iov[2 + ENVELOPE_PARTS_MAX];
	int n;

	envelope_make(&x->envelope, x->batch->resource, x->batch->items);
	n = put_head(iov, x->receiver, &length, x->envelope.n);
	for (int i = 0; i < x->envelope.part_count; i++)
		iov[n++] = (struct iovec){ (char *)x->envelope.parts[i].p, x->envelope.parts[i].n };
	return stream_write(x->stream, iov, n, x->deadline);
}

static bool send_piece(struct text *t)
{
	struct exchange *x = t->to;
	struct iovec iov = { t->p, t->n };

	x->sent = stream_write(x->stream, &iov, 1, x->deadline);
	t->n = 0;
	return x->sent == OK;
}

/* Twice through the transcoder: for the length, then in pieces through out, which the head goes before. */
static enum err send_json(struct exchange *x)
{
	const struct batch *b = x->batch;
	struct text counted = { 0 }, body = { .p = b->out, .cap = REGION_OUT_BYTES, .flush = send_piece, .to = x };
	char digits[32];
	struct buf length = BUF(digits);
	struct iovec iov[2];
	int n;

	otlp_json_request(&counted, b->signal, b->resource, b->items);
	n = put_head(iov, x->receiver, &length, counted.total);
	for (int i = 0; i < n; i++)
		text_raw(&body, (str){ iov[i].iov_base, iov[i].iov_len });
	x->sent = OK;
	body.comma = false;
	otlp_json_request(&body, b->signal, b->resource, b->items);
	if (x->sent == OK)
		send_piece(&body);
	return x->sent;
}

/* A peer that refuses early answers and closes while we still write: its reply may be there all the same. */
static enum err exchange(struct exchange *x)
{
	enum err sent = x->receiver->request.json ? send_json(x) : send_protobuf(x), got = sent;

	x->reply = (struct http_reply){ 0 };
	if (sent == OK || sent == ERR_CLOSED)
		got = http_read_reply(x->stream, x->batch->out, REGION_OUT_BYTES, BODY_BYTES_MAX, x->deadline, &x->reply);
	if (got != OK || sent != OK)
		stream_close(x->stream);
	return got;
}

static enum err deliver(struct exchange *x)
{
	bool kept = x->stream->fd >= 0 && !stream_stale(x->stream);
	enum err failed;

	x->reply = (struct http_reply){ 0 };
	if (kept) {
		failed = exchange(x);
		if (failed != ERR_CLOSED || x->reply.head.status)
			return failed;
	}
	stream_close(x->stream);
	if ((failed = connect_to(x)) != OK)
		return failed;
	return exchange(x);
}

/* ---- what it means ---- */

static enum drop drop_reason(enum err e)
{
	switch (e) {
	case ERR_ADDRESS:
	case ERR_HOST:
	case ERR_NAME:      return DROP_ADDRESS;
	case ERR_RESOLVER:
	case ERR_CONNECT:   return DROP_CONNECT;
	case ERR_TIMEOUT:   return DROP_TIMEOUT;
	case ERR_CLOSED:    return DROP_CLOSED;
	case ERR_SYNTAX:
	case ERR_TOO_LARGE: return DROP_REPLY;
	default:            return DROP_WRITE;
	}
}

/* What the reply is written in; the type of the request when it does not say (OTLP/HTTP response). */
static enum { PROTOBUF, JSON, OTHER } type_of(const struct exchange *x)
{
	str fields = x->reply.head.fields, name, value, type, parameters;

	while (http_field_next(&fields, &name, &value))
		if (str_ieq(name, S("content-type"))) {
			str_cut(value, ';', &type, &parameters);
			type = str_trim(type);
			if (str_ieq(type, S("application/x-protobuf")))
				return PROTOBUF;
			return str_ieq(type, S("application/json")) ? JSON : OTHER;
		}
	return x->receiver->request.json ? JSON : PROTOBUF;
}

static void refused(const struct exchange *x, int status)
{
	char text[32];
	struct buf cause = BUF(text);

	buf_put(&cause, S("refused, status "));
	buf_u64(&cause, (uint64_t)status);
	ship_undelivered(x->batch, x->batch->items, DROP_STATUS, what(x->receiver), buf_str(&cause));
}

static void rejected(const struct exchange *x, size_t n, const struct otlp_reply *said)
{
	char text[MESSAGE_BYTES_MAX + 32];
	struct buf cause = BUF(text);

	x->batch->count->delivered += x->batch->items->count - n;
	buf_put(&cause, S("rejected by the receiver"));
	if (said->message.n)
		buf_put(&cause, S(": "));
	buf_put(&cause, buf_str(&said->message));
	ship_dropped(x->batch, DROP_REJECTED, n, what(x->receiver), buf_str(&cause));
}

static void warned(const struct exchange *x, const struct otlp_reply *said)
{
	struct diag d;
	struct buf *b = diag_open(&d, DIAG_WARN);

	buf_put(b, what(x->receiver));
	buf_put(b, S(": all "));
	buf_put(b, ship_items(x->batch->signal));
	buf_put(b, S(" were taken, with a warning: "));
	buf_put(b, buf_str(&said->message));
	diag_close(&d);
}

/* 2xx. A receiver that answers in a type that nobody asked for has still taken the batch; one that says more than there was did not mean it. */
static void accepted(const struct exchange *x)
{
	char room[MESSAGE_BYTES_MAX];
	struct otlp_reply said = { .message = BUF(room) };
	size_t all = x->batch->items->count;
	int type = (int)type_of(x);
	bool good = type == PROTOBUF ? otlp_reply_read(x->reply.body, &said)
	            : type == JSON   ? otlp_reply_read_json(x->reply.body, &said)
	                             : true;

	if (!good) {
		ship_dropped(x->batch, DROP_REPLY, all, what(x->receiver), S("2xx with a body that is no export response"));
		return;
	}
	if (said.rejected) {
		rejected(x, said.rejected > all ? all : (size_t)said.rejected, &said);
		return;
	}
	x->batch->count->delivered += all;
	if (said.message.n)
		warned(x, &said);
}

void otlp_ship(const struct batch *b, int64_t deadline)
{
	struct receiver *r = &receivers[b->signal];
	struct exchange x = { .batch = b, .receiver = r };
	int64_t limit;
	enum err failed;

	if (!configured(b, r))
		return;
	limit = clock_mono_ns() + (r->request.timeout_ns ? r->request.timeout_ns : LONGEST_NS);
	x.deadline = deadline < limit ? deadline : limit;
	x.stream = &connections[r->connection];
	failed = deliver(&x);
	if (x.reply.head.status && x.reply.head.status / 100 != 2)
		refused(&x, x.reply.head.status);
	else if (failed != OK)
		ship_undelivered(b, b->items, drop_reason(failed), what(r), str_of(err_text(failed)));
	else
		accepted(&x);
	if (failed == ERR_HOST)
		r->state = UNUSABLE; /* no later try can end otherwise */
}
