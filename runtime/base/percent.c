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

static bool unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
	       c == '_' || c == '~';
}

void percent_encode(struct buf *out, str s)
{
	static const char digits[] = "0123456789ABCDEF"; /* upper case: 2.1 */

	for (size_t i = 0; i < s.n; i++) {
		unsigned char b = (unsigned char)s.p[i];

		if (unreserved(s.p[i]))
			buf_putc(out, s.p[i]);
		else
			buf_put(out, (str){ (char[]){ '%', digits[b >> 4], digits[b & 15] }, 3 });
	}
}
