// SPDX-License-Identifier: MIT
#pragma once

/*
 * otel_value.h: values of every type that OpenTelemetry has, for attributes, bodies of log records, and what is nested in either. A value borrows:
 * what it points to lives as long as the call that it is passed to. Arrays and key-value lists are arrays of the caller's.
 *
 *   struct otel_attr size[] = { otel_attr_int("width", 3), otel_attr_int("height", 4) };
 *   struct otel_attr attrs[] = { otel_attr_str("shape", "box", 3), otel_attr_pairs("size", size, 2) };
 *
 *   otel_add_event(span, "drawn", attrs, 2);
 *
 * Setting one attribute needs none of this: otel_set_str() and its like.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum otel_type {
	OTEL_EMPTY, /* no value: OTLP knows that too */
	OTEL_STR,
	OTEL_BOOL,
	OTEL_INT,
	OTEL_DOUBLE,
	OTEL_ARRAY,
	OTEL_PAIRS, /* a key-value list */
	OTEL_BYTES,

	/* Arrays of one type, as C has them; what they become is an OTEL_ARRAY. */
	OTEL_STRS,
	OTEL_BOOLS,
	OTEL_INTS,
	OTEL_DOUBLES
};

struct otel_attr;

struct otel_value {
	enum otel_type type;
	size_t n; /* of text, bytes, values or pairs */
	union {
		const char *text;
		const void *bytes;
		int64_t integer;
		double number;
		bool truth;
		const struct otel_value *values;
		const struct otel_attr *pairs;
		const char *const *texts; /* NUL-terminated */
		const bool *truths;
		const int64_t *integers;
		const double *numbers;
	} of;
};

struct otel_attr {
	const char *key;
	size_t key_n;
	struct otel_value value;
};

/* ---- values ---- */

static inline struct otel_value otel_value_str(const char *p, size_t n)
{
	struct otel_value v;

	v.type = OTEL_STR;
	v.n = n;
	v.of.text = p;
	return v;
}

static inline struct otel_value otel_value_bytes(const void *p, size_t n)
{
	struct otel_value v;

	v.type = OTEL_BYTES;
	v.n = n;
	v.of.bytes = p;
	return v;
}

static inline struct otel_value otel_value_int(int64_t value)
{
	struct otel_value v;

	v.type = OTEL_INT;
	v.n = 0;
	v.of.integer = value;
	return v;
}

static inline struct otel_value otel_value_double(double value)
{
	struct otel_value v;

	v.type = OTEL_DOUBLE;
	v.n = 0;
	v.of.number = value;
	return v;
}

static inline struct otel_value otel_value_bool(bool value)
{
	struct otel_value v;

	v.type = OTEL_BOOL;
	v.n = 0;
	v.of.truth = value;
	return v;
}

static inline struct otel_value otel_value_array(const struct otel_value *values, size_t n)
{
	struct otel_value v;

	v.type = OTEL_ARRAY;
	v.n = n;
	v.of.values = values;
	return v;
}

static inline struct otel_value otel_value_pairs(const struct otel_attr *pairs, size_t n)
{
	struct otel_value v;

	v.type = OTEL_PAIRS;
	v.n = n;
	v.of.pairs = pairs;
	return v;
}

static inline struct otel_value otel_value_strs(const char *const *texts, size_t n)
{
	struct otel_value v;

	v.type = OTEL_STRS;
	v.n = n;
	v.of.texts = texts;
	return v;
}

static inline struct otel_value otel_value_bools(const bool *truths, size_t n)
{
	struct otel_value v;

	v.type = OTEL_BOOLS;
	v.n = n;
	v.of.truths = truths;
	return v;
}

static inline struct otel_value otel_value_ints(const int64_t *integers, size_t n)
{
	struct otel_value v;

	v.type = OTEL_INTS;
	v.n = n;
	v.of.integers = integers;
	return v;
}

static inline struct otel_value otel_value_doubles(const double *numbers, size_t n)
{
	struct otel_value v;

	v.type = OTEL_DOUBLES;
	v.n = n;
	v.of.numbers = numbers;
	return v;
}

/* ---- attributes: the key is measured here, at compile time where it is a literal ---- */

static inline struct otel_attr otel_attr_value(const char *key, struct otel_value value)
{
	struct otel_attr a;

	a.key = key;
	a.key_n = __builtin_strlen(key);
	a.value = value;
	return a;
}

static inline struct otel_attr otel_attr_str(const char *key, const char *p, size_t n)
{
	return otel_attr_value(key, otel_value_str(p, n));
}

static inline struct otel_attr otel_attr_bytes(const char *key, const void *p, size_t n)
{
	return otel_attr_value(key, otel_value_bytes(p, n));
}

static inline struct otel_attr otel_attr_int(const char *key, int64_t value)
{
	return otel_attr_value(key, otel_value_int(value));
}

static inline struct otel_attr otel_attr_double(const char *key, double value)
{
	return otel_attr_value(key, otel_value_double(value));
}

static inline struct otel_attr otel_attr_bool(const char *key, bool value)
{
	return otel_attr_value(key, otel_value_bool(value));
}

static inline struct otel_attr otel_attr_array(const char *key, const struct otel_value *values, size_t n)
{
	return otel_attr_value(key, otel_value_array(values, n));
}

static inline struct otel_attr otel_attr_pairs(const char *key, const struct otel_attr *pairs, size_t n)
{
	return otel_attr_value(key, otel_value_pairs(pairs, n));
}
