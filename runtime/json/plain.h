// SPDX-License-Identifier: MIT
#pragma once

/*
 * plain_end(p, end): the first byte of a string that needs a look: a quote, a backslash, a control byte, or
 * one of a longer UTF-8 sequence; end when there is none. Most of an event is passed over here.
 */

#include <stdint.h>
#include <string.h>

static inline bool plain_byte(char c)
{
	return (signed char)c >= 0x20 && c != '"' && c != '\\';
}

#define PLAIN_STRIDE 8
#define PLAIN_ONES UINT64_C(0x0101010101010101)

/*
 * Eight bytes at once: bit 7 of a byte is set where it needs a look. Only the lowest one is certain,
 * because a borrow can run into the byte above one that was flagged.
 */
static inline unsigned plain_count(const char *p)
{
	uint64_t w, quote, backslash, flagged;

	memcpy(&w, p, sizeof w);
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
	w = __builtin_bswap64(w);
#endif
	quote = (w ^ PLAIN_ONES * '"') - PLAIN_ONES;
	backslash = (w ^ PLAIN_ONES * '\\') - PLAIN_ONES;
	flagged = (quote | backslash | (w - PLAIN_ONES * 0x20) | w) & PLAIN_ONES * 0x80;
	return flagged ? (unsigned)__builtin_ctzll(flagged) / 8 : PLAIN_STRIDE;
}

static inline const char *plain_end(const char *p, const char *end)
{
	while (end - p >= PLAIN_STRIDE) {
		unsigned n = plain_count(p);

		p += n;
		if (n < PLAIN_STRIDE)
			return p;
	}
	while (p < end && plain_byte(*p))
		p++;
	return p;
}
