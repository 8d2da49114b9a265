// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"

#include <string.h>

/*
 * Protobuf on the wire (protobuf.dev, "Encoding"), written forwards in one pass: every length is known before its message is written, so
 * lengths are exact and nothing is patched but times. Tags are nanopb's, generated from proto/.
 *
 * The writer is our own because tests/bench/span.c measures both: with nanopb's primitives (pb_encode_tag, pb_encode_varint,
 * pb_encode_string, -DPB_BUFFER_ONLY -DPB_NO_ERRMSG) the bytes of a span with 4 attributes take 0.27 us with its two clock reads, before
 * any checking of handles, keys and UTF-8, and the aim is 0.3 for all of it; with this writer they take 0.06.
 *
 * Nothing here checks room: a caller adds the sizes up, compares once, then writes. Sizes are of strings that fit a buffer, which
 * wire_fits() has checked, so their sums cannot wrap.
 */

enum wire_type { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

/* A string may be added up when it is no longer than this; no buffer here is longer. */
#define WIRE_BYTES_MAX ((size_t)1 << 28)

static inline size_t wire_varint_size(uint64_t v)
{
	return (size_t)(70 - __builtin_clzll(v | 1)) / 7; /* 64 - clz bits, rounded up to sevens */
}

static inline size_t wire_tag_size(unsigned field)
{
	return field < 16 ? 1 : 2;
}

/* A length-delimited field: tag, length, n bytes. */
static inline size_t wire_bytes_size(unsigned field, size_t n)
{
	return wire_tag_size(field) + wire_varint_size(n) + n;
}

static inline char *wire_varint(char *p, uint64_t v)
{
	for (; v > 127; v >>= 7)
		*p++ = (char)(v | 128);
	*p++ = (char)v;
	return p;
}

static inline char *wire_tag(char *p, unsigned field, enum wire_type type)
{
	return wire_varint(p, (uint64_t)field << 3 | type);
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

/* Keys and most values are short, and a call of musl's memcpy costs more than they do: two moves that overlap where they must. */
static inline char *wire_copy(char *p, const char *from, size_t n)
{
	char a[16], b[16];

	if (n > 32) {
		memcpy(p, from, n);
	} else if (n >= 16) {
		memcpy(a, from, 16);
		memcpy(b, from + n - 16, 16);
		memcpy(p, a, 16);
		memcpy(p + n - 16, b, 16);
	} else if (n >= 8) {
		memcpy(a, from, 8);
		memcpy(b, from + n - 8, 8);
		memcpy(p, a, 8);
		memcpy(p + n - 8, b, 8);
	} else {
		for (size_t i = 0; i < n; i++)
			p[i] = from[i];
	}
	return p + n;
}

static inline char *wire_length(char *p, unsigned field, size_t n)
{
	return wire_varint(wire_tag(p, field, WIRE_BYTES), n);
}

/*
 * A proto3 string must be UTF-8, or the receiver refuses the whole batch: bytes that are not become U+FFFD on their way, and size is
 * how many bytes it has then.
 */
struct wire_text {
	str text;
	size_t size;
	bool mend;
};

struct wire_text wire_text_checked(const char *p,
                                   size_t n); /* any text; wire_text() asks it about what is not plain ASCII */
char *wire_put_mended(char *p, str text);

static inline bool wire_is_ascii(const char *p, size_t n)
{
	uint64_t word, all = 0;

	if (n < 8) {
		unsigned char byte = 0;

		for (size_t i = 0; i < n; i++)
			byte |= (unsigned char)p[i];
		return byte < 128;
	}
	for (size_t i = 0; i < n - 8; i += 8) {
		memcpy(&word, p + i, 8);
		all |= word;
	}
	memcpy(&word, p + n - 8, 8); /* the last eight, some of them a second time */
	return !((all | word) & 0x8080808080808080u);
}

static inline struct wire_text wire_text(const char *p, size_t n)
{
	return wire_is_ascii(p, n) ? (struct wire_text){ { p, n }, n, false } : wire_text_checked(p, n);
}

static inline char *wire_put_text(char *p, struct wire_text t)
{
	return t.mend ? wire_put_mended(p, t.text) : wire_copy(p, t.text.p, t.text.n);
}

static inline char *wire_string(char *p, unsigned field, struct wire_text t)
{
	return wire_put_text(wire_length(p, field, t.size), t);
}
