// SPDX-License-Identifier: MIT
/* The Runtime API of one environment: what may be asked in which state, and what the answer is. */
#define _GNU_SOURCE
#include "environment.h"
#include "json.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FIN_BEFORE_RESET_NS (20 * (uint64_t)NS_PER_MS)
#define VERSION_PATH "/2018-06-01/runtime"

/* ---- GET /invocation/next ---- */

static void event_begins(struct http_conn *c, void *owner)
{
	struct environment *e = owner;

	(void)c;
	if (e->current)
		e->current->event_ns = clock_ns();
}

static void event_ends(struct http_conn *c, void *owner)
{
	struct environment *e = owner;

	(void)c;
	e->handed_whole = true;
	if (e->current)
		e->current->event_end_ns = clock_ns();
}

static void add_field(struct buf *b, const char *name, const char *value)
{
	if (value && *value)
		buf_printf(b, "%s: %s\r\n", name, value);
}

static void event_fields(struct environment *e, struct buf *b)
{
	const struct function_config *c = &e->function->config;
	struct invocation *inv = e->current;
	char deadline[24];

	inv->deadline_ms = wall_ms() + (c->timeout_ms ? c->timeout_ms : 30000);
	snprintf(deadline, sizeof deadline, "%llu", (unsigned long long)inv->deadline_ms);
	add_field(b, "Content-Type", inv->content_type ? inv->content_type : "application/json");
	add_field(b, "Lambda-Runtime-Aws-Request-Id", inv->id);
	add_field(b, "Lambda-Runtime-Aws-Tenant-Id", inv->tenant_id);
	add_field(b, "Lambda-Runtime-Client-Context", inv->client_context);
	add_field(b, "Lambda-Runtime-Cognito-Identity", inv->cognito_identity);
	add_field(b, "Lambda-Runtime-Deadline-Ms", inv->deadline ? inv->deadline : deadline);
	add_field(b, "Lambda-Runtime-Invocation-Id", inv->attempt_id);
	buf_printf(b, "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:%s:%s:function:%s\r\n",
	           c->region ? c->region : "us-east-1", c->account ? c->account : "123456789012",
	           c->name ? c->name : "emulated");
	add_field(b, "Lambda-Runtime-Trace-Id", inv->trace_sent);
}

/* A JSON string of n bytes, quotes included. */
static char *long_event(size_t n)
{
	char *p = must_alloc(n + 1, 1);

	memset(p, 'e', n);
	if (n > 1)
		p[0] = p[n - 1] = '"';
	return p;
}

static bool withholds(const struct fault *f)
{
	return (f->status && (f->status / 100 != 2 || f->status == 204)) || (f->drop == DROP_AT && !f->drop_at) || f->never;
}

static void withhold(struct environment *e, struct http_conn *c, const struct fault *f)
{
	struct reply none = { .status = 200, .fields = "", .body = "" };

	e->forbidden = f->status == 403 ? e->forbidden + 1 : 0;
	e->fatal |= f->status / 100 == 5;
	if (f->status)
		reply_refuse(c, f);
	else
		reply_send(c, &none, f);
}

static void hand_out(struct environment *e, struct http_conn *c, const struct fault *f)
{
	struct invocation *inv = e->current;
	struct buf fields = { 0 };
	char *made_up = f->event_size ? long_event(f->event_size) : NULL;
	struct reply r = { .status = f->status ? f->status : 200,
		               .before = event_begins,
		               .after = f->rst ? NULL
		                               : event_ends, /* a reset may overtake it: nobody knows whether it arrived */
		               .body = made_up ? made_up : inv->event,
		               .n = made_up ? f->event_size : inv->event_n };

	event_fields(e, &fields);
	r.fields = fields.p;
	e->state = ENVIRONMENT_RUNNING;
	e->carrier = c;
	e->handed_whole = e->ack_lost = e->too_large = false;
	e->forbidden = 0;
	e->nameless = fault_hides(f, "Lambda-Runtime-Aws-Request-Id");
	e->nameless_in_a_row = e->nameless ? e->nameless_in_a_row + 1 : 0;
	e->sent_attempt_id = *inv->attempt_id && !fault_hides(f, "Lambda-Runtime-Invocation-Id");
	inv->attempts++;
	reply_send(c, &r, f);
	buf_free(&fields);
	free(made_up);
}

void runtime_api_deliver(struct environment *e)
{
	struct http_conn *c = e->waiting;
	struct fault f;

	e->waiting = NULL;
	sandbox_thaw(&e->sandbox);
	fault_take(e->function->config.faults, FAULT_NEXT, e->current->number, &f);
	if (withholds(&f))
		withhold(e, c, &f);
	else
		hand_out(e, c, &f);
	fault_free(&f);
}

