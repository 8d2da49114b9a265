// SPDX-License-Identifier: MIT
#include "otlp/overlap.h"

#include "base/clock.h"
#include "base/late.h"
#include "otlp/connection.h"
#include "otlp/sending.h"
#include "tls/tls.h"

#include <string.h>

#define SECOND_NS 1000000000
#define SIGNED_FOR_NS (240 * (int64_t)SECOND_NS) /* a signature is good for five minutes of the service's time */

static struct prepared {
	struct sign_state signature;
	bool is_signed;
	size_t n, sent;
	int64_t wall, mono; /* when it was made */
	char bytes[OVERLAP_BYTES];
} prepared[SIGNALS] LATE;

static unsigned ready; /* a bit for each signal; not in those pages */

static bool is_ready(enum signal signal)
{
	return ready >> signal & 1;
}

static void forget(enum signal signal)
{
	ready &= ~(1u << signal);
	if (prepared[signal].is_signed && !receiver_of(signal)->url.tls)
		explicit_bzero(prepared[signal].bytes, prepared[signal].n); /* the token is in it, as it is */
}

/* Sealed records can only be sent as they are: what will not be takes its connection along. */
static void discard(enum signal signal)
{
	struct receiver *r = receiver_of(signal);

	forget(signal);
	if (r->url.tls || prepared[signal].sent)
		stream_close(connection_stream(r));
}

void overlap_forget(void)
{
	ready = 0;
}

/* Signals that share a peer part when one of them has to wait: each has a slot of its own. */
void overlap_give_way(enum signal signal)
{
	struct receiver *r;

	if (!ready || (r = receiver_of(signal))->state != RECEIVER_USABLE)
		return;
	for (int i = 0; i < SIGNALS; i++)
		if (is_ready((enum signal)i) && receiver_of((enum signal)i)->slot == r->slot && i != (int)signal)
			r->slot = signal;
	for (int i = 0; i < SIGNALS; i++)
		if (is_ready((enum signal)i) && receiver_of((enum signal)i)->slot == r->slot)
			discard((enum signal)i);
}

/* ---- after an answer: all the work ---- */

static bool put_all(struct prepared *p, const struct receiver *r, const struct buf *head, const struct body *body)
{
	struct buf out = BUF(p->bytes);
	struct iovec iov[1 + ENVELOPE_PARTS_MAX] = { { head->p, head->n } };

	memcpy(iov + 1, body->iov, (size_t)body->count * sizeof *iov);
	if (r->url.tls) {
		if (!tls_seal(connection_stream(r), iov, 1 + body->count, &out))
			return false;
	} else {
		for (int i = 0; i <= body->count; i++)
			buf_put(&out, (str){ iov[i].iov_base, iov[i].iov_len });
	}
	p->n = out.n;
	p->sent = 0;
	return !out.full;
}

static bool is_one_run(struct sending *s)
{
	return sending_next(s) && s->split.next.done == s->batch->items->count && !s->split.next.points && sending_body(s);
}

bool otlp_prepare(const struct batch *b, int64_t deadline)
{
	struct prepared *p = &prepared[b->signal];
	struct receiver *r = receiver_of(b->signal);
	struct sending s;
	struct buf head;
	bool made;

	overlap_give_way(b->signal);
	if (r->state != RECEIVER_USABLE || !sending_start(&s, b, deadline) || !is_one_run(&s))
		return false;
	if (!connection_kept(r) &&
	    connection_open(r, s.exchange.memory, EXCHANGE_BYTES, s.exchange.deadline, &s.exchange.proxy_status) != OK)
		return false;
	made = exchange_head(&s.exchange, &head) && put_all(p, r, &head, &s.body);
	explicit_bzero(head.p, head.n);
	if (!made)
		return false;
	p->is_signed = s.exchange.is_signed;
	p->signature = s.exchange.signature;
	p->wall = clock_wall_ns();
	p->mono = clock_mono_ns();
	ready |= 1u << b->signal;
	return true;
}

/* ---- when the next event is there: bytes into a socket ---- */

/* By either clock: one may have been set, the other stands still in a freeze. */
static bool is_too_old(const struct prepared *p, int64_t wall_ns, int64_t mono_ns)
{
	int64_t wall = wall_ns - p->wall, mono = mono_ns - p->mono;

	return p->is_signed && (mono > SIGNED_FOR_NS || wall > SIGNED_FOR_NS || wall < -SIGNED_FOR_NS);
}

void otlp_push(enum signal signal, int64_t wall_ns, int64_t mono_ns)
{
	struct prepared *p = &prepared[signal];
	str rest = { p->bytes + p->sent, p->n - p->sent };

	if (!is_ready(signal) || (!p->sent && is_too_old(p, wall_ns, mono_ns)))
		return;
	if (stream_push(connection_stream(receiver_of(signal)), &rest) == OK)
		p->sent = p->n - rest.n;
	else
		discard(signal);
}

/* ---- after the answer to that: the rest, and what came of it ---- */

static bool get_reply(struct prepared *p, struct exchange *x)
{
	str rest = { p->bytes + p->sent, p->n - p->sent };
	enum err e = OK;

	if (!p->sent)
		return false;
	if (rest.n)
		e = stream_push_rest(connection_stream(x->receiver), rest, x->deadline);
	x->is_signed = p->is_signed;
	x->signature = p->signature;
	return (e == OK || e == ERR_CLOSED) && exchange_reply(x) == OK && x->reply.head.status;
}

void otlp_finish(const struct batch *b, int64_t deadline)
{
	struct prepared *p = &prepared[b->signal];
	enum sending_next next = SENDING_RUN;
	struct sending s;

	if (!is_ready(b->signal)) {
		otlp_ship(b, deadline);
		return;
	}
	if (!sending_start(&s, b, deadline))
		return;
	if (!get_reply(p, &s.exchange)) {
		discard(b->signal);
		otlp_ship(b, deadline);
		return;
	}
	forget(b->signal);
	sending_next(&s);
	s.retry.tries = 0;
	next = sending_judge(&s);
	if (next == SENDING_TRY)
		next = sending_run(&s);
	while (next != SENDING_STOP && sending_next(&s))
		next = sending_run(&s);
}
