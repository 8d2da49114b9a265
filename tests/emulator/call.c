// SPDX-License-Identifier: MIT
#include "call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "ids.h"
#include "json.h"

enum { PATIENCE_NS = 20 * 1000 * 1000 };

static struct callers *callers_of(struct http_conn *conn)
{
	return conn->server->owner;
}

static bool ends_connection(const struct http_request *r)
{
	const char *connection = http_header(r, "connection");

	return !strcmp(r->version, "HTTP/1.0") || (connection && strcasestr(connection, "close"));
}

void call_answer(struct http_conn *conn, int status, const char *fields, const void *body, size_t n)
{
	bool end = ends_connection(&conn->request), bare = status == 204 || status == 304;
	struct buf b = { 0 };
	char date[32];

	http_date(date);
	buf_printf(&b, "HTTP/1.1 %d %s\r\n%sDate: %s\r\n", status, http_reason(status), fields, date);
	if (!bare)
		buf_printf(&b, "Content-Length: %zu\r\n", n);
	buf_printf(&b, "%s\r\n", end ? "Connection: close\r\n" : "");
	if (!bare && strcmp(conn->request.method, "HEAD") != 0)
		buf_add(&b, body, n);
	http_send(conn, b.p, b.n);
	buf_free(&b);
	if (end)
		http_end(conn, HTTP_END_FIN);
	http_finish(conn);
}

void call_refuse(struct http_conn *conn, const char *what, int status, const char *type, const char *why)
{
	struct callers *c = callers_of(conn);
	struct buf fields = { 0 }, body = { 0 };

	buf_printf(&fields, "Content-Type: application/json\r\nx-amzn-ErrorType: %s\r\n", type);
	json_open(&body, NULL, '{');
	json_cstr(&body, "Type", status < 500 ? "User" : "Service");
	json_cstr(&body, "Message", why);
	json_close(&body, '}');
	c->noted(c, what, status, why);
	call_answer(conn, status, fields.p, body.p, body.n);
	buf_free(&fields);
	buf_free(&body);
}

void call_leave(struct call *call)
{
	if (call->conn)
		call->conn->data = NULL;
	call->conn = NULL;
}

// Left before it is answered: the answer may bring the next request on the same connection, or its end.
static void reply_once(struct call *call)
{
	struct http_conn *conn = call->conn;

	call_leave(call);
	if (conn)
		call->reply(call, conn);
}

static void on_answered(struct invocation *inv)
{
	struct call *call = inv->owner;

	call->settling = true;
	call->callers->settling++;
	if (!call->at_end)
		reply_once(call);
}

void call_free(struct call *call)
{
	buf_free(&call->event);
	free(call->what);
	free(call->client_context);
	free(call->tenant_id);
	free(call);
}

static void let_one_go(struct callers *c)
{
	struct call *call = c->held;

	if (!call)
		return;
	c->held = call->next_held;
	if (!c->held)
		c->held_end = &c->held;
	c->n_held--;
	function_invoke(c->function, &call->inv);
}

void callers_let_go(struct callers *c)
{
	loop_cancel(c->server.loop, &c->patience);
	while (c->held)
		let_one_go(c);
}

static void on_impatience(struct loop_timer *t)
{
	callers_let_go(t->owner);
}

static void on_finished(struct invocation *inv)
{
	struct call *call = inv->owner, **at = &call->callers->calls;

	call->callers->settling -= call->settling;
	reply_once(call);
	call->callers->done(call->callers, call);
	while (*at != call)
		at = &(*at)->next;
	*at = call->next;
	let_one_go(call->callers);
	invocation_free(inv);
	call_free(call);
}

struct call *call_new(struct http_conn *conn, const char *what, void (*reply)(struct call *, struct http_conn *))
{
	struct call *call = must_alloc(1, sizeof *call);
	const char *trace = http_header(&conn->request, "x-amzn-trace-id");

	call->callers = callers_of(conn);
	call->conn = conn;
	conn->data = call;
	call->reply = reply;
	call->what = must_copy(what, strlen(what));
	call->wall_ms = wall_ms();
	id_uuid(call->id);
	id_trace(call->trace);
	if (trace && *trace)
		snprintf(call->trace, sizeof call->trace, "%s", trace);
	call->inv.request_id = call->id;
	call->inv.owner = call;
	call->inv.trace = call->trace;
	call->inv.answered = on_answered;
	call->inv.finished = on_finished;
	return call;
}

void call_start(struct call *call)
{
	struct callers *c = call->callers;

	call->next = c->calls;
	c->calls = call;
	call->inv.event = call->event.p ? call->event.p : "";
	call->inv.event_n = call->event.n;
	call->inv.client_context = call->client_context;
	call->inv.tenant_id = call->tenant_id;
	if (c->settling <= c->n_held) {
		function_invoke(c->function, &call->inv);
		return;
	}
	*c->held_end = call;
	c->held_end = &call->next_held;
	c->n_held++;
	if (c->n_held == 1)
		loop_after(c->server.loop, &c->patience, PATIENCE_NS);
}

static void on_request(struct http_conn *conn)
{
	if (invoke_api_is(&conn->request))
		invoke_api(conn);
	else
		function_url(conn);
}

// curl announces a body above 1 MiB this way and waits a second for the word (RFC 9110 10.1.1). Nothing is queued on the
// connection while a request is being read, so the interim answer may go past the queue.
static void on_head(struct http_conn *conn)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
	const char *expect = http_header(&conn->request, "expect");

	if (expect && !strcasecmp(expect, "100-continue"))
		send(conn->io.fd, go_on, sizeof go_on - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void on_bad(struct http_conn *conn)
{
	struct callers *c = callers_of(conn);

	c->noted(c, "a request", 400, conn->request.bad);
}

static void on_closed(struct http_conn *conn)
{
	struct call *call = conn->data;

	if (!call)
		return;
	call->hung_up = true;
	call->conn = NULL;
}

bool callers_open(struct callers *c, struct loop *loop, const char *host, uint16_t port)
{
	c->server = (struct http_server){
		.loop = loop,
		.owner = c,
		.head = on_head,
		.request = on_request,
		.bad = on_bad,
		.closed = on_closed,
	};
	c->held_end = &c->held;
	c->patience = (struct loop_timer){ .fire = on_impatience, .owner = c };
	return http_listen(&c->server, host, port);
}

void callers_close(struct callers *c)
{
	if (c->server.loop)
		loop_cancel(c->server.loop, &c->patience);
	http_server_close(&c->server);
}
