// SPDX-License-Identifier: MIT
#include "base/decimal.h"

#include "base/big.h"

#include <stdbool.h>
#include <string.h>

static uint32_t divide(struct big *b, uint32_t by)
{
	uint64_t rest = 0;

	for (unsigned i = b->n; i-- > 0;) {
		rest = rest << 32 | b->w[i];
		b->w[i] = (uint32_t)(rest / by);
		rest %= by;
	}
	while (b->n > 0 && b->w[b->n - 1] == 0)
		b->n--;
	return (uint32_t)rest;
}

static void trim(struct decimal *d)
{
	while (d->n > 0 && d->digits[d->n - 1] == '0')
		d->n--;
}

/* v = f * 2^e. Below 1 it is f * 5^-e / 10^-e, so that whole numbers are all that is needed. */
void decimal_set(struct decimal *d, double v)
{
	char *end = d->digits + sizeof d->digits, *p = end;
	struct big b;
	uint64_t bits, f;
	int biased, e;

	memcpy(&bits, &v, sizeof bits);
	biased = (int)(bits >> 52 & 0x7ff);
	f = (bits & ((UINT64_C(1) << 52) - 1)) | (uint64_t)(biased > 0) << 52;
	e = (biased ? biased : 1) - 1075;
	for (; f && f % 2 == 0 && e < 0; e++)
		f /= 2;
	big_set(&b, f);
	if (e > 0)
		big_shift(&b, (unsigned)e);
	for (int i = e; i < 0; i++)
		big_mul_add(&b, 5, 0);
	while (b.n > 0)
		for (uint32_t nine = divide(&b, 1000000000), i = 0; i < 9; i++, nine /= 10)
			*--p = (char)('0' + nine % 10);
	while (p < end && *p == '0')
		p++;
	d->n = (int)(end - p);
	d->point = d->n ? d->n + (e < 0 ? e : 0) : 0;
	memmove(d->digits, p, (size_t)d->n);
	trim(d);
}

void decimal_round(struct decimal *d, int n)
{
	bool up;

	if (n >= d->n)
		return;
	if (n < 0) {
		d->n = 0;
		return;
	}
	/* The digits have no 0 at their end: more than one left is more than half when the first is 5. */
	up = d->digits[n] > '5' || (d->digits[n] == '5' && (d->n > n + 1 || (n > 0 && d->digits[n - 1] % 2 == 1)));
	d->n = n;
	if (!up) {
		trim(d);
		return;
	}
	while (d->n > 0 && d->digits[d->n - 1] == '9')
		d->n--;
	if (d->n == 0) {
		d->digits[d->n++] = '1';
		d->point++;
	} else {
		d->digits[d->n - 1]++;
	}
}
