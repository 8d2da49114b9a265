// SPDX-License-Identifier: MIT
#include "encode/wire_read.h"

static bool varint(str *s, uint64_t *v)
{
	*v = 0;
	for (unsigned i = 0; i < s->n && i < 10; i++) {
		*v |= (uint64_t)(s->p[i] & 127) << 7 * i;
		if (!(s->p[i] & 128)) {
			*s = (str){ s->p + i + 1, s->n - i - 1 };
			return true;
		}
	}
	return false;
}

static bool fixed(str *s, size_t n, uint64_t *v)
{
	if (s->n < n)
		return false;
	*v = 0;
	memcpy(v, s->p, n); /* little endian, as every machine that Lambda has */
	*s = (str){ s->p + n, s->n - n };
	return true;
}

static bool value(str *s, enum wire_type type, uint64_t *v)
{
	switch (type) {
	case WIRE_VARINT:  return varint(s, v);
	case WIRE_FIXED64: return fixed(s, 8, v);
	case WIRE_FIXED32: return fixed(s, 4, v);
	default:           return false;
	}
}

bool wire_next(str *message, struct wire_field *f)
{
	str rest = *message;
	uint64_t tag, n;

	if (!varint(&rest, &tag) || tag >> 3 == 0 || tag > UINT32_MAX)
		return false;
	*f = (struct wire_field){ .number = (unsigned)(tag >> 3), .type = (enum wire_type)(tag & 7) };
	if (f->type == WIRE_BYTES) {
		if (!varint(&rest, &n) || n > rest.n)
			return false;
		f->bytes = (str){ rest.p, (size_t)n };
		rest = (str){ rest.p + n, rest.n - (size_t)n };
	} else if (!value(&rest, f->type, &f->value)) {
		return false;
	}
	f->whole = (str){ message->p, message->n - rest.n };
	*message = rest;
	return true;
}

bool wire_find(str message, unsigned number, enum wire_type type, struct wire_field *f)
{
	struct wire_field next;
	bool found = false;

	while (wire_next(&message, &next))
		if (next.number == number && next.type == type) {
			*f = next;
			found = true;
		}
	return found;
}

str wire_bytes_of(str message, unsigned number)
{
	struct wire_field f = { .bytes = { 0 } };

	wire_find(message, number, WIRE_BYTES, &f);
	return f.bytes;
}

uint64_t wire_value_of(str message, unsigned number, enum wire_type type)
{
	struct wire_field f = { .value = 0 };

	wire_find(message, number, type, &f);
	return f.value;
}

bool wire_next_packed(str *packed, enum wire_type type, uint64_t *v)
{
	return packed->n && value(packed, type, v);
}
