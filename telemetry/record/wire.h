// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"

#include <string.h>

/*
 * Protobuf on the wire (protobuf.dev, "Encoding"), written forwards in one pass: every length is known before its message is written, so lengths
 * are exact and nothing but an end time is patched. Field numbers are nanopb's, generated from proto/.
 *
 * The writer is our own because tests/bench/span.c measures both: with nanopb's primitives (pb_encode_tag, pb_encode_varint,
 * pb_encode_string, -O2 -DPB_BUFFER_ONLY -DPB_NO_ERRMSG) the bytes of a span with 4 attributes alone take 0.32 us, two clock reads included and
 * before any checking of handles, keys and UTF-8; the aim is 0.3 us for all of it, and with this writer all of it takes 0.2.
 *
 * Nothing here checks room: a caller adds sizes up, compares once, then writes. Sizes are of strings that could fit a buffer, which the caller has
 * seen to, so their sums cannot wrap.
 */

enum wire_type { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

static inline size_t wire_varint_size(uint64_t v)
{
	return (size_t)(70 - __builtin_clzll(v | 1)) / 7; /* 64 - clz bits, rounded up to sevens */
}

/* A length-delimited field: tag, length, n bytes. Field numbers are under 2048. */
static inline size_t wire_bytes_size(unsigned field, size_t n)
{
	return (field < 16 ? 1 : 2) + wire_varint_size(n) + n;
}

static inline char *wire_tag(char *p, unsigned field, enum wire_type type)
{
	unsigned tag = field << 3 | type;

	if (tag > 127) {
		*p++ = (char)(tag | 128);
		tag >>= 7;
	}
	*p++ = (char)tag;
	return p;
}

/* Little endian, as every machine that Lambda has. */
static inline char *wire_fixed64(char *p, uint64_t v)
{
	memcpy(p, &v, 8);
	return p + 8;
}

static inline char *wire_fixed32(char *p, uint32_t v)
{
	memcpy(p, &v, 4);
	return p + 4;
}

char *wire_varint(char *p, uint64_t v);
char *wire_length(char *p, unsigned field, size_t n); /* the head of a length-delimited field */
char *wire_int(char *p, unsigned field, uint64_t v);  /* a whole varint field */

/*
 * A proto3 string must be UTF-8, or the receiver refuses the whole batch: bytes that are not become U+FFFD on their way, and size is
 * how many bytes it has then.
 */
struct wire_text {
	str text;
	size_t size;
	bool mend;
};

void wire_text(struct wire_text *t, const char *p, size_t n);
char *wire_string(char *p, unsigned field, const struct wire_text *t);

/* proto3 leaves out a field of a message that is an empty string. */
static inline size_t wire_optional_size(unsigned field, const struct wire_text *t)
{
	return t->size ? wire_bytes_size(field, t->size) : 0;
}

static inline char *wire_optional(char *p, unsigned field, const struct wire_text *t)
{
	return t->size ? wire_string(p, field, t) : p;
}
