// SPDX-License-Identifier: MIT
#include "base/clock.h"
#include "diag.h"
#include "encode/wire_read.h"
#include "otlp/connection.h"
#include "otlp/exchange.h"
#include "otlp/outcome.h"
#include "otlp/retry.h"
#include "otlp/split.h"
#include "otlp/trim.h"

#include "resource.pb.h"
#include "trace.pb.h"

#include <assert.h>
#include <string.h>

/*
 * OTLP/HTTP (OTLP 1.11, "OTLP/HTTP"), in binary protobuf or JSON. A batch goes in as many requests as its receiver's limits ask for, one after another
 * over one connection; each is tried until the receiver has taken it, refuses it for good, or there is no time. Every item is then delivered, dropped
 * with a reason, or kept for the next flush.
 *
 *   out:  | what does not go as it lies: resource, a part of a metric, JSON, gzip | EXCHANGE_BYTES: head, then reply |
 */
#define ROOM_BYTES (REGION_OUT_BYTES - EXCHANGE_BYTES)
#define LONGEST_NS 900000000000 /* no invocation is longer: the end of waiting where no deadline was given */

static_assert(REGION_OUT_BYTES > EXCHANGE_BYTES, "a reply has room beside what is sent");

struct sending {
	const struct batch *batch;
	struct receiver *receiver;
	struct resource resource;
	struct split split;
	struct buf room;
	size_t room_kept; /* of room: for the whole batch */
	struct body body;
	struct exchange exchange;
	struct outcome outcome;
	struct retry retry;
};

void otlp_forget(void)
{
	connection_forget();
	receiver_forget();
	sign_forget();
}

/* ---- the resource ---- */

static bool names_the_function(str key)
{
	return str_eq(key, S("service.name")) || str_starts(key, S("faas.")) || str_starts(key, S("cloud."));
}

static void say_trimmed(struct receiver *r, size_t left_out)
{
	struct diag d;
	struct buf *b;

	if (r->said_resource)
		return;
	r->said_resource = true;
	b = diag_open(&d, DIAG_WARN);
	buf_put(b, receiver_name(r));
	buf_put(b, S(": AWS refuses requests with more than 16 KB of resource and scope: left out the "));
	buf_u64(b, left_out);
	buf_put(b, S(" largest resource attributes (OTEL_RESOURCE_ATTRIBUTES)"));
	diag_close(&d);
}

static void fit_resource(struct sending *s)
{
	static const struct trim trim = { Resource_attributes_tag, Resource_dropped_attributes_count_tag,
		                              names_the_function };
	const struct signal_items *items = s->batch->items;
	size_t scope = 0, head, left_out, n;
	str whole = s->resource.resource;
	struct wire_field f;
	char *p = s->room.p;

	for (size_t i = 0; i < items->scope_count; i++)
		if (items->scopes[i].head.n > scope)
			scope = items->scopes[i].head.n;
	if (whole.n <= OTLP_RESOURCE_BYTES_MAX && scope <= OTLP_RESOURCE_BYTES_MAX - whole.n)
		return;
	if (scope + ENVELOPE_HEAD_MAX >= OTLP_RESOURCE_BYTES_MAX || !wire_next(&whole, &f))
		return; /* nothing helps against such a scope */
	n = trim_message(&trim, f.bytes, p + ENVELOPE_HEAD_MAX, OTLP_RESOURCE_BYTES_MAX - scope - ENVELOPE_HEAD_MAX,
	                 &left_out);
	if (!n)
		return;
	head = (size_t)(wire_length(p, ResourceSpans_resource_tag, n) - p);
	memmove(p + head, p + ENVELOPE_HEAD_MAX, n);
	s->resource.resource = (str){ p, head + n };
	s->room_kept = head + n;
	say_trimmed(s->receiver, left_out);
}

/* ---- accounts ---- */

/* Another way may take what this one could not, as it was before anything was left out of it; but no part of a metric. */
static void drop_run(struct sending *s, enum drop reason, str cause)
{
	struct signal_items original;

	if (split_original(&s->split, &original))
		ship_undelivered(s->batch, &original, reason, receiver_name(s->receiver), cause);
	else
		ship_dropped(s->batch, reason, s->split.run.count, receiver_name(s->receiver), cause);
}

static void say_kept(struct sending *s, size_t n, str cause)
{
	struct diag d;
	struct buf *b = diag_open(&d, DIAG_WARN);

	buf_put(b, receiver_name(s->receiver));
	buf_put(b, S(": "));
	buf_put(b, cause);
	buf_put(b, S(", kept "));
	buf_u64(b, n);
	buf_putc(b, ' ');
	buf_put(b, ship_items(s->batch->signal));
	buf_put(b, S(" for the next time"));
	diag_close(&d);
}

