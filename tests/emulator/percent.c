// SPDX-License-Identifier: MIT
#include "percent.h"

static int nibble(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
	                              : -1;
}

void percent_decode(struct buf *to, const char *p, size_t n, bool plus_is_space)
{
	for (size_t i = 0; i < n; i++) {
		char c = p[i] == '+' && plus_is_space ? ' ' : p[i];
		if (c == '%' && n - i > 2 && nibble(p[i + 1]) >= 0 && nibble(p[i + 2]) >= 0) {
			c = (char)(nibble(p[i + 1]) << 4 | nibble(p[i + 2]));
			i += 2;
		}
		buf_add(to, &c, 1);
	}
}
