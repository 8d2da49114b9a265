// SPDX-License-Identifier: MIT
#include "record/recorder.h"

#include "base/clock.h"
#include "base/late.h"

#include <assert.h>

struct recorder recorder;
struct open_span recorder_open[OTEL_OPEN_MAX] LATE;
char recorder_room[REGION_SPOOL_BYTES] LATE __attribute__((aligned(4096)));

static_assert(sizeof recorder <= REGION_STATE_BYTES && sizeof recorder_open <= REGION_OPEN_BYTES,
              "more than region.h says");

/* Bits 8 and 9 of Span.flags (trace.proto, SpanFlags): it is known whether the parent is in another process; it is. */
#define FLAG_REMOTE_KNOWN 0x100u
#define FLAG_REMOTE 0x200u

/*
 * A handle is an address in here, and nothing is ever stored there: byte g of row s names the g-th use of slot s, so a handle that is kept for
 * too long is told from the span that has the slot now. The byte behind the last row names every span that does not exist.
 */
#define GENERATIONS 1024
static char handles[OTEL_OPEN_MAX * GENERATIONS + 1] LATE;

struct otel_span *recorder_handle(const struct open_span *o)
{
	return (struct otel_span *)&handles[(size_t)(o - recorder_open) * GENERATIONS + o->slot.generation];
}

struct otel_span *recorder_inert(void)
{
	return (struct otel_span *)&handles[OTEL_OPEN_MAX * GENERATIONS];
}

struct open_span *recorder_find_open(const struct otel_span *span)
{
	uintptr_t at = (uintptr_t)span - (uintptr_t)handles;
	unsigned i = (unsigned)(at / GENERATIONS);

	if (at >= OTEL_OPEN_MAX * GENERATIONS || !(recorder.open >> i & 1) ||
	    recorder_open[i].slot.generation != at % GENERATIONS)
		return NULL;
	return &recorder_open[i];
}

struct open_span *recorder_find(const struct otel_span *span)
{
	struct open_span *o = recorder_find_open(span);

	return o && !o->slot.mute ? o : NULL;
}

static struct open_span *top(void)
{
	return &recorder_open[recorder.stack[recorder.depth - 1]];
}

static unsigned char *id_in(struct open_span *o, size_t at)
{
	return (unsigned char *)o->bytes + at;
}

int64_t recorder_now(void)
{
	return recorder.wall_less_mono + clock_mono_ns();
}

/* ---- slots ---- */

struct open_span *recorder_push(const struct span_start *start, bool on_stack)
{
	struct open_span *o;
	unsigned i;

	if (recorder.open == (uint32_t)((UINT64_C(1) << OTEL_OPEN_MAX) - 1))
		return NULL;
	i = (unsigned)__builtin_ctz(~recorder.open);
	o = &recorder_open[i];
	recorder.open |= UINT32_C(1) << i;
	span_open(&o->slot, o->bytes, start);
	o->slot.generation = (o->slot.generation + 1) % GENERATIONS;
	o->slot.place = on_stack ? (unsigned char)recorder.depth : ASIDE;
	o->slot.scope = 0;
	o->slot.mute = o->slot.settled = false;
	if (on_stack)
		recorder.stack[recorder.depth++] = (unsigned char)i;
	return o;
}

/* Off the stack it goes as its top. */
static void finish(struct open_span *o, int64_t time, bool unended)
{
	bool child = !(recorder.running && o->slot.place == 0);

	if (o->slot.place != ASIDE)
		recorder.depth--;
	recorder.open &= ~(UINT32_C(1) << (o - recorder_open));
	if (o->slot.mute)
		return;
	recorder.unended += unended;
	recorder.failed |= o->slot.status == SPAN_FAILED;
	span_close(&o->slot, o->bytes, time, unended);
	if (!recorder_put(o->bytes, o->slot.n, o->slot.scope, o->slot.flags, child))
		recorder.count.dropped[DROP_SPOOL]++;
}

/* ---- finished ones ---- */

/* The invocation's span has its room kept: children that fill the spool do not make orphans of those that are in it. */
bool recorder_put(const char *bytes, size_t n, unsigned scope, uint32_t flags, bool child)
{
	char *p;

	if (!(flags & OTEL_SAMPLED)) {
		scope |= SPOOL_APART;
		recorder.unsampled++;
	}
	p = spool_open(&recorder.spool, n, scope, child ? 3 + OTEL_SPAN_BYTES : 0);
	if (p)
		memcpy(p, bytes, n);
	return p;
}

