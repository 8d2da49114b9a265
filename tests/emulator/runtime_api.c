// SPDX-License-Identifier: MIT
/* The Runtime API of one environment: which call a request is, and what else a connection goes through. */
#define _GNU_SOURCE
#include "environment.h"

#include <stdlib.h>
#include <string.h>

#define FIN_BEFORE_RESET_NS (20 * (uint64_t)NS_PER_MS)
#define VERSION_PATH "/2018-06-01/runtime"

static bool is(const char *s, const char *what)
{
	return !strcmp(s, what);
}

/* /invocation/ID/TAIL */
static bool invocation_path(const char *path, const char *tail, const char **id, size_t *n)
{
	size_t whole = strlen(path), lead = strlen("/invocation/"), end = strlen(tail);

	if (whole < lead + end || strncmp(path, "/invocation/", lead) || strcmp(path + whole - end, tail))
		return false;
	*id = path + lead;
	*n = whole - lead - end;
	return true;
}

static void unknown(struct environment *e, struct http_conn *c)
{
	struct fault none = { 0 };

	environment_violation(e, "there is no such call: %.20s %.200s", c->request.method, c->request.target);
	reply_error(c, 404, "NotFound", "no such path", &none);
}

static const char *api_path(const struct environment *e, const struct http_conn *c)
{
	size_t n = strlen(e->prefix);

	return strncmp(c->request.target, e->prefix, n) ? NULL : c->request.target + n;
}

static void on_request(struct http_conn *c)
{
	struct environment *e = c->server->owner;
	const char *path = api_path(e, c), *method = c->request.method, *id;
	struct fault none = { 0 };
	size_t n;

	e->record->requests++;
	if (path && !strncmp(path, "/2020-01-01/extension", 21)) {
		if (!extensions_request(e, c, path + 21))
			unknown(e, c);
		return;
	}
	if (!path || strncmp(path, VERSION_PATH, strlen(VERSION_PATH))) {
		unknown(e, c);
		return;
	}
	path += strlen(VERSION_PATH);
	if (is(method, "GET") && is(path, "/invocation/next")) {
		runtime_api_next(e, c);
	} else if (is(method, "POST") && invocation_path(path, "/response", &id, &n)) {
		runtime_api_answer(e, c, id, n, false);
	} else if (is(method, "POST") && invocation_path(path, "/error", &id, &n)) {
		runtime_api_answer(e, c, id, n, true);
	} else if (is(method, "POST") && is(path, "/init/error")) {
		runtime_api_init_error(e, c);
	} else if (is(method, "GET") && is(path, "/ping")) {
		struct reply pong = { .status = 200, .fields = "Content-Type: text/plain\r\n", .body = "pong", .n = 4 };

		rules_request(e, c, "ping", true);
		reply_send(c, &pong, &none);
	} else {
		unknown(e, c);
	}
}

/* ---- what a connection goes through besides ---- */

static void on_accepted(struct http_conn *c)
{
	struct environment *e = c->server->owner;
	struct fault f;

	e->record->connections++;
	if (!e->record->connect_ns)
		e->record->connect_ns = c->accepted_ns;
	fault_take(e->function->config.faults, FAULT_CONNECT, ++e->connections, &f);
	if (f.freeze_ns)
		environment_freeze_for(e, f.freeze_ns);
	if (f.drop || f.rst) {
		if (f.delay_ns) {
			http_pause(c, f.delay_ns);
			http_end(c, f.rst ? HTTP_END_RST : HTTP_END_FIN);
			http_finish(c);
		} else {
			http_drop(c, f.rst ? HTTP_END_RST : HTTP_END_FIN);
		}
	}
	fault_free(&f);
}

/* Only a rule with read= is taken here: it must be known before the body is read. Everything else of the plan is counted
 * when the request is complete. */
static void on_head(struct http_conn *c)
{
	struct environment *e = c->server->owner;
	const char *path = api_path(e, c), *id;
	struct fault f;
	size_t n;

	if (!path || e->state != ENVIRONMENT_RUNNING || !is(c->request.method, "POST") ||
	    strncmp(path, VERSION_PATH, strlen(VERSION_PATH)))
		return;
	path += strlen(VERSION_PATH);
	if (invocation_path(path, "/response", &id, &n))
		fault_take_reading(e->function->config.faults, FAULT_RESPONSE, e->current->number, &f);
	else if (invocation_path(path, "/error", &id, &n))
		fault_take_reading(e->function->config.faults, FAULT_ERROR, e->current->number, &f);
	else
		return;
	if (f.limit_reading && (c->request.chunked || c->request.content_length > f.read_limit)) {
		http_stop_reading(c, f.read_limit);
		c->data = must_alloc(1, sizeof f);
		*(struct fault *)c->data = f;
	} else {
		fault_free(&f);
	}
}

static void on_stopped(struct http_conn *c)
{
	struct environment *e = c->server->owner;
	struct fault f = *(struct fault *)c->data;

	free(c->data);
	c->data = NULL;
	if (!f.status && f.rst) {
		http_drop(c, HTTP_END_RST);
	} else if (!f.status) {
		/* closing with bytes unread would be a reset: let the peer meet the FIN first */
		http_half_close(c);
		http_pause(c, FIN_BEFORE_RESET_NS);
		http_end(c, HTTP_END_FIN);
		http_finish(c);
	} else {
		e->current->response_first_ns = c->request.first_ns;
		e->current->response_last_ns = c->request.last_ns;
		runtime_api_refuse(e, c, &f);
	}
	fault_free(&f);
}

static void on_bad(struct http_conn *c)
{
	environment_violation(c->server->owner, "not HTTP: %s", c->request.bad);
}

static void on_closed(struct http_conn *c)
{
	struct environment *e = c->server->owner;

	if (c->data) {
		fault_free(c->data);
		free(c->data);
	}
	if (e->waiting == c) {
		e->waiting = NULL;
		e->gave_up_next = true;
	}
	if (e->carrier == c)
		e->carrier = NULL;
	extensions_closed(e, c);
}

void runtime_api_open(struct environment *e)
{
	e->http.owner = e;
	e->http.loop = e->function->loop;
	e->http.request = on_request;
	e->http.accepted = on_accepted;
	e->http.head = on_head;
	e->http.stopped = on_stopped;
	e->http.bad = on_bad;
	e->http.closed = on_closed;
}
