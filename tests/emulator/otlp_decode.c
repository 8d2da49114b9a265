// SPDX-License-Identifier: MIT
// One function a message. Arrays are counted first and then taken in one piece, so that a repeated field needs no
// growing; the smallest element is 2 bytes on the wire, so what is taken is a bounded multiple of the request.
#include "otlp_decode.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A switch over number and wire type at once: a known number with another type falls through to `other`.
#define F(number, type) ((number) << 3 | (type))
enum { V = WIRE_VARINT, F64 = WIRE_FIXED64, F32 = WIRE_FIXED32, B = WIRE_BYTES };

enum {
	VALUE_DEPTH = 32,           // AnyValue inside AnyValue
	DUPLICATES_SOUGHT_IN = 512,  // attributes; the search is quadratic
};

struct otlp_block {
	struct otlp_block *next;
	max_align_t at[];
};

static void *take(struct otlp *o, size_t n, size_t size)
{
	if (!n || o->error)
		return NULL;
	struct otlp_block *b = n > (SIZE_MAX - sizeof *b) / size ? NULL : calloc(1, sizeof *b + n * size);
	if (!b) {
		o->error = "out of memory";
		return NULL;
	}
	b->next = o->blocks;
	o->blocks = b;
	return b->at;
}

void otlp_free(struct otlp *o)
{
	for (struct otlp_block *b = o->blocks, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	o->blocks = NULL;
}

__attribute__((format(printf, 2, 3))) static void problem(struct otlp *o, const char *format, ...)
{
	va_list args;

	if (o->n_problems < OTLP_PROBLEMS) {
		va_start(args, format);
		vsnprintf(o->problems[o->n_problems], OTLP_PROBLEM_SIZE, format, args);
		va_end(args);
	}
	o->n_problems++;
}

bool slice_is(struct slice s, const char *text)
{
	return s.n == strlen(text) && !memcmp(s.p, text, s.n);
}

const struct value *attributes_get(const struct attributes *a, const char *key)
{
	for (size_t i = 0; i < a->n; i++)
		if (slice_is(a->at[i].key, key))
			return &a->at[i].value;
	return NULL;
}

// RFC 3629: shortest form, no surrogates, nothing above U+10FFFF.
static bool is_utf8(struct slice s)
{
	const unsigned char *p = (const unsigned char *)s.p, *end = p + s.n;

	while (p < end) {
		unsigned char b = *p++;
		unsigned more = b < 0x80 ? 0 : b >= 0xc2 && b < 0xe0 ? 1 : (b & 0xf0) == 0xe0 ? 2 : b >= 0xf0 && b < 0xf5 ? 3 : 4;
		if (more == 4 || (size_t)(end - p) < more)
			return false;
		if ((b == 0xe0 && *p < 0xa0) || (b == 0xed && *p > 0x9f) || (b == 0xf0 && *p < 0x90) || (b == 0xf4 && *p > 0x8f))
			return false;
		for (; more; more--)
			if ((*p++ & 0xc0) != 0x80)
				return false;
	}
	return true;
}

static struct slice text(struct otlp *o, const char *what, struct slice s)
{
	if (!is_utf8(s))
		problem(o, "%s is not UTF-8", what);
	return s;
}

static struct slice id(struct otlp *o, const char *what, struct slice s, size_t size)
{
	bool zero = true;

	for (size_t i = 0; i < s.n; i++)
		zero &= !s.p[i];
	if (s.n != size)
		problem(o, "%s is %zu bytes long, not %zu", what, s.n, size);
	else if (zero)
		problem(o, "%s is all zero", what);
	return s;
}

static uint32_t u32(struct otlp *o, const char *what, uint64_t value)
{
	if (value > UINT32_MAX)
		problem(o, "%s is larger than 32 bits", what);
	return (uint32_t)value;
}

// Unknown numbers are what a later OTLP adds; a known one with another wire type is an encoder's mistake.
static void other(struct otlp *o, const char *message, const struct field *f, uint32_t last_known)
{
	if (f->number <= last_known)
		problem(o, "%s: field %" PRIu32 " has wire type %d", message, f->number, (int)f->type);
}

static void finish(struct otlp *o, const struct wire *w)
{
	if (w->error && !o->error)
		o->error = w->error;
}

static void read_attributes(struct otlp *o, struct attributes *a, struct slice message, uint32_t number, unsigned depth);
static void read_array(struct otlp *o, struct value *v, struct slice message, unsigned depth);

static void read_value(struct otlp *o, struct value *v, struct slice message, unsigned depth)
{
	struct wire w = wire_of(message);
	struct field f;

	*v = (struct value){ 0 };
	if (depth == VALUE_DEPTH) {
		o->error = "a value is nested deeper than 32";
		return;
	}
	while (!o->error && wire_next(&w, &f)) {
		if (f.number <= 7 && v->type)
			problem(o, "an AnyValue holds two values");
		switch (F(f.number, f.type)) {
		case F(1, B):
			*v = (struct value){ .type = VALUE_STRING, .text = text(o, "a string value", f.bytes) };
			break;
		case F(2, V):
			*v = (struct value){ .type = VALUE_BOOL, .yes = f.value != 0 };
			if (f.value > 1)
				problem(o, "a bool value is neither 0 nor 1");
			break;
		case F(3, V):
			*v = (struct value){ .type = VALUE_INT, .integer = (int64_t)f.value };
			break;
		case F(4, F64):
			*v = (struct value){ .type = VALUE_DOUBLE };
			memcpy(&v->real, &f.value, sizeof v->real);
			break;
		case F(5, B):
			read_array(o, v, f.bytes, depth + 1);
			break;
		case F(6, B):
			*v = (struct value){ .type = VALUE_KVLIST };
			read_attributes(o, &v->fields, f.bytes, 1, depth + 1);
			break;
		case F(7, B):
			*v = (struct value){ .type = VALUE_BYTES, .text = f.bytes };
			break;
		default:
			other(o, "AnyValue", &f, 7);
		}
	}
	finish(o, &w);
}

static void read_array(struct otlp *o, struct value *v, struct slice message, unsigned depth)
{
	struct wire w = wire_of(message);
	struct field f;
	size_t n = wire_count(message, 1), i = 0;

	*v = (struct value){ .type = VALUE_ARRAY };
	v->array.at = take(o, n, sizeof *v->array.at);
	while (!o->error && wire_next(&w, &f)) {
		if (F(f.number, f.type) == F(1, B))
			read_value(o, &v->array.at[i++], f.bytes, depth);
		else
			other(o, "ArrayValue", &f, 1);
	}
	v->array.n = i;
	finish(o, &w);
}

static void read_attribute(struct otlp *o, struct attribute *a, struct slice message, unsigned depth)
{
	struct wire w = wire_of(message);
	struct field f;
	bool has_value = false;

	while (!o->error && wire_next(&w, &f)) {
		switch (F(f.number, f.type)) {
		case F(1, B):
			a->key = text(o, "an attribute's key", f.bytes);
			break;
		case F(2, B):
			read_value(o, &a->value, f.bytes, depth);
			has_value = true;
			break;
		default:
			other(o, "KeyValue", &f, 2);
		}
	}
	if (!a->key.n)
		problem(o, "an attribute has no key");
	else if (!has_value)
		problem(o, "attribute %.*s has no value", (int)(a->key.n < 64 ? a->key.n : 64), a->key.p);
	finish(o, &w);
}

static void check_keys(struct otlp *o, const struct attributes *a)
{
	for (size_t i = 1; i < a->n && i < DUPLICATES_SOUGHT_IN; i++)
		for (size_t j = 0; j < i; j++) {
			struct slice x = a->at[i].key, y = a->at[j].key;
			if (x.n && x.n == y.n && !memcmp(x.p, y.p, x.n))
				problem(o, "attribute %.*s is there twice", (int)(x.n < 64 ? x.n : 64), x.p);
		}
}

// The KeyValue fields of this number in any message that has them; its other fields are the caller's.
static void read_attributes(struct otlp *o, struct attributes *a, struct slice message, uint32_t number, unsigned depth)
{
	struct wire w = wire_of(message);
	struct field f;

	a->n = 0;
	a->at = take(o, wire_count(message, number), sizeof *a->at);
	while (!o->error && wire_next(&w, &f))
		if (f.number == number && f.type == WIRE_BYTES)
			read_attribute(o, &a->at[a->n++], f.bytes, depth);
	finish(o, &w);
	if (!o->error)
		check_keys(o, a);
}

static void read_event(struct otlp *o, struct span_event *e, struct slice message)
{
	struct wire w = wire_of(message);
	struct field f;

	read_attributes(o, &e->attributes, message, 3, 0);
	while (!o->error && wire_next(&w, &f)) {
		switch (F(f.number, f.type)) {
		case F(1, F64):
			e->time = f.value;
			break;
		case F(2, B):
			e->name = text(o, "an event's name", f.bytes);
			break;
		case F(3, B):
			break;
		case F(4, V):
			e->attributes.dropped = u32(o, "dropped_attributes_count", f.value);
			break;
		default:
			other(o, "Event", &f, 4);
		}
	}
	if (!e->name.n)
		problem(o, "an event has no name");
	finish(o, &w);
}

static void read_link(struct otlp *o, struct span_link *l, struct slice message)
{
	struct wire w = wire_of(message);
	struct field f;

	read_attributes(o, &l->attributes, message, 4, 0);
	while (!o->error && wire_next(&w, &f)) {
		switch (F(f.number, f.type)) {
		case F(1, B):
			l->trace_id = f.bytes;
			break;
		case F(2, B):
			l->span_id = f.bytes;
			break;
		case F(3, B):
			l->trace_state = text(o, "a link's trace_state", f.bytes);
			break;
		case F(4, B):
			break;
		case F(5, V):
			l->attributes.dropped = u32(o, "dropped_attributes_count", f.value);
			break;
		case F(6, F32):
			l->flags = (uint32_t)f.value;
			break;
		default:
			other(o, "Link", &f, 6);
		}
	}
	id(o, "a link's trace_id", l->trace_id, 16);
	id(o, "a link's span_id", l->span_id, 8);
	finish(o, &w);
}

static void read_status(struct otlp *o, struct span *s, struct slice message)
{
	struct wire w = wire_of(message);
	struct field f;

	while (wire_next(&w, &f)) {
		switch (F(f.number, f.type)) {
		case F(2, B):
			s->status_message = text(o, "a status message", f.bytes);
			break;
		case F(3, V):
			s->status = (unsigned)u32(o, "a status code", f.value);
			break;
		default:
			other(o, "Status", &f, 3);
		}
	}
	finish(o, &w);
}

static void check_span(struct otlp *o, const struct span *s)
{
	id(o, "a span's trace_id", s->trace_id, 16);
	id(o, "a span's span_id", s->span_id, 8);
	if (s->parent_span_id.n)
		id(o, "a span's parent_span_id", s->parent_span_id, 8);
	if (!s->name.n)
		problem(o, "a span has no name");
	if (!s->start || !s->end)
		problem(o, "a span has no %s time", s->start ? "end" : "start");
	else if (s->end < s->start)
		problem(o, "a span ends before it starts");
	if (s->kind < KIND_INTERNAL || s->kind > KIND_CONSUMER)
		problem(o, "a span's kind is %u", s->kind);
	if (s->status > STATUS_ERROR)
		problem(o, "a span's status code is %u", s->status);
}

static void read_span(struct otlp *o, struct span *s, struct slice message)
{
	struct wire w = wire_of(message);
	struct field f;

	read_attributes(o, &s->attributes, message, 9, 0);
	s->events = take(o, wire_count(message, 11), sizeof *s->events);
	s->links = take(o, wire_count(message, 13), sizeof *s->links);
	while (!o->error && wire_next(&w, &f)) {
		switch (F(f.number, f.type)) {
		case F(1, B):
			s->trace_id = f.bytes;
			break;
		case F(2, B):
			s->span_id = f.bytes;
			break;
		case F(3, B):
			s->trace_state = text(o, "trace_state", f.bytes);
			break;
		case F(4, B):
			s->parent_span_id = f.bytes;
			break;
		case F(5, B):
			s->name = text(o, "a span's name", f.bytes);
			break;
		case F(6, V):
			s->kind = (unsigned)u32(o, "a span's kind", f.value);
			break;
		case F(7, F64):
			s->start = f.value;
			break;
		case F(8, F64):
			s->end = f.value;
			break;
		case F(9, B):
			break;
		case F(10, V):
			s->attributes.dropped = u32(o, "dropped_attributes_count", f.value);
			break;
		case F(11, B):
			read_event(o, &s->events[s->n_events++], f.bytes);
			break;
		case F(12, V):
			s->dropped_events = u32(o, "dropped_events_count", f.value);
			break;
		case F(13, B):
			read_link(o, &s->links[s->n_links++], f.bytes);
			break;
		case F(14, V):
			s->dropped_links = u32(o, "dropped_links_count", f.value);
			break;
		case F(15, B):
			read_status(o, s, f.bytes);
			break;
		case F(16, F32):
			s->flags = (uint32_t)f.value;
			break;
		default:
			other(o, "Span", &f, 16);
		}
	}
	finish(o, &w);
	if (!o->error)
		check_span(o, s);
}

static void read_scope(struct otlp *o, struct scope *s, struct slice message)
{
	struct wire w = wire_of(message);
	struct field f;

	read_attributes(o, &s->attributes, message, 3, 0);
	while (!o->error && wire_next(&w, &f)) {
		switch (F(f.number, f.type)) {
		case F(1, B):
			s->name = text(o, "a scope's name", f.bytes);
			break;
		case F(2, B):
			s->version = text(o, "a scope's version", f.bytes);
			break;
		case F(3, B):
			break;
		case F(4, V):
			s->attributes.dropped = u32(o, "dropped_attributes_count", f.value);
			break;
		default:
			other(o, "InstrumentationScope", &f, 4);
		}
	}
	finish(o, &w);
}

static void read_scope_spans(struct otlp *o, const struct resource *resource, struct slice message)
{
	struct wire w = wire_of(message);
	struct field f;
	struct scope *scope = take(o, 1, sizeof *scope);

	while (!o->error && wire_next(&w, &f)) {
		switch (F(f.number, f.type)) {
		case F(1, B):
			read_scope(o, scope, f.bytes);
			break;
		case F(2, B):
			o->spans[o->n_spans].resource = resource;
			o->spans[o->n_spans].scope = scope;
			read_span(o, &o->spans[o->n_spans++], f.bytes);
			break;
		case F(3, B):
			scope->schema_url = text(o, "a schema_url", f.bytes);
			break;
		default:
			other(o, "ScopeSpans", &f, 3);
		}
	}
	finish(o, &w);
}

static void read_resource(struct otlp *o, struct resource *r, struct slice message)
{
	struct wire w = wire_of(message);
	struct field f;

	read_attributes(o, &r->attributes, message, 1, 0);
	while (!o->error && wire_next(&w, &f)) {
		switch (F(f.number, f.type)) {
		case F(1, B):
			break;
		case F(2, V):
			r->attributes.dropped = u32(o, "dropped_attributes_count", f.value);
			break;
		default:
			other(o, "Resource", &f, 2);
		}
	}
	finish(o, &w);
}

static void read_resource_spans(struct otlp *o, struct slice message)
{
	struct wire w = wire_of(message);
	struct field f;
	struct resource *resource = take(o, 1, sizeof *resource);

	while (!o->error && wire_next(&w, &f)) {
		switch (F(f.number, f.type)) {
		case F(1, B):
			read_resource(o, resource, f.bytes);
			break;
		case F(2, B):
			read_scope_spans(o, resource, f.bytes);
			break;
		case F(3, B):
			resource->schema_url = text(o, "a schema_url", f.bytes);
			break;
		default:
			other(o, "ResourceSpans", &f, 3);
		}
	}
	finish(o, &w);
}

// Spans lie two messages down; they are counted over the whole request so that they form one array.
static size_t count_spans(struct slice request)
{
	struct wire outer = wire_of(request);
	struct field rs, ss;
	size_t n = 0;

	while (wire_next(&outer, &rs)) {
		if (F(rs.number, rs.type) != F(1, B))
			continue;
		struct wire inner = wire_of(rs.bytes);
		while (wire_next(&inner, &ss))
			if (F(ss.number, ss.type) == F(2, B))
				n += wire_count(ss.bytes, 2);
	}
	return n;
}

bool otlp_decode(struct otlp *o, struct slice request)
{
	struct wire w = wire_of(request);
	struct field f;

	*o = (struct otlp){ 0 };
	o->spans = take(o, count_spans(request), sizeof *o->spans);
	while (!o->error && wire_next(&w, &f)) {
		if (F(f.number, f.type) == F(1, B)) {
			o->n_resources++;
			read_resource_spans(o, f.bytes);
		} else {
			other(o, "ExportTraceServiceRequest", &f, 1);
		}
	}
	finish(o, &w);
	if (!o->error && !o->n_spans)
		problem(o, "the request holds no span");  // A.3: senders should not emit empty envelopes
	return !o->error;
}
