// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"

#include <string.h>

/*
 * For tests of telemetry: a protobuf reader that shares nothing with the writer.
 */

/* One field of a message: number, and bytes or a number. */
struct field {
	unsigned number, type;
	str bytes;
	uint64_t value;
};

static inline uint64_t pb_number(str *m, bool *ok)
{
	uint64_t v = 0;

	for (int shift = 0; shift < 70; shift += 7) {
		unsigned char c;

		if (!m->n) {
			*ok = false;
			return 0;
		}
		c = (unsigned char)*m->p++;
		m->n--;
		v |= (uint64_t)(c & 127) << shift;
		if (!(c & 128))
			return v;
	}
	*ok = false;
	return 0;
}

/* False at the end, and on what is no message: then *ok is false too. */
static inline bool pb_next(str *m, struct field *f, bool *ok)
{
	uint64_t tag, n;

	if (!m->n)
		return false;
	tag = pb_number(m, ok);
	*f = (struct field){ .number = (unsigned)(tag >> 3), .type = (unsigned)tag & 7 };
	if (f->type == 0)
		f->value = pb_number(m, ok);
	n = f->type == 1 ? 8 : f->type == 5 ? 4 : f->type == 2 ? pb_number(m, ok) : 0;
	if (f->type == 3 || f->type == 4 || f->type > 5 || n > m->n)
		*ok = false;
	if (!*ok)
		return false;
	f->bytes = (str){ m->p, (size_t)n };
	if (f->type == 1 || f->type == 5)
		memcpy(&f->value, m->p, (size_t)n);
	*m = (str){ m->p + n, m->n - (size_t)n };
	return true;
}

static inline bool pb_valid(str m)
{
	struct field f;
	bool ok = true;

	while (pb_next(&m, &f, &ok))
		;
	return ok;
}

/* The nth field of that number; number 0 in the result: there is none. */
static inline struct field pb_field(str m, unsigned number, int nth)
{
	struct field f;
	bool ok = true;

	while (pb_next(&m, &f, &ok))
		if (f.number == number && nth-- == 0)
			return f;
	return (struct field){ 0 };
}

static inline str pb_bytes(str m, unsigned number)
{
	return pb_field(m, number, 0).bytes;
}

static inline int pb_count(str m, unsigned number)
{
	int n = 0;

	while (pb_field(m, number, n).number)
		n++;
	return n;
}

/* The AnyValue of an attribute among the fields of that number. */
static inline str pb_attribute(str m, unsigned number, const char *key)
{
	for (int i = 0; pb_field(m, number, i).number; i++) {
		str pair = pb_field(m, number, i).bytes;

		if (str_eq(pb_bytes(pair, 1), str_of(key)))
			return pb_bytes(pair, 2);
	}
	return (str){ 0 };
}

static inline str pb_text_attribute(str m, unsigned number, const char *key)
{
	return pb_bytes(pb_attribute(m, number, key), 1);
}
