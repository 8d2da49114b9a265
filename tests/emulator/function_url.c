// SPDX-License-Identifier: MIT
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "call.h"
#include "json.h"
#include "url_event.h"

static void peer_ip(struct http_conn *conn, char to[static INET6_ADDRSTRLEN])
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} a;
	socklen_t n = sizeof a;

	memcpy(to, "127.0.0.1", 10);
	if (getpeername(conn->io.fd, &a.any, &n))
		return;
	inet_ntop(a.any.sa_family, a.any.sa_family == AF_INET ? (void *)&a.v4.sin_addr : (void *)&a.v6.sin6_addr, to,
	          INET6_ADDRSTRLEN);
}

static void reply(struct call *call, struct http_conn *conn)
{
	struct invocation *inv = &call->inv;
	struct buf fields = { 0 };
	struct url_reply r = { .why = "" };

	if (inv->outcome == INVOCATION_ANSWERED)
		url_reply_read(&r, inv->response.p ? inv->response.p : "", inv->response.n);
	call->why = inv->outcome == INVOCATION_ANSWERED ? r.why : NULL;
	call->status = r.why ? (inv->outcome == INVOCATION_CANCELLED ? 503 : 502) : r.status;
	buf_printf(&fields, "%sx-amzn-RequestId: %s\r\nX-Amzn-Trace-Id: %s\r\n",
	           r.why ? "Content-Type: application/json\r\n" : r.fields.p, call->id, call->trace);
	if (r.why) {
		static const char message[] = "{\"message\":\"Internal Server Error\"}";
		call_answer(conn, call->status, fields.p, message, sizeof message - 1);
	} else {
		call_answer(conn, call->status, fields.p, r.body.p, r.body.n);
	}
	buf_free(&fields);
	url_reply_free(&r);
}

void function_url(struct http_conn *conn)
{
	const struct http_request *r = &conn->request;
	char ip[INET6_ADDRSTRLEN], *what = must_print("%s %s", r->method, r->target);
	struct url_caller caller = { .source_ip = ip, .port = conn->server->port };
	struct call *call = call_new(conn, what, reply);

	peer_ip(conn, ip);
	caller.function = call->callers->function_name;
	caller.trace = call->trace;
	caller.wall_ms = call->wall_ms;
	caller.request_id = call->id;
	url_event(&call->event, r, &caller);
	if (call->event.n <= INVOCATION_PAYLOAD_MAX) {
		call_start(call);
	} else {
		call_leave(call);
		call_refuse(conn, what, 413, "RequestTooLargeException",
		            "Request must be smaller than 6291556 bytes, as an event");
		call_free(call);
	}
	free(what);
}