/* This run and what is behind it: no other try, or none now. What is left of a metric that has begun cannot be kept by itself. */
static void leave(struct sending *s, enum drop reason, bool passing, str cause)
{
	size_t begun = split_begun(&s->split);
	struct signal_items rest;

	split_rest(&s->split, &rest);
	if (begun)
		ship_dropped(s->batch, reason, begun, receiver_name(s->receiver), cause);
	if (passing && s->batch->kept && rest.count) {
		*s->batch->kept = rest.count;
		say_kept(s, rest.count, cause);
	} else if (rest.count) {
		ship_undelivered(s->batch, &rest, reason, receiver_name(s->receiver), cause);
	}
}

static enum drop drop_reason(enum err e)
{
	switch (e) {
	case ERR_ADDRESS:
	case ERR_HOST:
	case ERR_NAME:        return DROP_ADDRESS;
	case ERR_PROXY:
	case ERR_RESOLVER:
	case ERR_CONNECT:     return DROP_CONNECT;
	case ERR_TIMEOUT:     return DROP_TIMEOUT;
	case ERR_CLOSED:      return DROP_CLOSED;
	case ERR_SYNTAX:
	case ERR_TOO_LARGE:   return DROP_REPLY;
	case ERR_TLS:
	case ERR_CERTIFICATE:
	case ERR_RECORD:      return DROP_TLS;
	default:              return DROP_WRITE;
	}
}

static bool is_passing(enum err e)
{
	return e == ERR_RESOLVER || e == ERR_CONNECT || e == ERR_TIMEOUT || e == ERR_CLOSED || e == ERR_RECORD ||
	       e == ERR_STOPPED;
}

/* ---- what a reply says, for people ---- */

static bool quotes_secret(const struct sending *s)
{
	const struct buf *said = &s->outcome.said.message;
	str token = s->exchange.is_signed ? s->exchange.signature.token : (str){ 0 };

	return token.n && said->n && memmem(said->p, said->n, token.p, token.n < 12 ? token.n : 12);
}

/* A remedy is said once. */
static void explain(struct sending *s, struct buf *b)
{
	const struct outcome *o = &s->outcome;
	const char *remedy = outcome_remedy(o->cause);

	buf_put(b, S("refused, status "));
	buf_u64(b, (uint64_t)o->status);
	if (o->code.n) {
		buf_putc(b, ' ');
		buf_put(b, buf_str(&o->code));
	}
	if (o->said.message.n && !quotes_secret(s)) {
		buf_put(b, S(": "));
		buf_put(b, buf_str(&o->said.message));
	}
	if (!remedy || s->receiver->explained >> o->cause & 1)
		return;
	s->receiver->explained |= 1u << o->cause;
	buf_put(b, S("; "));
	buf_put(b, str_of(remedy));
}

static void say_warning(struct sending *s)
{
	struct diag d;
	struct buf *b = diag_open(&d, DIAG_WARN);

	buf_put(b, receiver_name(s->receiver));
	buf_put(b, S(": all "));
	buf_put(b, ship_items(s->batch->signal));
	buf_put(b, S(" were taken, with a warning: "));
	buf_put(b, buf_str(&s->outcome.said.message));
	diag_close(&d);
}

/* A receiver that says more than there was did not mean it. */
static void account_taken(struct sending *s)
{
	const struct export_reply *said = &s->outcome.said;
	size_t all = s->split.run.count, rejected = said->rejected > all ? all : (size_t)said->rejected;
	char text[OUTCOME_TEXT_BYTES + 32];
	struct buf cause = BUF(text);

	s->batch->count->delivered += all - rejected;
	if (!rejected && said->message.n)
		say_warning(s);
	if (!rejected)
		return;
	buf_put(&cause, S("rejected by the receiver"));
	if (said->message.n)
		buf_put(&cause, S(": "));
	buf_put(&cause, buf_str(&said->message));
	ship_dropped(s->batch, DROP_REJECTED, rejected, receiver_name(s->receiver), buf_str(&cause));
}

/* ---- one run ---- */

enum next { NEXT_TRY, NEXT_RUN, NEXT_STOP };

/* False: there is no time for another try. */
static bool wait_for_try(struct sending *s, int64_t after_s)
{
	int64_t now = clock_mono_ns(), wait;

	s->retry.limit = stream_bounded(s->retry.limit);
	wait = retry_wait(&s->retry, after_s, now, (uint64_t)now);
	if (wait < 0)
		return false;
	stream_wait(NULL, 0, now + wait);
	return clock_mono_ns() < stream_bounded(s->retry.limit);
}

static enum next after_failure(struct sending *s)
{
	enum err e = s->exchange.failed;
	char text[512];
	struct buf cause = BUF(text);

	if (is_passing(e) && wait_for_try(s, -1))
		return NEXT_TRY;
	connection_explain(s->receiver, e, s->exchange.proxy_status, &cause);
	leave(s, drop_reason(e), is_passing(e), buf_str(&cause));
	if (e == ERR_HOST) { /* no later try can end otherwise */
		s->receiver->state = RECEIVER_UNUSABLE;
		s->receiver->problem = err_text(e);
		s->receiver->said_problem = true;
	}
	return NEXT_STOP;
}

