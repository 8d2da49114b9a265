// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * Natural numbers, as large as converting a double exactly makes them, and not checked beyond that. The largest is a divisor
 * of 10^1100, for a text of 770 digits close to 2^-1075 (see number.c): 3655 bits. Its dividend is shifted up to as
 * many, and one more while it is divided: 115 words. Writing a double stays below 1200 bits.
 */
#define BIG_WORDS 120

struct big {
	unsigned n; /* words in use; the highest is not 0 */
	uint32_t w[BIG_WORDS];
};

void big_set(struct big *b, uint64_t v);
void big_copy(struct big *to, const struct big *from);
void big_mul_add(struct big *b, uint32_t factor, uint32_t add);
void big_mul_pow10(struct big *b, unsigned power);
void big_shift(struct big *b, unsigned bits); /* to the left */
void big_add(struct big *b, const struct big *other);
void big_sub(struct big *b, const struct big *other); /* other <= b */
int big_compare(const struct big *a, const struct big *b);
unsigned big_bits(const struct big *b); /* position of the highest bit, from 1; 0 for 0 */
