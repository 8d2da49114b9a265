// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "environment.h"
#include "json.h"

#include <stdlib.h>
#include <string.h>

void function_open(struct function *f)
{
	f->queue_end = &f->queue;
	if (!f->config.name)
		f->config.name = f->config.handler;
}

static void start_one(struct function *f)
{
	struct environment *e = environment_new(f);

	if (e) {
		e->next = f->environments;
		f->environments = e;
	}
}

void function_start(struct function *f)
{
	start_one(f);
}

static struct invocation *take_head(struct function *f)
{
	struct invocation *inv = f->queue;

	if (inv) {
		f->queue = inv->next;
		if (!f->queue)
			f->queue_end = &f->queue;
		inv->next = NULL;
	}
	return inv;
}

static void answer_without_environment(struct function *f, struct invocation *inv, enum invocation_outcome outcome,
                                       const char *type, const char *message)
{
	inv->outcome = outcome;
	if (!inv->response.n) {
		json_open(&inv->response, NULL, '{');
		json_cstr(&inv->response, "errorType", type);
		json_cstr(&inv->response, "errorMessage", message);
		json_close(&inv->response, '}');
	}
	inv->response_type = must_copy("application/json", 16);
	inv->error_type = must_copy(type, strlen(type));
	if (inv->answered)
		inv->answered(inv);
	function_finished(f, inv);
}

static unsigned starting(const struct function *f)
{
	unsigned n = 0;

	for (const struct environment *e = f->environments; e; e = e->next)
		n += !e->stopping && (e->state == ENVIRONMENT_INIT || (e->state == ENVIRONMENT_READY && !e->record->announced));
	return n;
}

static struct environment *an_idle_one(struct function *f)
{
	for (struct environment *e = f->environments; e; e = e->next)
		if (environment_idle(e))
			return e;
	return NULL;
}

static unsigned useful(const struct function *f)
{
	unsigned n = 0;

	for (const struct environment *e = f->environments; e; e = e->next)
		n += !e->stopping && !e->retired;
	return n;
}

/* Reentrant by design: callbacks may invoke, close or renew while it runs, so it looks at everything anew each time. */
void function_pump(struct function *f)
{
	struct environment *e;
	unsigned waiting = 0, max = f->config.max_environments ? f->config.max_environments : 1;

	while (!f->closing && f->queue && (e = an_idle_one(f)))
		environment_give(e, take_head(f));
	for (struct invocation *inv = f->queue; inv; inv = inv->next)
		waiting++;
	while (!f->closing && f->queue && starting(f) < waiting && useful(f) < max) {
		start_one(f);
		waiting = 0;
		for (struct invocation *inv = f->queue; inv; inv = inv->next)
			waiting++;
	}
}

void function_invoke(struct function *f, struct invocation *inv)
{
	inv->number = ++f->count;
	inv->queued_ns = clock_ns();
	inv->next = NULL;
	*f->queue_end = inv;
	f->queue_end = &inv->next;
	function_pump(f);
}

void function_renew(struct function *f)
{
	for (struct environment *e = f->environments; e; e = e->next) {
		bool idle = environment_idle(e);

		e->retired = true;
		if (idle)
			environment_stop(e);
	}
}

bool function_idle(const struct function *f)
{
	if (f->queue)
		return false;
	for (const struct environment *e = f->environments; e; e = e->next)
		if (e->current)
			return false;
	return true;
}

void function_finished(struct function *f, struct invocation *inv)
{
	(void)f;
	if (inv->finished)
		inv->finished(inv);
}

void function_environment_ready(struct environment *e)
{
	if (e->function->ready)
		e->function->ready(e->function, e->record);
}

static void forget(struct environment *e)
{
	struct environment **at = &e->function->environments;

	while (*at && *at != e)
		at = &(*at)->next;
	if (*at)
		*at = e->next;
	extensions_free(e);
	free(e->authority);
	free(e->prefix);
	free(e);
}

/* An environment that never became ready takes one waiting invocation with it, as Lambda lets an invocation fail for a
 * failed init: otherwise a broken bootstrap would be started for ever. */
void function_environment_gone(struct environment *e)
{
	struct function *f = e->function;
	struct environment_record *r = e->record;
	struct invocation *inv = r->announced || e->retired ? NULL : take_head(f);
	char message[128];

	if (f->gone)
		f->gone(f, r);
	forget(e);
	if (inv) {
		snprintf(message, sizeof message,
		         r->start_errno ? "Couldn't start the bootstrap: %s" : "Runtime exited with error: %s", r->fate);
		buf_add(&inv->response, r->init_error.p, r->init_error.n);
		answer_without_environment(f, inv, INVOCATION_INIT_FAILED,
		                           r->init_error_type ? r->init_error_type
		                           : r->start_errno   ? "Runtime.InvalidEntrypoint"
		                                              : "Runtime.ExitError",
		                           message);
	}
	if (f->closing && !f->environments) {
		if (f->closed)
			f->closed(f);
	} else {
		function_pump(f);
	}
}

void function_close(struct function *f, void (*closed)(struct function *f))
{
	struct invocation *inv;

	f->closing = true;
	f->closed = closed;
	while ((inv = take_head(f)))
		answer_without_environment(f, inv, INVOCATION_CANCELLED, "Sandbox.Failure", "the function was closed");
	if (!f->environments && closed)
		closed(f);
	for (struct environment *e = f->environments; e; e = e->next)
		environment_stop(e);
}

void function_free(struct function *f)
{
	for (size_t i = 0; i < f->record_count; i++) {
		struct environment_record *r = f->records[i];

		log_free(&r->logs, &r->log_count);
		buf_free(&r->init_error);
		free(r->init_error_type);
		free(r);
	}
	free(f->records);
	violations_free(&f->violations);
	f->records = NULL;
	f->record_count = 0;
}
