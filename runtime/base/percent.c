// SPDX-License-Identifier: MIT
#include "base/percent.h"

size_t percent_decode(str s, bool plus, char *out, bool *strict)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '%') {
			int high = s.n - i > 2 ? ascii_hex(s.p[i + 1]) : -1;
			int low = high >= 0 ? ascii_hex(s.p[i + 2]) : -1;

			if (low >= 0) {
				c = (char)(high << 4 | low);
				i += 2;
			} else if (strict) {
				*strict = false;
			}
		} else if (c == '+' && plus) {
			c = ' ';
		}
		out[n++] = c;
	}
	return n;
}

/* Unreserved characters (2.3): a bit for each of ASCII's. */
static bool unreserved(unsigned char c)
{
	static const uint32_t set[] = { 0, 0x03ff6000, 0x87fffffe, 0x47fffffe }; /* -. 0-9, A-Z _, a-z ~ */

	return c < 128 && set[c >> 5] >> (c & 31) & 1;
}

void percent_encode(struct buf *out, str s)
{
	static const char digits[] = "0123456789ABCDEF"; /* upper case: 2.1 */

	for (size_t i = 0, from; i < s.n; i++) {
		unsigned char b;

		for (from = i; i < s.n && unreserved((unsigned char)s.p[i]);)
			i++;
		buf_put(out, (str){ s.p + from, i - from });
		if (i == s.n)
			break;
		b = (unsigned char)s.p[i];
		buf_put(out, (str){ (char[]){ '%', digits[b >> 4], digits[b & 15] }, 3 });
	}
}
