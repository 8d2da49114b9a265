// SPDX-License-Identifier: MIT
#include "base/big.h"
#include "json/number.h"

#include <string.h>

/*
 * Steele and White's free-format algorithm ("How to print floating-point numbers accurately", 1990) with
 * the estimate of Burger and Dybvig (1996). v is r / s; low / s and high / s are half the gaps to the
 * doubles below and above: digits are made until what is left could be dropped, or rounded up, without
 * leaving the interval that reads back as v.
 */
struct digits {
	struct big r, s, low, high;
	bool even; /* the ends of the interval belong to it: ties read to even */
	char text[17];
	int count, point; /* 0.text * 10^point */
};

/* Fills r, s, low and high for f * 2^e. */
static void interval(struct digits *d, uint64_t f, int e, bool uneven)
{
	unsigned up = e > 0 ? (unsigned)e : 0, down = e < 0 ? (unsigned)-e : 0;

	big_set(&d->r, f);
	big_shift(&d->r, up + 1 + uneven);
	big_set(&d->s, 1);
	big_shift(&d->s, down + 1 + uneven);
	big_set(&d->low, 1);
	big_shift(&d->low, up);
	big_set(&d->high, 1);
	big_shift(&d->high, up + uneven);
}

static bool reaches_one(const struct digits *d)
{
	struct big sum;
	int order;

	big_copy(&sum, &d->r);
	big_add(&sum, &d->high);
	order = big_compare(&sum, &d->s);
	return order > 0 || (order == 0 && d->even);
}

static void times10(struct digits *d)
{
	big_mul_add(&d->r, 10, 0);
	big_mul_add(&d->low, 10, 0);
	big_mul_add(&d->high, 10, 0);
}

/* Scales so that the first digit comes out at r * 10 / s. The estimate is right or one too small. */
static void scale(struct digits *d, int log2)
{
	int k = (log2 * 315653 + (1 << 20) - 1) >> 20; /* log10(2) times 2^20, rounded up; the shift is arithmetic */

	if (k >= 0) {
		big_mul_pow10(&d->s, (unsigned)k);
	} else {
		big_mul_pow10(&d->r, (unsigned)-k);
		big_mul_pow10(&d->low, (unsigned)-k);
		big_mul_pow10(&d->high, (unsigned)-k);
	}
	d->point = k;
	if (reaches_one(d)) {
		big_mul_add(&d->s, 10, 0);
		d->point++;
	}
}

static void generate(struct digits *d)
{
	bool drop, up;
	int digit, order;

	d->count = 0;
	do {
		times10(d);
		for (digit = 0; big_compare(&d->r, &d->s) >= 0; digit++)
			big_sub(&d->r, &d->s);
		order = big_compare(&d->r, &d->low);
		drop = order < 0 || (order == 0 && d->even);
		up = reaches_one(d);
		if (drop && up) {
			big_shift(&d->r, 1);
			order = big_compare(&d->r, &d->s);
			up = order > 0 || (order == 0 && digit % 2 == 1);
		}
		d->text[d->count++] = (char)('0' + digit + up);
	} while (!drop && !up);
}

static size_t fill(char *out, char c, int n)
{
	memset(out, c, (size_t)n);
	return (size_t)n;
}

static size_t copy(char *out, const char *p, int n)
{
	memcpy(out, p, (size_t)n);
	return (size_t)n;
}

static size_t put_exponent(char *out, int e)
{
	size_t n = 0;

	out[n++] = 'e';
	out[n++] = e < 0 ? '-' : '+';
	e = e < 0 ? -e : e;
	if (e >= 100)
		out[n++] = (char)('0' + e / 100);
	if (e >= 10)
		out[n++] = (char)('0' + e / 10 % 10);
	out[n++] = (char)('0' + e % 10);
	return n;
}

static size_t layout(const struct digits *d, char *out)
{
	size_t n = 0;

	if (d->point > 21 || d->point <= -6) {
		out[n++] = d->text[0];
		if (d->count > 1) {
			out[n++] = '.';
			n += copy(out + n, d->text + 1, d->count - 1);
		}
		n += put_exponent(out + n, d->point - 1);
	} else if (d->point <= 0) {
		n += copy(out, "0.", 2);
		n += fill(out + n, '0', -d->point);
		n += copy(out + n, d->text, d->count);
	} else if (d->count <= d->point) {
		n += copy(out, d->text, d->count);
		n += fill(out + n, '0', d->point - d->count);
	} else {
		n += copy(out, d->text, d->point);
		out[n++] = '.';
		n += copy(out + n, d->text + d->point, d->count - d->point);
	}
	return n;
}

size_t number_text(char out[NUMBER_TEXT_MAX], double v)
{
	struct digits d;
	uint64_t bits, f;
	int biased, e;

	memcpy(&bits, &v, sizeof bits);
	f = bits & ((UINT64_C(1) << 52) - 1);
	biased = (int)(bits >> 52 & 0x7ff);
	if (biased == 0x7ff)
		return copy(out, "null", 4);
	if (bits >> 63)
		*out = '-';
	out += bits >> 63;
	if (biased == 0 && f == 0)
		return copy(out, "0", 1) + (bits >> 63);
	e = (biased ? biased : 1) - 1075;
	d.even = f % 2 == 0;
	if (biased)
		f |= UINT64_C(1) << 52;
	interval(&d, f, e, biased > 1 && f == UINT64_C(1) << 52);
	scale(&d, e + 63 - __builtin_clzll(f));
	generate(&d);
	return layout(&d, out) + (bits >> 63);
}
