// SPDX-License-Identifier: MIT
#include "sample/ratio.h"

#include "context/hex.h"

#define DIGITS_MAX \
	15 /* an integer of so many, and ten to that power, are exact doubles: so their quotient is rounded once */
#define HEX_DIGITS (RATIO_BITS / 4)

bool ratio_parse(str text, double *out)
{
	uint64_t digits = 0, power = 1;
	bool point = false;
	int n = 0;

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '.' && !point) {
			point = true;
			continue;
		}
		if (text.p[i] < '0' || text.p[i] > '9' || ++n > DIGITS_MAX)
			return false;
		digits = digits * 10 + (uint64_t)(text.p[i] - '0');
		power *= point ? 10 : 1;
	}
	if (!n || digits > power)
		return false;
	*out = (double)digits / (double)power;
	return true;
}

uint64_t ratio_threshold(double ratio)
{
	return (uint64_t)((1 - ratio) * (double)(UINT64_C(1) << RATIO_BITS) + 0.5);
}

uint64_t ratio_random(const unsigned char trace_id[16])
{
	uint64_t r = 0;

	for (int i = 9; i < 16; i++)
		r = r << 8 | trace_id[i];
	return r;
}

size_t ratio_text(char out[14], uint64_t threshold)
{
	size_t n = HEX_DIGITS;

	for (int i = 0; i < HEX_DIGITS; i++)
		out[i] = "0123456789abcdef"[threshold >> (RATIO_BITS - 4 - 4 * i) & 15];
	while (n > 1 && out[n - 1] == '0')
		n--;
	return n;
}

bool ratio_th(str text, uint64_t *threshold)
{
	uint64_t v = 0;

	if (!text.n || text.n > HEX_DIGITS)
		return false;
	for (size_t i = 0; i < HEX_DIGITS; i++) {
		int digit = i < text.n ? hex_digit(text.p[i], false) : 0;

		if (digit < 0)
			return false;
		v = v << 4 | (unsigned)digit;
	}
	*threshold = v;
	return true;
}

bool ratio_rv(str text, uint64_t *random)
{
	return text.n == HEX_DIGITS && ratio_th(text, random);
}
