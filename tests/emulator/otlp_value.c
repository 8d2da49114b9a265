// SPDX-License-Identifier: MIT
#include "otlp_read.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	VALUE_DEPTH = 32,           // AnyValue inside AnyValue
	DUPLICATES_SOUGHT_IN = 512, // attributes; the search is quadratic
};

struct otlp_block {
	struct otlp_block *next;
	max_align_t at[];
};

void *otlp_take(struct otlp *o, size_t n, size_t size)
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

__attribute__((format(printf, 2, 3))) void otlp_problem(struct otlp *o, const char *format, ...)
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
		unsigned more = b < 0x80                ? 0
		                : b >= 0xc2 && b < 0xe0 ? 1
		                : (b & 0xf0) == 0xe0    ? 2
		                : b >= 0xf0 && b < 0xf5 ? 3
		                                        : 4;
		if (more == 4 || (size_t)(end - p) < more)
			return false;
		if ((b == 0xe0 && *p < 0xa0) || (b == 0xed && *p > 0x9f) || (b == 0xf0 && *p < 0x90) ||
		    (b == 0xf4 && *p > 0x8f))
			return false;
		for (; more; more--)
			if ((*p++ & 0xc0) != 0x80)
				return false;
	}
	return true;
}

struct slice otlp_text(struct otlp *o, const char *what, struct slice s)
{
	if (!is_utf8(s))
		otlp_problem(o, "%s is not UTF-8", what);
	return s;
}

struct slice otlp_id(struct otlp *o, const char *what, struct slice s, size_t size)
{
	bool zero = true;

	for (size_t i = 0; i < s.n; i++)
		zero &= !s.p[i];
	if (s.n != size)
		otlp_problem(o, "%s is %zu bytes long, not %zu", what, s.n, size);
	else if (zero)
		otlp_problem(o, "%s is all zero", what);
	return s;
}

uint32_t otlp_u32(struct otlp *o, const char *what, uint64_t value)
{
	if (value > UINT32_MAX)
		otlp_problem(o, "%s is larger than 32 bits", what);
	return (uint32_t)value;
}

// Unknown numbers are what a later OTLP adds; a known one with another wire type is an encoder's mistake.
void otlp_other(struct otlp *o, const char *message, const struct field *f, uint32_t last_known)
{
	if (f->number <= last_known)
		otlp_problem(o, "%s: field %" PRIu32 " has wire type %d", message, f->number, (int)f->type);
}

void otlp_finish(struct otlp *o, const struct wire *w)
{
	if (w->error && !o->error)
		o->error = w->error;
}

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
			otlp_problem(o, "an AnyValue holds two values");
		switch (F(f.number, f.type)) {
		case F(1, B):
			*v = (struct value){ .type = VALUE_STRING, .text = otlp_text(o, "a string value", f.bytes) };
			break;
		case F(2, V):
			*v = (struct value){ .type = VALUE_BOOL, .yes = f.value != 0 };
			if (f.value > 1)
				otlp_problem(o, "a bool value is neither 0 nor 1");
			break;
		case F(3, V): *v = (struct value){ .type = VALUE_INT, .integer = (int64_t)f.value }; break;
		case F(4, F64):
			*v = (struct value){ .type = VALUE_DOUBLE };
			memcpy(&v->real, &f.value, sizeof v->real);
			break;
		case F(5, B): read_array(o, v, f.bytes, depth + 1); break;
		case F(6, B):
			*v = (struct value){ .type = VALUE_KVLIST };
			otlp_attributes(o, &v->fields, f.bytes, 1, depth + 1);
			break;
		case F(7, B): *v = (struct value){ .type = VALUE_BYTES, .text = f.bytes }; break;
		default:      otlp_other(o, "AnyValue", &f, 7);
		}
	}
	otlp_finish(o, &w);
}

void otlp_any_value(struct otlp *o, struct value *v, struct slice message)
{
	read_value(o, v, message, 0);
}

static void read_array(struct otlp *o, struct value *v, struct slice message, unsigned depth)
{
	struct wire w = wire_of(message);
	struct field f;
	size_t n = wire_count(message, 1), i = 0;

	*v = (struct value){ .type = VALUE_ARRAY };
	v->array.at = otlp_take(o, n, sizeof *v->array.at);
	while (!o->error && wire_next(&w, &f)) {
		if (F(f.number, f.type) == F(1, B))
			read_value(o, &v->array.at[i++], f.bytes, depth);
		else
			otlp_other(o, "ArrayValue", &f, 1);
	}
	v->array.n = i;
	otlp_finish(o, &w);
}

static void read_attribute(struct otlp *o, struct attribute *a, struct slice message, unsigned depth)
{
	struct wire w = wire_of(message);
	struct field f;
	bool has_value = false;

	while (!o->error && wire_next(&w, &f)) {
		switch (F(f.number, f.type)) {
		case F(1, B): a->key = otlp_text(o, "an attribute's key", f.bytes); break;
		case F(2, B):
			read_value(o, &a->value, f.bytes, depth);
			has_value = true;
			break;
		default: otlp_other(o, "KeyValue", &f, 2);
		}
	}
	if (!a->key.n)
		otlp_problem(o, "an attribute has no key");
	else if (!has_value)
		otlp_problem(o, "attribute %.*s has no value", (int)(a->key.n < 64 ? a->key.n : 64), a->key.p);
	otlp_finish(o, &w);
}

static void check_keys(struct otlp *o, const struct attributes *a)
{
	for (size_t i = 1; i < a->n && i < DUPLICATES_SOUGHT_IN; i++)
		for (size_t j = 0; j < i; j++) {
			struct slice x = a->at[i].key, y = a->at[j].key;
			if (x.n && x.n == y.n && !memcmp(x.p, y.p, x.n))
				otlp_problem(o, "attribute %.*s is there twice", (int)(x.n < 64 ? x.n : 64), x.p);
		}
}

// The KeyValue fields of this number in any message that has them; its other fields are the caller's.
void otlp_attributes(struct otlp *o, struct attributes *a, struct slice message, uint32_t number, unsigned depth)
{
	struct wire w = wire_of(message);
	struct field f;

	a->n = 0;
	a->at = otlp_take(o, wire_count(message, number), sizeof *a->at);
	while (!o->error && wire_next(&w, &f))
		if (f.number == number && f.type == WIRE_BYTES)
			read_attribute(o, &a->at[a->n++], f.bytes, depth);
	otlp_finish(o, &w);
	if (!o->error)
		check_keys(o, a);
}
