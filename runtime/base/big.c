// SPDX-License-Identifier: MIT
#include "base/big.h"

#include <string.h>

static void push(struct big *b, uint32_t word)
{
	if (word != 0)
		b->w[b->n++] = word;
}

static void trim(struct big *b)
{
	while (b->n > 0 && b->w[b->n - 1] == 0)
		b->n--;
}

void big_set(struct big *b, uint64_t v)
{
	b->n = 2;
	b->w[0] = (uint32_t)v;
	b->w[1] = (uint32_t)(v >> 32);
	trim(b);
}

void big_copy(struct big *to, const struct big *from)
{
	to->n = from->n;
	memcpy(to->w, from->w, from->n * sizeof from->w[0]);
}

void big_mul_add(struct big *b, uint32_t factor, uint32_t add)
{
	uint64_t carry = add;

	for (unsigned i = 0; i < b->n; i++) {
		carry += (uint64_t)b->w[i] * factor;
		b->w[i] = (uint32_t)carry;
		carry >>= 32;
	}
	push(b, (uint32_t)carry);
}

void big_mul_pow10(struct big *b, unsigned power)
{
	for (; power >= 9; power -= 9)
		big_mul_add(b, 1000000000, 0);
	for (; power > 0; power--)
		big_mul_add(b, 10, 0);
}

void big_shift(struct big *b, unsigned bits)
{
	unsigned words = bits / 32;

	if (b->n == 0)
		return;
	big_mul_add(b, UINT32_C(1) << bits % 32, 0);
	memmove(b->w + words, b->w, b->n * sizeof b->w[0]);
	memset(b->w, 0, words * sizeof b->w[0]);
	b->n += words;
}

void big_add(struct big *b, const struct big *other)
{
	uint64_t carry = 0;

	while (b->n < other->n)
		b->w[b->n++] = 0;
	for (unsigned i = 0; i < b->n; i++) {
		carry += (uint64_t)b->w[i] + (i < other->n ? other->w[i] : 0);
		b->w[i] = (uint32_t)carry;
		carry >>= 32;
	}
	push(b, (uint32_t)carry);
}

void big_sub(struct big *b, const struct big *other)
{
	uint64_t borrow = 0;

	for (unsigned i = 0; i < b->n; i++) {
		uint64_t v = (uint64_t)b->w[i] - (i < other->n ? other->w[i] : 0) - borrow;

		b->w[i] = (uint32_t)v;
		borrow = v >> 63;
	}
	trim(b);
}

int big_compare(const struct big *a, const struct big *b)
{
	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	for (unsigned i = a->n; i-- > 0;)
		if (a->w[i] != b->w[i])
			return a->w[i] < b->w[i] ? -1 : 1;
	return 0;
}

unsigned big_bits(const struct big *b)
{
	return b->n == 0 ? 0 : b->n * 32 - (unsigned)__builtin_clz(b->w[b->n - 1]);
}