static void check_next(struct environment *e)
{
	if (e->waiting && http_peer_gone(e->waiting)) /* the new connection was looked at first */
		http_drop(e->waiting, HTTP_END_FIN);
	if (e->gave_up_next)
		environment_violation(e, "next: gave up a waiting /next and asked again; it must wait without a time-out");
	if (e->waiting)
		environment_violation(e, "next: asked again while a /next is waiting");
	if (e->forbidden > 1)
		environment_violation(e, "next: goes on after two 403 in a row; the process should have ended");
	if (e->nameless_in_a_row > 1)
		environment_violation(e, "next: goes on after two events without request id; the process should have ended");
	if (e->state == ENVIRONMENT_RUNNING && e->handed_whole && !e->nameless)
		environment_violation(e, "next: asks for an event without having answered %s", e->current->id);
	e->gave_up_next = false;
}

static void on_next(struct environment *e, struct http_conn *c)
{
	uint64_t now = c->request.last_ns;

	sandbox_drain(&e->sandbox);
	rules_request(e, c, "next", true);
	check_next(e);
	if (e->state == ENVIRONMENT_FAILED) {
		struct fault f = { 0 };

		reply_error(c, 403, "InvalidStateTransition", "init has failed", &f);
		return;
	}
	e->waiting = c;
	if (e->state == ENVIRONMENT_INIT) {
		e->record->first_next_ns = now;
		sandbox_measure(&e->sandbox, &e->record->at_init);
		e->state = ENVIRONMENT_READY;
		loop_cancel(e->function->loop, &e->deadline);
	} else if (e->state == ENVIRONMENT_ANSWERED) {
		e->current->next_ns = now;
		e->state = ENVIRONMENT_READY;
	} else if (e->current) { /* a repeat: READY was withheld, RUNNING was lost on the way */
		runtime_api_deliver(e);
		return;
	}
	environment_settle(e);
}

/* ---- POST /invocation/ID/response, /invocation/ID/error ---- */

static void acknowledged(struct http_conn *c, void *owner)
{
	struct environment *e = owner;
	struct fault f;

	if (!e->current)
		return;
	e->current->ack_ns = clock_ns();
	e->ack_lost = false;
	fault_take(e->function->config.faults, FAULT_IDLE, e->current->number, &f);
	if (f.delay_ns)
		http_pause(c, f.delay_ns);
	if (f.drop || f.rst)
		http_end(c, f.rst ? HTTP_END_RST : HTTP_END_FIN);
	if (f.freeze_ns)
		environment_freeze_for(e, f.freeze_ns);
	fault_free(&f);
}

static void accept_answer(struct http_conn *c, const struct fault *f)
{
	struct reply r = { .status = f->status ? f->status : 202,
		               .fields = "Content-Type: application/json\r\n",
		               .body = "{\"status\":\"OK\"}\n",
		               .n = 16,
		               .after = acknowledged };

	if (f->rst) /* the reset may overtake it: nobody knows whether it arrived */
		r.after = NULL;
	if (f->body == BODY_NONE || r.status == 204) {
		r.fields = r.body = "";
		r.n = 0;
	} else if (f->body == BODY_TEXT) {
		r.fields = "Content-Type: text/html\r\n";
		r.body = "<p>OK\n";
		r.n = 6;
	}
	reply_send(c, &r, f);
}

static void keep_text(char **to, const char *value)
{
	free(*to);
	*to = value ? must_copy(value, strlen(value)) : NULL;
}

static void keep_answer(struct environment *e, const struct http_request *r, bool error)
{
	struct invocation *inv = e->current;

	inv->response_first_ns = r->first_ns;
	inv->response_last_ns = r->last_ns;
	inv->response.n = 0;
	buf_add(&inv->response, r->body, r->body_n);
	keep_text(&inv->response_type, http_header(r, "content-type"));
	if (error) {
		keep_text(&inv->error_type, http_header(r, "lambda-runtime-function-error-type"));
		keep_text(&inv->error_cause, http_header(r, "lambda-runtime-function-xray-error-cause"));
		if (!inv->error_type)
			keep_text(&inv->error_type, "Function.Unknown");
	}
}

