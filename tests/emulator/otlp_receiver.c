// SPDX-License-Identifier: MIT
#include "otlp_receiver.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gunzip.h"
#include "otlp_decode.h"

enum {
	BODY_MOST = 8 << 20, // of one request; decoding multiplies it
	DRIP_NS = 20 * 1000 * 1000,
};

static const char reply_type[] = "Content-Type: application/x-protobuf\r\n";

static struct otlp_request *add_request(struct http_conn *c)
{
	struct otlp_receiver *r = c->server->owner;
	struct otlp_request *q = must_alloc(1, sizeof *q);
	const struct http_request *http = &c->request;

	r->requests = must_grow(r->requests, r->n + 1, sizeof(struct otlp_request *));
	r->requests[r->n++] = q;
	q->number = (unsigned)r->n;
	q->connection = (unsigned)(uintptr_t)c->data;
	q->accepted_ns = c->accepted_ns;
	q->first_ns = http->first_ns;
	q->last_ns = http->last_ns;
	if (http->method) {
		buf_printf(&q->head, "%s %s %s\r\n", http->method, http->target, http->version);
		for (size_t i = 0; i < http->header_count; i++)
			buf_printf(&q->head, "%s: %s\r\n", http->headers[i].name, http->headers[i].value);
	}
	return q;
}

static int refuse(struct otlp_request *q, int status, const char *complaint)
{
	q->complaint = complaint;
	return status;
}

static int judge_body(struct otlp_request *q, const char *encoding)
{
	struct buf plain = { 0 };
	struct otlp o;
	const char *why;

	if (encoding && !strcasecmp(encoding, "gzip")) {
		if (!gunzip(&plain, q->body.p, q->body.n, &why)) {
			buf_free(&plain);
			return refuse(q, 400, why);
		}
		buf_free(&q->body);
		q->body = plain;
	} else if (encoding && strcasecmp(encoding, "identity") != 0) {
		return refuse(q, 415, "its Content-Encoding is not gzip or identity");
	}
	bool ok = otlp_decode(&o, q->kind, (struct slice){ q->body.p ? q->body.p : "", q->body.n });
	otlp_free(&o);
	return ok ? 200 : refuse(q, 400, o.error);
}

// What a collector answers; the OTLP rules are otel.md A.3, the rest is HTTP.
static int judge(struct otlp_request *q, const struct http_request *http)
{
	const char *type = http_header(http, "content-type");

	if (!otlp_kind_of_path(http->target, &q->kind))
		return refuse(q, 404, "its path is none of /v1/traces, /v1/metrics, /v1/logs");
	if (strcmp(http->method, "POST") != 0)
		return refuse(q, 405, "its method is not POST");
	if (http->flaw_count)
		return refuse(q, 400, http->flaws[0]);
	if (http_header_count(http, "host") != 1)
		return refuse(q, 400, "it has no Host field, or several");
	if (!type || strcasecmp(type, "application/x-protobuf") != 0)
		return refuse(q, 415, "its Content-Type is not application/x-protobuf");
	return judge_body(q, http_header(http, "content-encoding"));
}

static void answered(struct http_conn *c, void *arg)
{
	struct otlp_request *q = arg;

	(void)c;
	q->answered_ns = clock_ns();
}

static void finish(struct http_conn *c, struct otlp_request *q)
{
	http_call(c, answered, q);
	http_finish(c);
}

static void send_text(struct http_conn *c, const char *text)
{
	http_send(c, text, strlen(text));
}

static void answer(struct http_conn *c, struct otlp_request *q, int status, const char *body, size_t n)
{
	struct buf b = { 0 };
	char date[32];

	http_date(date);
	buf_printf(&b, "HTTP/1.1 %d %s\r\n%sDate: %s\r\nContent-Length: %zu\r\n\r\n", status, http_reason(status),
	           reply_type, date, n);
	buf_add(&b, body, n);
	q->status = status;
	http_send(c, b.p, b.n);
	buf_free(&b);
	finish(c, q);
}

