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

static struct otel_span *handle_of(unsigned i)
{
	return (struct otel_span *)&handles[i * GENERATIONS + recorder_open[i].slot.generation];
}

static struct otel_span *inert(void)
{
	return (struct otel_span *)&handles[OTEL_OPEN_MAX * GENERATIONS];
}

#define NO_SLOT OTEL_OPEN_MAX

static unsigned slot_of(const struct otel_span *span)
{
	uintptr_t at = (uintptr_t)span - (uintptr_t)handles;
	unsigned i = (unsigned)(at / GENERATIONS);

	if (at >= OTEL_OPEN_MAX * GENERATIONS || i >= recorder.depth ||
	    recorder_open[i].slot.generation != at % GENERATIONS)
		return NO_SLOT;
	return i;
}

static const unsigned char *innermost_id(void)
{
	return (const unsigned char *)recorder_open[recorder.depth - 1].bytes + SPAN_ID_AT;
}

static int64_t now(void)
{
	return recorder.wall_less_mono + clock_mono_ns();
}

/* ---- the stack ---- */

static void push(const struct span_start *start)
{
	struct open_span *o = &recorder_open[recorder.depth++];

	span_open(&o->slot, o->bytes, start);
	o->slot.generation = (o->slot.generation + 1) % GENERATIONS;
}

/* The invocation's span has its room kept: children that fill the spool do not make orphans of those that are in it. */
static bool spool(const char *bytes, size_t n, bool child)
{
	size_t at = recorder.spool_start + recorder.spool_n, room = REGION_SPOOL_BYTES - at;
	size_t size = wire_bytes_size(ScopeSpans_spans_tag, n), kept = child ? 3 + OTEL_SPAN_BYTES : 0;
	char *p;

	if (room < kept || size > room - kept)
		return false;
	p = wire_length(recorder_room + at, ScopeSpans_spans_tag, n);
	memcpy(p, bytes, n);
	recorder.spool_n += size;
	recorder.spool_spans++;
	return true;
}

static void pop(int64_t time, bool unended)
{
	struct open_span *o = &recorder_open[--recorder.depth];

	span_close(&o->slot, o->bytes, time, unended);
	recorder.unended += unended;
	if (!spool(o->bytes, o->slot.n, recorder.depth > 0))
		recorder.count.dropped[DROP_SPOOL]++;
}

/* ---- an invocation ---- */

void recorder_reset(size_t start)
{
	recorder = (struct recorder){ .spool_start = start };
}

static void invocation_span(str name, const struct context *from, int64_t time)
{
	struct span_start start = {
		.trace_id = recorder.trace_id,
		.span_id = recorder.span_id,
		.name = name,
		.kind = Span_SpanKind_SPAN_KIND_SERVER,
		.flags = recorder.trace_flags | FLAG_REMOTE_KNOWN,
		.time = time,
	};

	if (from && from->has_span) {
		start.parent_id = from->span_id;
		start.flags |= FLAG_REMOTE;
	}
	recorder.count.made++;
	push(&start);
}

void recorder_begin(str name, const struct context *from, bool enabled)
{
	int64_t wall = clock_wall_ns();

	recorder_end();
	recorder.wall_less_mono = wall - clock_mono_ns();
	recorder.running = true;
	recorder.recording = enabled && !(from && from->silent);
	recorder.unended = 0;
	if (from) {
		memcpy(recorder.trace_id, from->trace_id, 16);
		recorder.trace_flags = (unsigned char)(from->flags & CONTEXT_RANDOM) | (from->silent ? 0 : CONTEXT_SAMPLED);
	} else {
		id_trace(&recorder.ids, wall, recorder.trace_id);
		recorder.trace_flags = CONTEXT_SAMPLED | CONTEXT_RANDOM;
	}
	id_span(&recorder.ids, recorder.span_id);
	if (recorder.recording)
		invocation_span(name, from, wall);
}

void recorder_end(void)
{
	if (recorder.depth) {
		int64_t time = now();

		while (recorder.depth > 1)
			pop(time, true);
		pop(time, false);
	}
	recorder.running = recorder.recording = false;
}

bool recorder_ids(unsigned char trace_id[16], unsigned char span_id[8])
{
	if (!recorder.running)
		return false;
	memcpy(trace_id, recorder.trace_id, 16);
	memcpy(span_id, recorder.depth ? innermost_id() : recorder.span_id, 8);
	return true;
}

str recorder_spool(void)
{
	return (str){ recorder_room + recorder.spool_start, recorder.spool_n };
}

void recorder_spool_empty(void)
{
	recorder.spool_n = recorder.spool_spans = 0;
}

/* ---- otel.h ---- */

struct otel_span *otel_start_n(const char *name, size_t name_n)
{
	unsigned char span_id[8];
	struct span_start start = {
		.trace_id = recorder.trace_id,
		.span_id = span_id,
		.name = { name, name_n },
		.kind = Span_SpanKind_SPAN_KIND_INTERNAL,
		.flags = recorder.trace_flags | FLAG_REMOTE_KNOWN,
	};

	if (!recorder.recording)
		return inert();
	recorder.count.made++;
	if (recorder.depth == OTEL_OPEN_MAX) {
		recorder.count.dropped[DROP_OPEN]++;
		return inert();
	}
	id_span(&recorder.ids, span_id);
	start.parent_id = innermost_id();
	start.time = now();
	push(&start);
	return handle_of(recorder.depth - 1);
}

void otel_end(struct otel_span *span)
{
	unsigned i = slot_of(span);
	int64_t time;

	if (i == NO_SLOT || i == 0)
		return;
	time = now();
	while (recorder.depth > i + 1)
		pop(time, true);
	pop(time, false);
}

struct otel_span *otel_current(void)
{
	return recorder.depth ? handle_of(recorder.depth - 1) : inert();
}

struct otel_span *otel_invocation(void)
{
	return recorder.depth ? handle_of(0) : inert();
}

bool otel_recording(struct otel_span *span)
{
	return slot_of(span) != NO_SLOT;
}

static void set(struct otel_span *span, struct attr *a, const char *key, size_t key_n)
{
	unsigned i = slot_of(span);

	if (i == NO_SLOT)
		return;
	span_text(&a->key, key, key_n);
	span_set(&recorder_open[i].slot, recorder_open[i].bytes, a);
}

void otel_put_str(struct otel_span *span, const char *key, size_t key_n, const char *p, size_t n)
{
	struct attr a = { .type = ATTR_STR };

	if (slot_of(span) == NO_SLOT)
		return;
	span_text(&a.text, p, n);
	set(span, &a, key, key_n);
}

static void set_bits(struct otel_span *span, const char *key, size_t key_n, enum attr_type type, uint64_t bits)
{
	struct attr a = { .type = type, .bits = bits };

	set(span, &a, key, key_n);
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
	unsigned i = slot_of(span);

	if (i != NO_SLOT)
		span_fail(&recorder_open[i].slot, recorder_open[i].bytes, (str){ message, n });
}

void otel_put_exception(struct otel_span *span, const char *type, size_t type_n, const char *message, size_t message_n)
{
	unsigned i = slot_of(span);

	if (i == NO_SLOT)
		return;
	if (type_n)
		otel_put_str(span, "error.type", 10, type, type_n);
	span_exception(&recorder_open[i].slot, recorder_open[i].bytes, now(), (str){ type, type_n },
	               (str){ message, message_n });
	otel_error(span, message, message_n);
}