/* Another try with what the refusal has taught: the service's time, other keys. Once each. */
static bool may_sign_better(struct sending *s)
{
	const struct outcome *o = &s->outcome;
	bool *tried = o->verdict == VERDICT_CLOCK ? &s->retry.clock : &s->retry.keys, was = *tried;

	*tried = true;
	if (was)
		return false;
	if (o->verdict == VERDICT_KEYS)
		return sign_renew(&s->exchange.signature, s->retry.limit);
	return skew_refused(&s->receiver->skew, o->cause == CAUSE_CLOCK ? S("RequestTimeTooSkewed") : buf_str(&o->code),
	                    s->exchange.signature.skew_ns);
}

static enum next after_refusal(struct sending *s)
{
	char text[768];
	struct buf cause = BUF(text);

	explain(s, &cause);
	if (s->outcome.cause == CAUSE_UNKNOWN) {
		drop_run(s, DROP_STATUS, buf_str(&cause));
		return NEXT_RUN;
	}
	leave(s, DROP_STATUS, false, buf_str(&cause)); /* what is wrong is not in this run */
	return NEXT_STOP;
}

static enum next after_busy(struct sending *s)
{
	char text[768];
	struct buf cause = BUF(text);

	if (wait_for_try(s, s->outcome.after_s))
		return NEXT_TRY;
	explain(s, &cause);
	leave(s, DROP_STATUS, true, buf_str(&cause));
	return NEXT_STOP;
}

static enum next after_too_large(struct sending *s)
{
	if (!split_halve(&s->split))
		drop_run(s, DROP_SIZE, S("refused, status 413: larger than the receiver takes"));
	return NEXT_RUN;
}

static enum next after_reply(struct sending *s)
{
	const struct asked asked = { s->receiver->json, s->receiver->is_aws, s->exchange.is_signed };

	outcome_read(&s->outcome, &s->exchange.reply, &asked, clock_wall_ns() / 1000000000);
	switch (s->outcome.verdict) {
	case VERDICT_TAKEN:    account_taken(s); return NEXT_RUN;
	case VERDICT_NONSENSE: drop_run(s, DROP_REPLY, S("2xx with a body that is no export response")); return NEXT_RUN;
	case VERDICT_AGAIN:    return after_busy(s);
	case VERDICT_HALVE:    return after_too_large(s);
	case VERDICT_CLOCK:
	case VERDICT_KEYS:     return may_sign_better(s) ? NEXT_TRY : after_refusal(s);
	default:               return after_refusal(s);
	}
}

static enum next try_run(struct sending *s)
{
	switch (exchange_run(&s->exchange)) {
	case EXCHANGE_REPLIED: return after_reply(s);
	case EXCHANGE_FAILED:  return after_failure(s);
	default:               leave(s, DROP_KEYS, true, str_of(s->exchange.no_keys)); return NEXT_STOP;
	}
}

static enum next send_run(struct sending *s)
{
	enum next next;

	if (s->split.too_large || !body_make(&s->body, s->receiver, &s->resource, &s->split.run, &s->room)) {
		drop_run(s, DROP_SIZE, S("larger than a request may be"));
		return NEXT_RUN;
	}
	s->retry.tries = 0;
	while ((next = try_run(s)) == NEXT_TRY)
		;
	return next;
}

/* ---- a batch ---- */

static bool can_send(const struct batch *b, struct receiver *r)
{
	if (r->state == RECEIVER_USABLE)
		return true;
	if (r->state == RECEIVER_UNUSABLE)
		ship_undelivered(b, b->items, DROP_ADDRESS, r->said_problem ? (str){ 0 } : S("otlp export"),
		                 str_of(r->problem));
	else
		ship_undelivered(b, b->items, DROP_NOWHERE, (str){ 0 }, (str){ 0 }); /* which has been said */
	r->said_problem = true;
	return false;
}

static int64_t limit_of(const struct receiver *r, int64_t deadline)
{
	int64_t limit = clock_mono_ns() + (r->timeout_ns ? r->timeout_ns : LONGEST_NS);

	return deadline < limit ? deadline : limit;
}

void otlp_ship(const struct batch *b, int64_t deadline)
{
	struct receiver *r = receiver_of(b->signal);
	struct sending s;

	if (!can_send(b, r))
		return;
	s.batch = b;
	s.receiver = r;
	s.resource = *b->resource;
	s.room = (struct buf){ .p = b->out, .cap = ROOM_BYTES };
	s.room_kept = 0;
	s.retry = (struct retry){ .limit = limit_of(r, deadline) };
	s.exchange = (struct exchange){
		.receiver = r, .body = &s.body, .memory = b->out + ROOM_BYTES, .deadline = s.retry.limit
	};
	if (r->is_aws)
		fit_resource(&s);
	split_start(&s.split, b, &s.resource, &r->limits, r->json);
	do {
		s.room.n = s.room_kept;
		if (!split_next(&s.split, &s.room))
			break;
	} while (send_run(&s) != NEXT_STOP);
}
