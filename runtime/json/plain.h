// SPDX-License-Identifier: MIT
#pragma once

/*
 * plain_end(p, end): the first byte of a string that needs a look: a quote, a backslash, a control byte, or
 * one of a longer UTF-8 sequence; end when there is none. Most of an event is passed over here.
 */

#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

static inline bool plain_byte(char c)
{
	return (signed char)c >= 0x20 && c != '"' && c != '\\';
}

#ifdef __SSE2__

#define PLAIN_STRIDE 16
#define PLAIN_INLINE inline __attribute__((always_inline)) /* gcc -Os would rather call it, at twice the price */

/* As signed bytes, those of longer sequences are below space too. */
static PLAIN_INLINE unsigned plain_count(const char *p)
{
	__m128i v = _mm_loadu_si128((const __m128i *)p);
	__m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"')), backslash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));
	__m128i below = _mm_cmplt_epi8(v, _mm_set1_epi8(' '));
	unsigned flagged = (unsigned)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, backslash), below));

	return flagged ? (unsigned)__builtin_ctz(flagged) : PLAIN_STRIDE;
}

#else

#define PLAIN_STRIDE 8
#define PLAIN_INLINE inline
#define PLAIN_ONES UINT64_C(0x0101010101010101)

/*
 * Eight bytes at once: bit 7 of a byte is set where it needs a look. Only the lowest one is certain,
 * because a borrow can run into the byte above one that was flagged.
 */
static PLAIN_INLINE unsigned plain_count(const char *p)
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

#endif

static PLAIN_INLINE const char *plain_end(const char *p, const char *end)
{
	for (unsigned n; end - p >= PLAIN_STRIDE; p += PLAIN_STRIDE)
		if ((n = plain_count(p)) < PLAIN_STRIDE)
			return p + n;
	while (p < end && plain_byte(*p))
		p++;
	return p;
}
