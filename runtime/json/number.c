// SPDX-License-Identifier: MIT
#include "json/number.h"

#include "base/big.h"
#include "json/scan.h"

#include <string.h>

/*
 * Doubles are converted exactly in both directions, without libc: strtod() and printf() read and write
 * streams, and depend on the locale. Most numbers are short and take the fast way; the others divide big
 * numbers.
 */

/* A decimal: its significant digits (the point may stand among them) times 10^exponent. */
struct decimal {
	bool negative;
	const char *first, *last; /* neither is a zero; NULL when the number is */
	int64_t count, exponent;
};

#define EXPONENT_MAX INT64_C(100000000000000000) /* beyond any count of digits that fits in memory */

static int64_t read_exponent(const char *p, const char *end)
{
	bool negative = *p == '-';
	int64_t v = 0;

	for (p += *p == '-' || *p == '+'; p < end; p++)
		if (v < EXPONENT_MAX)
			v = v * 10 + (*p - '0');
	return negative ? -v : v;
}

static bool read_decimal(str value, struct decimal *d)
{
	const char *p = value.p, *end = value.n ? p + value.n : p, *point, *stop;

	if (p == end || scan_number(p, end) != end)
		return false;
	*d = (struct decimal){ .negative = *p == '-' };
	for (stop = p; stop < end && *stop != 'e' && *stop != 'E';)
		stop++;
	d->exponent = stop < end ? read_exponent(stop + 1, end) : 0;
	if (!(point = memchr(p, '.', (size_t)(stop - p))))
		point = stop;
	for (; p < stop; p++) {
		if (*p < '1' || *p > '9')
			continue;
		if (!d->first)
			d->first = p;
		d->last = p;
	}
	if (!d->first)
		return true;

	/* A digit right before the point counts ones, one right behind it tenths. */
	int64_t top = d->first < point ? point - d->first - 1 : point - d->first;
	int64_t bottom = d->last < point ? point - d->last - 1 : point - d->last;

	d->count = top - bottom + 1;
	d->exponent += bottom;
	return true;
}

/* All digits as one number; at most 19 of them. */
static uint64_t digits_u64(const struct decimal *d)
{
	uint64_t v = 0;

	for (const char *p = d->first; p <= d->last; p++)
		if (*p != '.')
			v = v * 10 + (uint64_t)(*p - '0');
	return v;
}

bool lambda_json_int(str value, int64_t *out)
{
	struct decimal d;
	uint64_t v;

	if (!read_decimal(value, &d))
		return false;
	if (!d.first) {
		*out = 0;
		return true;
	}
	if (d.exponent < 0 || d.exponent > 18 || d.count > 19 - d.exponent)
		return false;
	v = digits_u64(&d);
	while (d.exponent-- > 0)
		v *= 10;
	if (v > (uint64_t)INT64_MAX + d.negative)
		return false;
	*out = (int64_t)(d.negative ? 0 - v : v);
	return true;
}

/*
 * Between two doubles the midpoint has at most 767 significant digits, so of anything longer it only
 * matters that there is more: one digit 1 stands for the rest.
 */
#define DIGITS_MAX 769

static int64_t digits_big(const struct decimal *d, struct big *b)
{
	int64_t left = d->count, taken = 0;

	big_set(b, 0);
	for (const char *p = d->first; p <= d->last && taken < DIGITS_MAX; p++) {
		if (*p == '.')
			continue;
		big_mul_add(b, 10, (uint32_t)(*p - '0'));
		taken++;
	}
	if (left == taken)
		return d->exponent;
	big_mul_add(b, 10, 1);
	return d->exponent + left - taken - 1;
}

/* q * 2^(top - 63), q with its highest bit set, and a little more when sticky: rounded to nearest, ties to even. */
static bool assemble(uint64_t q, int top, bool sticky, double *out)
{
	int drop = top >= -1022 ? 11 : 11 + (-1022 - top);
	uint64_t bits, half, rest;

	if (drop > 64) {
		*out = 0;
		return true;
	}
	bits = drop == 64 ? 0 : q >> drop;
	half = UINT64_C(1) << (drop - 1);
	rest = drop == 64 ? q : q & (half * 2 - 1);
	if (rest > half || (rest == half && (sticky || (bits & 1))))
		bits++; /* 2^53 is right too: it carries into the exponent below */
	if (top >= -1022)
		bits += (uint64_t)(top + 1022) << 52; /* the implicit bit adds the last one */
	if (bits >= UINT64_C(0x7ff) << 52)
		return false;
	memcpy(out, &bits, sizeof *out);
	return true;
}

/* Exact: the digits over a power of ten, or times one, divided to 64 bits. */
static bool divide(const struct decimal *d, double *out)
{
	struct big n, m;
	int64_t exponent = digits_big(d, &n);
	uint64_t q = 0;
	int top;

	big_set(&m, 1);
	big_mul_pow10(exponent < 0 ? &m : &n, (unsigned)(exponent < 0 ? -exponent : exponent));
	top = (int)big_bits(&n) - (int)big_bits(&m);
	big_shift(top < 0 ? &n : &m, (unsigned)(top < 0 ? -top : top));
	if (big_compare(&n, &m) < 0) {
		big_shift(&n, 1);
		top--;
	}
	for (int i = 0; i < 64; i++) { /* n < 2m at each turn */
		q <<= 1;
		if (big_compare(&n, &m) >= 0) {
			big_sub(&n, &m);
			q |= 1;
		}
		big_shift(&n, 1);
	}
	return assemble(q, top, n.n > 0, out);
}

bool lambda_json_double(str value, double *out)
{
	static const double pow10[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
		                            1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
	struct decimal d;
	double v = 0;

	if (!read_decimal(value, &d))
		return false;
	if (d.first && d.count <= 15 && d.exponent >= -22 && d.exponent <= 22) { /* both exact, so one rounding is right */
		v = (double)digits_u64(&d);
		v = d.exponent < 0 ? v / pow10[-d.exponent] : v * pow10[d.exponent];
	} else if (d.first && d.exponent > 309 - d.count) {
		return false;                                     /* at least 10^309 */
	} else if (d.first && d.exponent >= -323 - d.count) { /* else below 10^-324: less than half of the smallest */
		if (!divide(&d, &v))
			return false;
	}
	*out = d.negative ? -v : v;
	return true;
}
