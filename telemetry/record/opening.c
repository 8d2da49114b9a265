// SPDX-License-Identifier: MIT
#include "base/clock.h"
#include "record/recorder.h"
#include "record/scope.h"

/* otel_start_with(): a span whose parent, kind, time or scope is said. */

#define FLAG_REMOTE_KNOWN 0x100u
#define FLAG_REMOTE 0x200u

/* What becomes of a span's start by where it belongs. */
struct origin {
	struct span_start start;
	unsigned char trace_id[16], span_id[8], parent_id[8];
	struct sampling sampling;
	bool mute, on_stack;
	bool nests; /* as otel_start()'s */
};

static struct open_span *stack_top(void)
{
	return recorder.depth ? &recorder_open[recorder.stack[recorder.depth - 1]] : NULL;
}

static void under_span(struct origin *o, const struct open_span *parent)
{
	memcpy(o->trace_id, parent->bytes + SPAN_TRACE_ID_AT, 16);
	memcpy(o->parent_id, parent->bytes + SPAN_ID_AT, 8);
	o->start.parent_id = o->parent_id;
	o->start.trace_state = span_trace_state(&parent->slot, parent->bytes);
	o->start.flags = (parent->slot.flags & 0xff) | FLAG_REMOTE_KNOWN;
	o->mute = parent->slot.mute;
}

static void under_context(struct origin *o, const struct otel_context *parent)
{
	struct context from = { .flags = parent->flags, .has_span = true, .silent = !(parent->flags & OTEL_SAMPLED) };

	memcpy(from.trace_id, parent->trace_id, 16);
	memcpy(from.span_id, parent->span_id, 8);
	from.trace_state = (str){ parent->trace_state, parent->trace_state_n };
	memcpy(o->trace_id, parent->trace_id, 16);
	memcpy(o->parent_id, parent->span_id, 8);
	sampler_decide(&o->sampling, &from, o->trace_id);
	o->start.parent_id = o->parent_id;
	o->start.trace_state = o->sampling.trace_state;
	o->start.flags = o->sampling.flags | FLAG_REMOTE_KNOWN | (parent->remote ? FLAG_REMOTE : 0);
	o->mute = recorder_is_mute(&o->sampling);
}

static void as_root(struct origin *o)
{
	id_trace(&recorder.ids, clock_wall_ns(), o->trace_id);
	sampler_decide(&o->sampling, NULL, o->trace_id);
	o->start.flags = o->sampling.flags | FLAG_REMOTE_KNOWN;
	o->mute = recorder_is_mute(&o->sampling);
}

/* Ids that are all zero are no context (W3C trace-context, 3.2.2.3): such a span has no parent. */
static bool is_valid(const struct otel_context *c)
{
	static const unsigned char none[16];

	return memcmp(c->trace_id, none, 16) != 0 && memcmp(c->span_id, none, 8) != 0;
}

/* False: its parent is not there, or not recorded. */
static bool find_origin(struct origin *o, const struct otel_opening *w)
{
	struct open_span *parent = w->parent ? recorder_find_open(w->parent) : stack_top();

	o->on_stack = w->current;
	o->nests = false;
	if (w->context && is_valid(w->context)) {
		under_context(o, w->context);
	} else if (w->root || w->context) {
		as_root(o);
	} else if (parent) {
		under_span(o, parent);
		o->nests = !w->parent;
		o->on_stack |= o->nests;
	} else if (!w->parent) {
		as_root(o);
		o->on_stack = true;
	} else {
		return false;
	}
	return true;
}

static void fill(struct otel_span *span, const struct otel_opening *w)
{
	for (size_t i = 0; i < w->attr_count; i++)
		otel_put_value(span, w->attrs[i].key, w->attrs[i].key_n, &w->attrs[i].value);
	for (size_t i = 0; i < w->link_count; i++)
		otel_add_link(span, &w->links[i].to, w->links[i].attrs, w->links[i].attr_count);
}

struct otel_span *otel_start_with_n(const char *name, size_t name_n, const struct otel_opening *w)
{
	struct origin o;
	struct open_span *span;

	o.start = (struct span_start){ .name = { name, name_n } };
	if (!recorder.recording || !find_origin(&o, w))
		return recorder_inert();
	/* What is not recorded needs a slot only where it is the current span, and so the parent of others, who follow it. */
	if (o.mute && (o.nests || !o.on_stack))
		return recorder_inert();
	recorder.count.made += !o.mute;
	id_span(&recorder.ids, o.span_id);
	o.start.trace_id = o.trace_id;
	o.start.span_id = o.span_id;
	o.start.kind = w->kind ? (Span_SpanKind)w->kind : Span_SpanKind_SPAN_KIND_INTERNAL;
	o.start.time = w->start_ns ? w->start_ns : recorder_now();
	if (!(span = recorder_push(&o.start, o.on_stack))) {
		recorder.count.dropped[DROP_OPEN] += !o.mute;
		return recorder_inert();
	}
	span->slot.mute = o.mute;
	span->slot.scope = (unsigned char)scope_index(w->scope);
	if (!o.mute && recorder.started)
		recorder.started(recorder_handle(span));
	if (!o.mute)
		fill(recorder_handle(span), w);
	return recorder_handle(span);
}
