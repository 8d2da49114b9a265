// SPDX-License-Identifier: MIT
#include "context/hex.h"

#include <string.h>

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the first digit is in the lowest byte");

/*
 * Eight digits at once, a byte each. The low four bits of a digit are its value, those of a letter 9 less. Whether they all were digits shows when
 * the values are written out again. lower: bit 5 of each byte, which is set where bit 6 is, as it is in letters; or 0.
 */
static bool eight(const char *text, uint64_t lower, unsigned char out[4])
{
	uint64_t w, v, letters;
	uint32_t packed;

	memcpy(&w, text, sizeof w);
	w |= w >> 1 & lower;
	letters = w >> 6 & EACH (1);
	v = (w & EACH (15)) + letters * 9;
	if (v & EACH (0xf0) || ((v + EACH (6)) >> 4 & EACH (1)) != letters ||
	    v + EACH ('0') + letters * ('a' - 10 - '0') != w)
		return false;
	v = (v << 4 | v >> 8) & UINT64_C(0x00ff00ff00ff00ff);
	v = (v | v >> 8) & UINT64_C(0x0000ffff0000ffff);
	packed = (uint32_t)(v | v >> 16);
	memcpy(out, &packed, sizeof packed);
	return true;
}

bool hex_id(const char *text, int n, bool upper, unsigned char *out)
{
	uint32_t any = 0, four;

	for (; n > 0; n -= 4, text += 8, out += 4) {
		if (!eight(text, upper ? EACH (0x20) : 0, out))
			return false;
		memcpy(&four, out, sizeof four);
		any |= four;
	}
	return any != 0;
}
