// SPDX-License-Identifier: MIT
/* POST /invocation/ID/response, /invocation/ID/error and /init/error: one answer to each event, and what becomes of it. */
#define _GNU_SOURCE
#include "environment.h"

#include <stdlib.h>
#include <string.h>

static void acknowledged(struct http_conn *c, void *owner)
{
	struct environment *e = owner;
	struct fault f;

	e->ack_lost = false;
	if (!e->current)
		return;
	e->current->ack_ns = clock_ns();
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
void runtime_api_refuse(struct environment *e, struct http_conn *c, const struct fault *f)
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

/*
 * The process has not been told yet that its answer is here, so it has sent nothing since: what has arrived by now came
 * before the answer.
 */
static void count_export(struct environment *e)
{
	struct function *f = e->function;

	if (f->exported)
		e->current->exported = f->exported(f) - e->current->exported;
}

/* true: the call may go on. Otherwise it has its answer. */
static bool may_answer(struct environment *e, struct http_conn *c, const char *id, size_t id_n, bool error)
{
	const char *call = error ? "error" : "response";
	struct fault none = { 0 };

	if (e->state == ENVIRONMENT_RUNNING) {
		if (strlen(e->current->id) == id_n && !memcmp(e->current->id, id, id_n)) {
			count_export(e);
			return true;
		}
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

void runtime_api_answer(struct environment *e, struct http_conn *c, const char *id, size_t id_n, bool error)
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
		runtime_api_refuse(e, c, &f);
	} else {
		e->state = ENVIRONMENT_ANSWERED;
		e->ack_lost = true; /* until it is written */
		environment_complete(e, error ? INVOCATION_FAILED : INVOCATION_ANSWERED);
		accept_answer(c, &f);
	}
	fault_free(&f);
}

/* ---- POST /init/error ---- */

void runtime_api_init_error(struct environment *e, struct http_conn *c)
{
	const struct http_request *r = &c->request;
	struct fault f;

	rules_request(e, c, "init/error", false);
	rules_error(e, r, "init/error");
	fault_take(e->function->config.faults, FAULT_INIT_ERROR, 1, &f);
	if (e->state != ENVIRONMENT_INIT && !(e->state == ENVIRONMENT_FAILED && e->ack_lost)) {
		environment_violation(e, "init/error: only before the first /next, and once");
		reply_error(c, 403, "InvalidStateTransition", "State transition is not allowed", &f);
	} else {
		e->state = ENVIRONMENT_FAILED;
		e->ack_lost = true; /* until it is written */
		e->record->init_error.n = 0;
		buf_add(&e->record->init_error, r->body, r->body_n);
		keep_text(&e->record->init_error_type, http_header(r, "lambda-runtime-function-error-type"));
		loop_after(e->function->loop, &e->deadline, FAILED_INIT_GRACE_NS);
		if (f.status && f.status / 100 != 2) {
			e->ack_lost = f.drop != DROP_NOT;
			reply_refuse(c, &f);
		} else {
			accept_answer(c, &f);
		}
	}
	fault_free(&f);
}
