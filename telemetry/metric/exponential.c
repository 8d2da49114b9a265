// SPDX-License-Identifier: MIT
#include "metric/exponential.h"

#include <string.h>

#define MANTISSA_BITS 52
#define MANTISSA_MASK (((uint64_t)1 << MANTISSA_BITS) - 1)
#define EXPONENT_BIAS 1023

__extension__ typedef unsigned __int128 u128;

/*
 * The first binary digits of log2(x), 1 < x < 2: squaring x doubles its logarithm, and each digit is whether
 * the square has reached 2. x is a fraction of 128 bits, its highest worth 1, and every step cuts something
 * off that is less than 2^-125 of x. Twenty steps keep the logarithm within 2^-123, while no double but 1
 * itself is nearer to a boundary than 2^-78 (tests/integration/test_exponential.py looks at all 2^20 of
 * them), so no digit is wrong.
 */
static uint32_t log2_digits(uint64_t mantissa, int digits)
{
	u128 x = (u128)(mantissa | (uint64_t)1 << MANTISSA_BITS) << (127 - MANTISSA_BITS);
	uint32_t found = 0;

	while (digits--) {
		uint64_t high = (uint64_t)(x >> 64), low = (uint64_t)x;

		x = (u128)high * high + ((u128)high * low >> 63);
		found = found << 1 | (uint32_t)(x >> 127);
		if (!(x >> 127))
			x <<= 1;
	}
	return found;
}

int32_t exponential_index(uint64_t bits, int scale)
{
	int32_t exponent = (int32_t)(bits >> MANTISSA_BITS);
	uint64_t mantissa = bits & MANTISSA_MASK;

	if (!exponent) { /* subnormal: as if there were a lower exponent */
		int shift = __builtin_clzll(mantissa) - (63 - MANTISSA_BITS);

		mantissa = mantissa << shift & MANTISSA_MASK;
		exponent = 1 - shift;
	}
	exponent -= EXPONENT_BIAS;
	if (scale <= 0)
		return (exponent - !mantissa) >> -scale;
	exponent *= (int32_t)1 << scale;
	/* Of all doubles, only powers of two lie on a boundary, which belongs to the bucket below it. */
	return mantissa ? exponent + (int32_t)log2_digits(mantissa, scale) : exponent - 1;
}

/* ---- buckets ---- */

static unsigned place(int32_t index, unsigned size)
{
	int32_t rest = index % (int32_t)size;

	return (unsigned)(rest < 0 ? rest + (int32_t)size : rest);
}

int exponential_excess(const struct exponential_side *side, int32_t index, unsigned size)
{
	int32_t low = side->low, high = side->high;
	int by = 0;

	if (high < low)
		return 0;
	low = index < low ? index : low;
	high = index > high ? index : high;
	for (; (uint32_t)high - (uint32_t)low >= size; by++) {
		low >>= 1;
		high >>= 1;
	}
	return by;
}

void exponential_shrink(struct exponential_side *side, uint64_t *counts, unsigned size, int by)
{
	uint64_t merged[EXPONENTIAL_BUCKETS_MAX] = { 0 };

	if (side->high < side->low)
		return;
	for (int64_t i = side->low; i <= side->high; i++)
		merged[place((int32_t)i >> by, size)] += counts[place((int32_t)i, size)];
	memcpy(counts, merged, size * sizeof *counts);
	side->low >>= by;
	side->high >>= by;
}

void exponential_count(struct exponential_side *side, uint64_t *counts, unsigned size, int32_t index)
{
	if (side->high < side->low) {
		side->low = side->high = index;
	} else {
		side->low = index < side->low ? index : side->low;
		side->high = index > side->high ? index : side->high;
	}
	counts[place(index, size)]++;
}

uint64_t exponential_at(const uint64_t *counts, unsigned size, int32_t index)
{
	return counts[place(index, size)];
}