void recorder_take_back(enum drop reason)
{
	recorder.count.dropped[reason] += recorder.spool.items - recorder.spool.mark_items;
	spool_take_back(&recorder.spool);
}

str recorder_spool(void)
{
	return (str){ recorder.spool.room, recorder.spool.n };
}

void recorder_spool_empty(void)
{
	spool_reset(&recorder.spool, recorder.spool.room, recorder.spool.cap);
}

/* ---- an invocation ---- */

void recorder_reset(void)
{
	recorder = (struct recorder){ .depth = 0 };
	spool_reset(&recorder.spool, recorder_room, REGION_SPOOL_BYTES);
	limits_default(&recorder.limits);
}

void recorder_begin(const struct recorder_call *call)
{
	const struct context *from = call->from;
	unsigned char trace_id[16], span_id[8];
	struct span_start start = {
		.trace_id = trace_id,
		.span_id = span_id,
		.name = call->name,
		.kind = Span_SpanKind_SPAN_KIND_SERVER,
		.name_room = call->name_room,
		.own_room = call->own_room,
		.own_attributes = call->own_attributes,
		.time = call->wall_ns ? call->wall_ns : clock_wall_ns(),
	};
	struct sampling sampling;
	struct open_span *o;

	if (recorder.depth)
		recorder_end(recorder_now());
	recorder.wall_less_mono = start.time - (call->mono_ns ? call->mono_ns : clock_mono_ns());
	recorder.running = true;
	recorder.recording = call->wanted;
	recorder.unended = 0;
	recorder.failed = false;
	recorder.began = start.time;
	spool_mark(&recorder.spool);
	if (from)
		memcpy(trace_id, from->trace_id, 16);
	else
		id_trace(&recorder.ids, start.time, trace_id);
	id_span(&recorder.ids, span_id);
	sampler_decide(&sampling, from, trace_id);
	start.trace_state = sampling.trace_state;
	start.flags = sampling.flags | FLAG_REMOTE_KNOWN;
	if (from && from->has_span) {
		start.parent_id = from->span_id;
		start.flags |= FLAG_REMOTE;
	}
	o = recorder_push(&start, true);
	o->slot.mute = !call->wanted || recorder_is_mute(&sampling);
	recorder.count.made += !o->slot.mute;
}

void recorder_name(str name, enum otel_kind kind)
{
	struct open_span *o = recorder_find(otel_invocation());

	if (o)
		span_name_later(&o->slot, o->bytes, name, (Span_SpanKind)kind);
}

void recorder_end_children(int64_t time)
{
	while (recorder.depth > 1)
		finish(top(), time, true);
	for (unsigned i = 0; i < OTEL_OPEN_MAX; i++)
		if (recorder.open >> i & 1 && recorder_open[i].slot.place == ASIDE)
			finish(&recorder_open[i], time, true);
}

void recorder_end(int64_t time)
{
	recorder_end_children(time);
	if (recorder.depth)
		finish(top(), time, !recorder.running);
	recorder.running = false;
	recorder.recording = recorder.start_root != NULL;
}

void recorder_settle(struct otel_span *span)
{
	struct open_span *o = recorder_find(span);

	if (!o)
		return;
	o->slot.settled = true;
	o->slot.own_room = o->slot.own_attributes = 0;
}

bool recorder_ids(unsigned char trace_id[16], unsigned char span_id[8])
{
	if (!recorder.depth)
		return false;
	memcpy(trace_id, id_in(top(), SPAN_TRACE_ID_AT), 16);
	memcpy(span_id, id_in(top(), SPAN_ID_AT), 8);
	return true;
}

/* ---- otel.h ---- */

struct otel_span *otel_start_n(const char *name, size_t name_n)
{
	unsigned char span_id[8];
	struct span_start start = {
		.span_id = span_id,
		.name = { name, name_n },
		.kind = Span_SpanKind_SPAN_KIND_INTERNAL,
	};
	struct open_span *parent, *o;

