// SPDX-License-Identifier: MIT
#include "base/clock.h"
#include "diag.h"
#include "encode/wire_read.h"
#include "otlp/connection.h"
#include "otlp/overlap.h"
#include "otlp/sending.h"
#include "otlp/trim.h"

#include "resource.pb.h"
#include "trace.pb.h"

#include <assert.h>
#include <string.h>

/*
 * OTLP/HTTP (OTLP 1.11, "OTLP/HTTP"), in binary protobuf or JSON. A batch goes in as many requests as its receiver's limits ask for, one after another
 * over one connection. Every item is then delivered, dropped with a reason, or kept for the next flush.
 */
#define LONGEST_NS 900000000000 /* no invocation is longer: the end of waiting where no deadline was given */

static_assert(REGION_OUT_BYTES > EXCHANGE_BYTES, "a reply has room beside what is sent");

void otlp_forget(void)
{
	overlap_forget();
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

bool sending_start(struct sending *s, const struct batch *b, int64_t deadline)
{
	struct receiver *r = receiver_of(b->signal);

	if (!can_send(b, r))
		return false;
	s->batch = b;
	s->receiver = r;
	s->resource = *b->resource;
	s->room = (struct buf){ .p = b->out, .cap = SENDING_ROOM_BYTES };
	s->room_kept = 0;
	s->retry = (struct retry){ .limit = limit_of(r, deadline) };
	s->exchange = (struct exchange){
		.receiver = r, .body = &s->body, .memory = b->out + SENDING_ROOM_BYTES, .deadline = s->retry.limit
	};
	if (r->is_aws)
		fit_resource(s);
	split_start(&s->split, b, &s->resource, &r->limits, r->json);
	return true;
}

bool sending_next(struct sending *s)
{
	s->room.n = s->room_kept;
	return split_next(&s->split, &s->room);
}

void otlp_ship(const struct batch *b, int64_t deadline)
{
	struct sending s;

	overlap_give_way(b->signal);
	if (!sending_start(&s, b, deadline))
		return;
	while (sending_next(&s) && sending_run(&s) != SENDING_STOP)
		;
}