/* status 0: the answer itself is too large. */
static void refuse(struct environment *e, struct http_conn *c, const struct fault *f)
{
	unsigned status = f->status ? f->status : 413;
	char text[80];

	e->state = ENVIRONMENT_ANSWERED;
	e->too_large = status == 413;
	e->fatal |= status / 100 == 5;
	environment_complete(e, e->too_large ? INVOCATION_TOO_LARGE : INVOCATION_REFUSED);
	e->current->ack_ns = clock_ns();
	if (f->status) {
		reply_refuse(c, f);
		return;
	}
	snprintf(text, sizeof text, "Exceeded maximum allowed payload size (%u bytes).", INVOCATION_PAYLOAD_MAX);
	reply_error(c, 413, "RequestEntityTooLarge", text, f);
}

/* true: the call may go on. Otherwise it has its answer. */
static bool may_answer(struct environment *e, struct http_conn *c, const char *id, size_t id_n, bool error)
{
	const char *call = error ? "error" : "response";
	struct fault none = { 0 };

	if (e->state == ENVIRONMENT_RUNNING) {
		if (strlen(e->current->id) == id_n && !memcmp(e->current->id, id, id_n))
			return true;
		environment_violation(e, "%s: request id in the path is `%.*s`, the event's is `%s`", call,
		                      (int)(id_n > 80 ? 80 : id_n), id, e->current->id);
		reply_error(c, 400, "InvalidRequestID", "Invalid request ID", &none);
		return false;
	}
	if (e->state != ENVIRONMENT_ANSWERED)
		environment_violation(e, "%s: there is no event to answer", call);
	else if (e->too_large)
		environment_violation(e, "%s: follows a 413; the caller has its error already", call);
	else if (!e->ack_lost)
		environment_violation(e, "%s: %s was answered already", call, e->current->id);
	e->ack_lost = false;
	reply_error(c, 403, "InvalidStateTransition", "State transition is not allowed", &none);
	return false;
}

static const char *response_mode_fault(const struct http_request *r)
{
	const char *mode = http_header(r, "lambda-runtime-function-response-mode");

	return mode && *mode && strcmp(mode, "streaming") ? mode : NULL;
}

static void on_answer(struct environment *e, struct http_conn *c, const char *id, size_t id_n, bool error)
{
	const struct http_request *r = &c->request;
	struct fault f;

	rules_request(e, c, error ? "error" : "response", false);
	if (!may_answer(e, c, id, id_n, error))
		return;
	sandbox_drain(&e->sandbox);
	if (error)
		rules_attempt(e, r, "error"), rules_error(e, r, "error");
	else
		rules_response(e, r);
	fault_take(e->function->config.faults, error ? FAULT_ERROR : FAULT_RESPONSE, e->current->number, &f);
	keep_answer(e, r, error);
	if (response_mode_fault(r)) {
		environment_violation(e, "response: response mode `%s`", response_mode_fault(r));
		f.status = 400;
	}
	if (f.status ? f.status / 100 != 2 : r->body_n > INVOCATION_PAYLOAD_MAX) {
		refuse(e, c, &f);
	} else {
		e->state = ENVIRONMENT_ANSWERED;
		e->ack_lost = true; /* until it is written */
		environment_complete(e, error ? INVOCATION_FAILED : INVOCATION_ANSWERED);
		accept_answer(c, &f);
	}
	fault_free(&f);
}

/* ---- POST /init/error, GET /ping ---- */

static void on_init_error(struct environment *e, struct http_conn *c)
{
	const struct http_request *r = &c->request;
	struct fault f;

	rules_request(e, c, "init/error", false);
	rules_error(e, r, "init/error");
	fault_take(e->function->config.faults, FAULT_INIT_ERROR, 1, &f);
	if (e->state != ENVIRONMENT_INIT) {
		environment_violation(e, "init/error: only before the first /next, and once");
		reply_error(c, 403, "InvalidStateTransition", "State transition is not allowed", &f);
	} else {
		e->state = ENVIRONMENT_FAILED;
		buf_add(&e->record->init_error, r->body, r->body_n);
		keep_text(&e->record->init_error_type, http_header(r, "lambda-runtime-function-error-type"));
		loop_after(e->function->loop, &e->deadline, FAILED_INIT_GRACE_NS);
		if (f.status && f.status / 100 != 2)
			reply_refuse(c, &f);
		else
			accept_answer(c, &f);
	}
	fault_free(&f);
}

/* ---- routing ---- */

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
		on_next(e, c);
	} else if (is(method, "POST") && invocation_path(path, "/response", &id, &n)) {
		on_answer(e, c, id, n, false);
	} else if (is(method, "POST") && invocation_path(path, "/error", &id, &n)) {
		on_answer(e, c, id, n, true);
	} else if (is(method, "POST") && is(path, "/init/error")) {
		on_init_error(e, c);
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
		refuse(e, c, &f);
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