	if (!recorder.recording)
		return recorder_inert();
	if (!recorder.depth)
		return recorder.start_root ? recorder.start_root(name, name_n) : recorder_inert();
	parent = top();
	if (parent->slot.mute)
		return recorder_inert();
	recorder.count.made++;
	id_span(&recorder.ids, span_id);
	start.trace_id = id_in(parent, SPAN_TRACE_ID_AT);
	start.parent_id = id_in(parent, SPAN_ID_AT);
	start.trace_state = span_trace_state(&parent->slot, parent->bytes);
	start.flags = (parent->slot.flags & 0xff) | FLAG_REMOTE_KNOWN;
	start.time = recorder_now();
	if (!(o = recorder_push(&start, true))) {
		recorder.count.dropped[DROP_OPEN]++;
		return recorder_inert();
	}
	if (recorder.started)
		recorder.started(recorder_handle(o));
	return recorder_handle(o);
}

static void end(struct open_span *o, int64_t time)
{
	if (o->slot.place != ASIDE)
		while (recorder.depth > (unsigned)o->slot.place + 1)
			finish(top(), time, true);
	finish(o, time, false);
}

void otel_end(struct otel_span *span)
{
	struct open_span *o = recorder_find_open(span);

	if (o && !(recorder.running && o->slot.place == 0))
		end(o, recorder_now());
}

void otel_end_at(struct otel_span *span, int64_t unix_ns)
{
	struct open_span *o = recorder_find_open(span);

	if (o && !(recorder.running && o->slot.place == 0))
		end(o, unix_ns);
}

struct otel_span *otel_current(void)
{
	return recorder.depth ? recorder_handle(top()) : recorder_inert();
}

struct otel_span *otel_invocation(void)
{
	return recorder.running && recorder.depth ? recorder_handle(&recorder_open[recorder.stack[0]]) : recorder_inert();
}

bool otel_recording(struct otel_span *span)
{
	return recorder_find(span) != NULL;
}

static void set(struct open_span *o, struct attr *a, const char *key, size_t key_n)
{
	span_text(&a->key, key, key_n, VALUE_UNLIMITED);
	span_set(&o->slot, o->bytes, a, recorder.limits.span.max);
}

void otel_put_str(struct otel_span *span, const char *key, size_t key_n, const char *p, size_t n)
{
	struct open_span *o = recorder_find(span);
	struct attr a;

	if (!o)
		return;
	a.type = ATTR_STR;
	span_text(&a.text, p, n, recorder.limits.span.chars);
	set(o, &a, key, key_n);
}

static void set_bits(struct otel_span *span, const char *key, size_t key_n, enum attr_type type, uint64_t bits)
{
	struct open_span *o = recorder_find(span);
	struct attr a;

	if (!o)
		return;
	a.type = type;
	a.text = (struct wire_text){ 0 };
	a.bits = bits;
	set(o, &a, key, key_n);
}

void otel_put_int(struct otel_span *span, const char *key, size_t key_n, int64_t value)
{
	set_bits(span, key, key_n, ATTR_INT, (uint64_t)value);
}

void otel_put_double(struct otel_span *span, const char *key, size_t key_n, double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof bits);
	set_bits(span, key, key_n, ATTR_DOUBLE, bits);
}

void otel_put_bool(struct otel_span *span, const char *key, size_t key_n, bool value)
{
	set_bits(span, key, key_n, ATTR_BOOL, value);
}

void otel_error(struct otel_span *span, const char *message, size_t n)
{
	struct open_span *o = recorder_find(span);

	if (o)
		span_fail(&o->slot, o->bytes, (str){ message, n });
}

void otel_put_exception_stack(struct otel_span *span, const char *type, size_t type_n, const char *message,
                              size_t message_n, const char *stack, size_t stack_n)
{
	struct open_span *o = recorder_find_open(span);
	struct span_exception what = { { type, type_n }, { message, message_n }, { stack, stack_n } };
	bool said;

	/* What has ended says nothing. What is not recorded may still be heard of in the log. */
	if (!o && span != recorder_inert())
		return;
	said = recorder.exception && recorder.exception(span, &what);
	if (!o || o->slot.mute)
		return;
	if (type_n)
		otel_put_str(span, "error.type", 10, type, type_n);
	if (!said)
		span_exception(&o->slot, o->bytes, recorder_now(), &what, &recorder.limits);
	otel_error(span, message, message_n);
}

void otel_put_exception(struct otel_span *span, const char *type, size_t type_n, const char *message, size_t message_n)
{
	otel_put_exception_stack(span, type, type_n, message, message_n, NULL, 0);
}
