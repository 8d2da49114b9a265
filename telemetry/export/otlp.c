// SPDX-License-Identifier: MIT
#include "base/clock.h"
#include "base/late.h"
#include "base/late.h"
#include "diag.h"
#include "export/envelope.h"
#include "export/otlp_reply.h"
#include "export/otlp_request.h"
#include "export/ship.h"
#include "net/http.h"

/*
 * OTLP/HTTP, binary protobuf (OTLP 1.11, "OTLP/HTTP"). One connection, kept while the peer keeps it. A batch is sent once: what the receiver does not take
 * is counted and gone. Only a connection that was left over from an earlier invocation and broke before a reply may have been dead all
 * along: then the batch goes again, once, on a new one; OTLP allows the duplicate.
 */
#define BODY_BYTES_MAX 65536    /* of a reply; the head has HTTP_HEAD_MAX */
#define LONGEST_NS 900000000000 /* no invocation is longer: the end of waiting where no deadline was given */
#define MESSAGE_BYTES_MAX 256   /* of what the receiver says */

static struct {
	enum { UNKNOWN, USABLE, UNUSABLE } state;
	bool resolved;
	struct addr addr;
	struct otlp_request request;
	char what[300]; /* "otlp export to host:port" */
	size_t what_n;
} otlp LATE;

static struct stream stream = { -1 };

void otlp_forget(void)
{
	stream_close(&stream);
	otlp.state = UNKNOWN;
	otlp.resolved = false;
}

static str what(void)
{
	return (str){ otlp.what, otlp.what_n };
}

/* ---- settings, once ---- */

static void name_receiver(void)
{
	struct buf b = BUF(otlp.what);
	str authority = otlp.request.url.authority; /* a path or query may hold a key */

	buf_put(&b, S("otlp export to "));
	buf_put(&b, authority.n > 256 ? (str){ authority.p, 256 } : authority);
	otlp.what_n = b.n;
}

static bool configured(const struct batch *b)
{
	const char *problem;

	if (otlp.state == USABLE)
		return true;
	if (otlp.state == UNUSABLE) {
		b->count->dropped[DROP_ADDRESS] += b->span_count; /* said the first time */
		return false;
	}
	if (!otlp_request_make(&otlp.request, b->out, REGION_OUT_BYTES, &problem)) {
		otlp.state = UNUSABLE;
		ship_dropped(b, DROP_ADDRESS, b->span_count, S("otlp export"), str_of(problem));
		return false;
	}
	name_receiver();
	otlp.state = USABLE;
	return true;
}

/* ---- one exchange ---- */

static enum err connect_to(int64_t deadline)
{
	enum err e;

	if (!otlp.resolved && (e = addr_resolve(otlp.request.url.host, otlp.request.url.port, &otlp.addr)) != OK)
		return e;
	otlp.resolved = true;
	return stream_connect(&stream, &otlp.addr, deadline);
}

static enum err send_batch(const struct envelope *e, int64_t deadline)
{
	char digits[32];
	struct buf length = BUF(digits);
	struct iovec iov[2 + ENVELOPE_PARTS];

	buf_u64(&length, e->n);
	buf_put(&length, S("\r\n\r\n"));
	iov[0] = (struct iovec){ otlp.request.head, otlp.request.head_n };
	iov[1] = (struct iovec){ length.p, length.n };
	for (int i = 0; i < ENVELOPE_PARTS; i++)
		iov[2 + i] = (struct iovec){ (char *)e->parts[i].p, e->parts[i].n };
	return stream_write(&stream, iov, 2 + ENVELOPE_PARTS, deadline);
}

/* A peer that refuses early answers and closes while we still write: its reply may be there all the same. */
static enum err exchange(const struct batch *b, const struct envelope *e, int64_t deadline, struct http_reply *reply)
{
	enum err sent = send_batch(e, deadline), got = sent;

	*reply = (struct http_reply){ 0 };
	if (sent == OK || sent == ERR_CLOSED)
		got = http_read_reply(&stream, b->out, REGION_OUT_BYTES, BODY_BYTES_MAX, deadline, reply);
	if (got != OK || sent != OK)
		stream_close(&stream);
	return got;
}