static void pour(struct http_conn *c, void *arg)
{
	static const char chunk[] = "10\r\nmore and more...\r\n";

	http_send(c, chunk, sizeof chunk - 1);
	http_pause(c, NS_PER_MS / 10);
	http_call(c, pour, arg);
}

static void drip(struct http_conn *c)
{
	static const char reply[] = "HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n";

	for (const char *p = reply; *p; p++) {
		http_send(c, p, 1);
		http_pause(c, DRIP_NS);
	}
}

// Export...ServiceResponse { partial_success { rejected_spans, error_message } }
static void answer_partial(struct http_conn *c, struct otlp_request *q, unsigned rejected)
{
	static const char message[] = "the emulator was told to reject some";
	struct buf inner = { 0 }, outer = { 0 };

	buf_add(&inner, "\x08", 1);
	for (; rejected >= 0x80; rejected >>= 7)
		buf_add(&inner, &(char){ (char)(rejected | 0x80) }, 1);
	buf_add(&inner, &(char){ (char)rejected }, 1);
	buf_add(&inner, "\x12", 1);
	buf_add(&inner, &(char){ sizeof message - 1 }, 1);
	buf_add(&inner, message, sizeof message - 1);
	buf_add(&outer, "\x0a", 1);
	buf_add(&outer, &(char){ (char)inner.n }, 1);
	buf_add(&outer, inner.p, inner.n);
	answer(c, q, 200, outer.p, outer.n);
	buf_free(&inner);
	buf_free(&outer);
}

