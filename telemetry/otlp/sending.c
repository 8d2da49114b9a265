// SPDX-License-Identifier: MIT
#include "otlp/sending.h"

#include "base/clock.h"
#include "diag.h"
#include "otlp/connection.h"

#include <poll.h>
#include <string.h>

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
void sending_leave(struct sending *s, enum drop reason, bool passing, str cause)
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

static enum sending_next after_failure(struct sending *s)
{
	enum err e = s->exchange.failed;
	char text[512];
	struct buf cause = BUF(text);

	if (is_passing(e) && wait_for_try(s, -1))
		return SENDING_TRY;
	connection_explain(s->receiver, e, s->exchange.proxy_status, &cause);
	sending_leave(s, drop_reason(e), is_passing(e), buf_str(&cause));
	if (e == ERR_HOST) { /* no later try can end otherwise */
		s->receiver->state = RECEIVER_UNUSABLE;
		s->receiver->problem = err_text(e);
		s->receiver->said_problem = true;
	}
	return SENDING_STOP;
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

static enum sending_next after_refusal(struct sending *s)
{
	char text[768];
	struct buf cause = BUF(text);

	explain(s, &cause);
	if (s->outcome.cause == CAUSE_UNKNOWN) {
		drop_run(s, DROP_STATUS, buf_str(&cause));
		return SENDING_RUN;
	}
	sending_leave(s, DROP_STATUS, false, buf_str(&cause)); /* what is wrong is not in this run */
	return SENDING_STOP;
}

static enum sending_next after_busy(struct sending *s)
{
	char text[768];
	struct buf cause = BUF(text);

	if (wait_for_try(s, s->outcome.after_s))
		return SENDING_TRY;
	explain(s, &cause);
	sending_leave(s, DROP_STATUS, true, buf_str(&cause));
	return SENDING_STOP;
}

static enum sending_next after_too_large(struct sending *s)
{
	if (!split_halve(&s->split))
		drop_run(s, DROP_SIZE, S("refused, status 413: larger than the receiver takes"));
	return SENDING_RUN;
}

enum sending_next sending_judge(struct sending *s)
{
	const struct asked asked = { s->receiver->json, s->receiver->is_aws, s->exchange.is_signed,
		                         s->receiver->way == PROXY_FORWARD };

	outcome_read(&s->outcome, &s->exchange.reply, &asked, clock_wall_ns() / 1000000000);
	switch (s->outcome.verdict) {
	case VERDICT_TAKEN:    account_taken(s); return SENDING_RUN;
	case VERDICT_NONSENSE: drop_run(s, DROP_REPLY, S("2xx with a body that is no export response")); return SENDING_RUN;
	case VERDICT_AGAIN:    return after_busy(s);
	case VERDICT_HALVE:    return after_too_large(s);
	case VERDICT_CLOCK:
	case VERDICT_KEYS:     return may_sign_better(s) ? SENDING_TRY : after_refusal(s);
	default:               return after_refusal(s);
	}
}

static enum sending_next try_run(struct sending *s)
{
	switch (exchange_run(&s->exchange)) {
	case EXCHANGE_REPLIED: return sending_judge(s);
	case EXCHANGE_FAILED:  return after_failure(s);
	default:               sending_leave(s, DROP_KEYS, true, str_of(s->exchange.no_keys)); return SENDING_STOP;
	}
}

bool sending_body(struct sending *s)
{
	return !s->split.too_large && body_make(&s->body, s->receiver, &s->resource, &s->split.run, &s->room);
}

enum sending_next sending_run(struct sending *s)
{
	enum sending_next next;

	if (!sending_body(s)) {
		drop_run(s, DROP_SIZE, S("larger than a request may be"));
		return SENDING_RUN;
	}
	s->retry.tries = 0;
	while ((next = try_run(s)) == SENDING_TRY)
		;
	return next;
}