static enum err export(const struct batch *b, const struct envelope *e, int64_t deadline, struct http_reply *reply) {
	bool kept = stream.fd >= 0 && !stream_stale(&stream); enum err failed;

	*reply = (struct http_reply){ 0 }; if (kept){ failed = exchange(b, e, deadline, reply);
	                                              if (failed != ERR_CLOSED || reply->head.status) return failed; }
stream_close(&stream);
if ((failed = connect_to(deadline)) != OK)
	return failed;
return exchange(b, e, deadline, reply);
}

/* ---- what it means ---- */

static enum drop drop_reason(enum err e)
{
	switch (e) {
	case ERR_ADDRESS:
	case ERR_HOST:      return DROP_ADDRESS;
	case ERR_CONNECT:   return DROP_CONNECT;
	case ERR_TIMEOUT:   return DROP_TIMEOUT;
	case ERR_CLOSED:    return DROP_CLOSED;
	case ERR_SYNTAX:
	case ERR_TOO_LARGE: return DROP_REPLY;
	default:            return DROP_WRITE;
	}
}

static bool is_protobuf(const struct http_reply *reply)
{
	str fields = reply->head.fields, name, value, type, parameters;

	while (http_field_next(&fields, &name, &value))
		if (str_ieq(name, S("content-type"))) {
			str_cut(value, ';', &type, &parameters);
			return str_ieq(str_trim(type), S("application/x-protobuf"));
		}
	return true; /* the type of the request, when the reply does not say (OTLP/HTTP response) */
}

static void refused(const struct batch *b, int status)
{
	char text[32];
	struct buf cause = BUF(text);

	buf_put(&cause, S("refused, status "));
	buf_u64(&cause, (uint64_t)status);
	ship_dropped(b, DROP_STATUS, b->span_count, what(), buf_str(&cause));
}

static void rejected(const struct batch *b, size_t n, const struct otlp_reply *said)
{
	char text[MESSAGE_BYTES_MAX + 32];
	struct buf cause = BUF(text);

	b->count->delivered += b->span_count - n;
	buf_put(&cause, S("rejected by the receiver"));
	if (said->message.n)
		buf_put(&cause, S(": "));
	buf_put(&cause, buf_str(&said->message));
	ship_dropped(b, DROP_REJECTED, n, what(), buf_str(&cause));
}

static void warned(const struct otlp_reply *said)
{
	struct diag d;
	struct buf *b = diag_open(&d, DIAG_WARN);

	buf_put(b, what());
	buf_put(b, S(": all spans were taken, with a warning: "));
	buf_put(b, buf_str(&said->message));
	diag_close(&d);
}

/* 2xx. A receiver that answers in another type than it was asked in has still taken the batch; one that says more than there was did not mean it. */
static void accepted(const struct batch *b, const struct http_reply *reply)
{
	char room[MESSAGE_BYTES_MAX];
	struct otlp_reply said = { .message = BUF(room) };

	if (is_protobuf(reply) && !otlp_reply_read(reply->body, &said)) {
		ship_dropped(b, DROP_REPLY, b->span_count, what(), S("2xx with a body that is no ExportTraceServiceResponse"));
		return;
	}
	if (said.rejected) {
		rejected(b, said.rejected > b->span_count ? b->span_count : (size_t)said.rejected, &said);
		return;
	}
	b->count->delivered += b->span_count;
	if (said.message.n)
		warned(&said);
}

void otlp_ship(const struct batch *b, int64_t deadline)
{
	struct http_reply reply;
	struct envelope e;
	int64_t now = clock_mono_ns(), limit;
	enum err failed;

	if (!configured(b))
		return;
	limit = now + (otlp.request.timeout_ns ? otlp.request.timeout_ns : LONGEST_NS);
	envelope_make(&e, b->resource, b->spans);
	failed = export(b, &e, deadline < limit ? deadline : limit, &reply);
	if (reply.head.status && reply.head.status / 100 != 2)
		refused(b, reply.head.status);
	else if (failed != OK)
		ship_dropped(b, drop_reason(failed), b->span_count, what(), str_of(err_text(failed)));
	else
		accepted(b, &reply);
	if (failed == ERR_HOST)
		otlp.state = UNUSABLE; /* no later try can end otherwise */
}