static void misbehave(struct http_conn *c, struct otlp_request *q, struct otlp_fault fault)
{
	switch (fault.kind) {
	case OTLP_FAULT_SLOW:
		http_pause(c, (uint64_t)fault.n * NS_PER_MS);
		answer(c, q, 200, "", 0);
		break;
	case OTLP_FAULT_STATUS: answer(c, q, (int)fault.n, "", 0); break;
	case OTLP_FAULT_CLOSE:
	case OTLP_FAULT_EARLY:  http_drop(c, HTTP_END_FIN); break;
	case OTLP_FAULT_RESET:  http_drop(c, HTTP_END_RST); break;
	case OTLP_FAULT_GARBAGE:
		send_text(c, "220 mail.example ESMTP\r\n\x01\x02\x03 what did you expect?\r\n\r\n");
		finish(c, q);
		break;
	case OTLP_FAULT_PARTIAL: answer_partial(c, q, fault.n); break;
	case OTLP_FAULT_DRIP:
		q->status = 200;
		drip(c);
		finish(c, q);
		break;
	case OTLP_FAULT_CUT:
		send_text(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789");
		http_end(c, HTTP_END_FIN);
		http_finish(c);
		break;
	case OTLP_FAULT_ENDLESS:
		send_text(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
		http_call(c, pour, NULL);
		http_finish(c);
		break;
	case OTLP_FAULT_CHUNKED:
		q->status = 200;
		send_text(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n\n\r\n");
		http_pause(c, NS_PER_MS);
		send_text(
			c,
			"3;ext=1\r\n\x04\x12\x02\r\n2\r\n"); // partial_success { error_message: "ok" }: a remark, nothing rejected
		http_pause(c, NS_PER_MS);
		send_text(c, "ok\r\n0\r\n\r\n");
		finish(c, q);
		break;
	case OTLP_FAULT_GOODBYE:
		q->status = 200;
		send_text(c, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
		http_call(c, answered, q);
		http_end(c, HTTP_END_FIN);
		http_finish(c);
		break;
	case OTLP_FAULT_SILENT:
	case OTLP_FAULT_REFUSE:
	case OTLP_FAULT_NONE:   break;
	}
}

static void on_request(struct http_conn *c)
{
	struct otlp_receiver *r = c->server->owner;
	struct otlp_request *q = add_request(c);
	struct otlp_fault fault = otlp_fault_for(r->faults, q->number);

	q->complete = true;
	buf_add(&q->body, c->request.body, c->request.body_n);
	int status = judge(q, &c->request);
	if (!q->complaint && r->received)
		r->received(r, q);
	if (fault.kind)
		misbehave(c, q, fault);
	else
		answer(c, q, status, q->complaint ? q->complaint : "", q->complaint ? strlen(q->complaint) : 0);
}

static void on_head(struct http_conn *c)
{
	struct otlp_receiver *r = c->server->owner;

	if (otlp_fault_for(r->faults, (unsigned)r->n + 1).kind == OTLP_FAULT_EARLY) {
		add_request(c);
		http_drop(c, HTTP_END_FIN);
	}
}

static void on_bad(struct http_conn *c)
{
	struct otlp_request *q = add_request(c);

	q->complaint = c->request.bad;
	q->status = 400;
}

static void on_accept(struct http_conn *c)
{
	struct otlp_receiver *r = c->server->owner;

	c->data = (void *)(uintptr_t)++r->connections;
}

// A port that refuses: bound, so that nobody else takes it, and never listened on.
static bool occupy(struct otlp_receiver *r, uint16_t port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		                     .sin_port = htons(port),
		                     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof a;

	r->refusing = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (r->refusing < 0)
		return false;
	if (bind(r->refusing, (struct sockaddr *)&a, n) || getsockname(r->refusing, (struct sockaddr *)&a, &n)) {
		int why = errno;
		close(r->refusing);
		r->refusing = 0;
		errno = why;
		return false;
	}
	r->server.port = ntohs(a.sin_port);
	return true;
}

bool otlp_receiver_open(struct otlp_receiver *r, uint16_t port)
{
	r->server = (struct http_server){
		.loop = r->loop,
		.owner = r,
		.accepted = on_accept,
		.head = on_head,
		.request = on_request,
		.bad = on_bad,
		.body_max = BODY_MOST,
	};
	if (otlp_faults_refuse(r->faults) ? !occupy(r, port) : !http_listen(&r->server, "127.0.0.1", port))
		return false;
	snprintf(r->endpoint, sizeof r->endpoint, "http://127.0.0.1:%u", r->server.port);
	return true;
}

void otlp_receiver_close(struct otlp_receiver *r)
{
	if (r->refusing > 0)
		close(r->refusing);
	r->refusing = 0;
	http_server_close(&r->server);
}

void otlp_receiver_forget(struct otlp_receiver *r)
{
	for (; r->forgotten < r->n; r->forgotten++) {
		buf_free(&r->requests[r->forgotten]->head);
		buf_free(&r->requests[r->forgotten]->body);
	}
}

void otlp_receiver_free(struct otlp_receiver *r)
{
	otlp_receiver_forget(r);
	for (size_t i = 0; i < r->n; i++)
		free(r->requests[i]);
	free(r->requests);
	r->requests = NULL;
	r->n = r->forgotten = 0;
}

void otlp_receiver_json(const struct otlp_receiver *r, struct buf *to, const char *key)
{
	json_open(to, key, '[');
	for (size_t i = 0; i < r->n; i++) {
		const struct otlp_request *q = r->requests[i];
		json_open(to, NULL, '{');
		json_u64(to, "number", q->number);
		json_u64(to, "connection", q->connection);
		json_u64(to, "accepted_ns", q->accepted_ns);
		json_u64(to, "first_ns", q->first_ns);
		json_u64(to, "last_ns", q->last_ns);
		json_u64(to, "answered_ns", q->answered_ns);
		json_string(to, "head", q->head.p, q->head.n);
		json_base64(to, "body", q->body.p, q->body.n);
		json_bool(to, "complete", q->complete);
		json_u64(to, "status", (uint64_t)q->status);
		json_cstr(to, "complaint", q->complaint);
		json_close(to, '}');
	}
	json_close(to, ']');
}
