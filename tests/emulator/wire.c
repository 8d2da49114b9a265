// SPDX-License-Identifier: MIT
#include "wire.h"

// Groups left proto3, but an unknown one must still be skipped; 32 deep is more than anybody sent.
enum { GROUP_DEPTH = 32 };

struct wire wire_of(struct slice message)
{
	return (struct wire){ .p = message.p, .end = message.p + message.n, .start = message.p };
}

static bool wire_fail(struct wire *w, const char *why)
{
	if (!w->error)
		w->error = why;
	return false;
}

static size_t wire_left(const struct wire *w)
{
	return (size_t)(w->end - w->p);
}

static bool wire_varint(struct wire *w, uint64_t *out)
{
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		if (!wire_left(w))
			return wire_fail(w, "a varint is cut off");
		unsigned char b = (unsigned char)*w->p++;
		if (shift == 63 && b > 1)
			return wire_fail(w, "a varint is larger than 64 bits");
		v |= (uint64_t)(b & 0x7f) << shift;
		if (!(b & 0x80)) {
			*out = v;
			return true;
		}
	}
	return wire_fail(w, "a varint is longer than 10 bytes");
}

static bool wire_fixed(struct wire *w, unsigned size, uint64_t *out)
{
	uint64_t v = 0;

	if (wire_left(w) < size)
		return wire_fail(w, "a fixed-size number is cut off");
	for (unsigned i = 0; i < size; i++)
		v |= (uint64_t)(unsigned char)w->p[i] << (8 * i);
	w->p += size;
	*out = v;
	return true;
}

static bool wire_field(struct wire *w, struct field *f)
{
	uint64_t key, n;

	*f = (struct field){ 0 };
	if (!wire_varint(w, &key))
		return false;
	if (key >> 3 == 0 || key >> 3 > 0x1fffffff)
		return wire_fail(w, "a field number is 0 or above 2^29-1");
	f->number = (uint32_t)(key >> 3);
	f->type = (enum wire_type)(key & 7);
	switch (key & 7) {
	case WIRE_VARINT:  return wire_varint(w, &f->value);
	case WIRE_FIXED64: return wire_fixed(w, 8, &f->value);
	case WIRE_FIXED32: return wire_fixed(w, 4, &f->value);
	case WIRE_BYTES:
		if (!wire_varint(w, &n))
			return false;
		if (n > wire_left(w))
			return wire_fail(w, "a length goes beyond the end of its message");
		f->bytes = (struct slice){ w->p, (size_t)n };
		w->p += n;
		return true;
	case WIRE_GROUP:
	case WIRE_GROUP_END: return true;
	default:             return wire_fail(w, "a field has wire type 6 or 7, which do not exist");
	}
}

static bool wire_skip_group(struct wire *w, uint32_t number)
{
	uint32_t open[GROUP_DEPTH] = { number };
	struct field f;

	for (size_t depth = 1; depth;) {
		if (!wire_left(w))
			return wire_fail(w, "a group is not closed");
		if (!wire_field(w, &f))
			return false;
		if (f.type == WIRE_GROUP) {
			if (depth == GROUP_DEPTH)
				return wire_fail(w, "groups are nested deeper than 32");
			open[depth++] = f.number;
		} else if (f.type == WIRE_GROUP_END && f.number != open[--depth]) {
			return wire_fail(w, "a group is closed by another one's end");
		}
	}
	return true;
}

bool wire_next(struct wire *w, struct field *f)
{
	while (!w->error && wire_left(w)) {
		if (!wire_field(w, f))
			return false;
		if (f->type == WIRE_GROUP_END)
			return wire_fail(w, "a group ends that was never opened");
		if (f->type != WIRE_GROUP)
			return true;
		if (!wire_skip_group(w, f->number))
			return false;
	}
	return false;
}

size_t wire_count(struct slice message, uint32_t number)
{
	struct wire w = wire_of(message);
	struct field f;
	size_t n = 0;

	while (wire_next(&w, &f))
		n += f.number == number && f.type == WIRE_BYTES;
	return n;
}
