// SPDX-License-Identifier: MIT
/* GET /invocation/next: handing out the event, whole or not, and who may ask for it. */
#define _GNU_SOURCE
#include "environment.h"

#include <stdlib.h>
#include <string.h>

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
	e->event_reset = f->rst;
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
	if (e->state == ENVIRONMENT_RUNNING && e->handed_whole && !e->event_reset && !e->nameless)
		environment_violation(e, "next: asks for an event without having answered %s", e->current->id);
	e->gave_up_next = false;
}

void runtime_api_next(struct environment *e, struct http_conn *c)
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
