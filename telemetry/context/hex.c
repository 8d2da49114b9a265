// SPDX-License-Identifier: MIT
#include "context/hex.h"

bool hex_id(const char *text, int n, bool upper, unsigned char *out)
{
	unsigned any = 0;

	for (int i = 0; i < n; i++) {
		int high = hex_digit(text[2 * i], upper), low = hex_digit(text[2 * i + 1], upper);

		if (high < 0 || low < 0)
			return false;
		out[i] = (unsigned char)(high << 4 | low);
		any |= out[i];
	}
	return any != 0;
}
