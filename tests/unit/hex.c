// SPDX-License-Identifier: MIT
#include "context/hex.h"
#include "test.h"

#include <string.h>

static const char digits[] = "0123456789abcdef0123456789ABCDEF";

static bool reads(const char *text, bool upper, unsigned char out[16])
{
	for (int i = 0; i < 16; i++) {
		int high = hex_digit(text[2 * i], upper), low = hex_digit(text[2 * i + 1], upper);

		if (high < 0 || low < 0)
			return false;
		out[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

TEST(an_id_is_read_as_its_digits_are_whatever_byte_is_among_them)
{
	unsigned char id[16], same[16];

	for (int upper = 0; upper < 2; upper++)
		for (int at = 0; at < 32; at++)
			for (int byte = 0; byte < 256; byte++) {
				char text[32];
				bool good;

				for (int i = 0; i < 32; i++)
					text[i] = digits[(at + byte + 5 * i) % (upper ? 32 : 16)];
				text[at] = (char)byte;
				good = reads(text, upper, same);
				CHECK(hex_id(text, 16, upper, id) == good && (!good || !memcmp(id, same, 16)));
			}
}

TEST(an_id_of_zeros_is_none)
{
	unsigned char id[16];

	CHECK(!hex_id("00000000000000000000000000000000", 16, false, id));
	CHECK(hex_id("00000000000000000000000000000010", 16, false, id) && id[15] == 16);
	CHECK(hex_id("1000000000000000", 8, false, id) && id[0] == 16 && !hex_id("0000000000000000", 8, false, id));
}
