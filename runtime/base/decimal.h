// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>

/* All digits of a finite double, exactly: at most 767 significant ones, of 2^-1074 times an odd number of 53 bits. */
#define DECIMAL_DIGITS_MAX 780

struct decimal {
	int n, point; /* the value is 0.digits * 10^point; n is 0 for zero */
	char digits[DECIMAL_DIGITS_MAX];
};

void decimal_set(struct decimal *d, double v); /* the magnitude of v, which is finite */

/* Keeps n digits, n may be negative or 0; rounded to nearest, a tie to the even digit. Afterwards no digit at the end is 0. */
void decimal_round(struct decimal *d, int n);
