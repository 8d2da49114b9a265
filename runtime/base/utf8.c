// SPDX-License-Identifier: MIT
#include "base/utf8.h"

#include <string.h>

/* Length by the first byte, and the range of the second; every later byte is 80..BF. */
static int utf8_lead(unsigned char b, unsigned char *low, unsigned char *high)
{
	*low = 0x80;
	*high = 0xbf;
	if (b < 0xc2)
		return 0;
	if (b < 0xe0)
		return 2;
	if (b < 0xf0) {
		if (b == 0xe0)
			*low = 0xa0; /* below: overlong */
		if (b == 0xed)
			*high = 0x9f; /* above: surrogates */
		return 3;
	}
	if (b == 0xf0)
		*low = 0x90; /* below: overlong */
	if (b == 0xf4)
		*high = 0x8f; /* above: beyond U+10FFFF */
	return b < 0xf5 ? 4 : 0;
}

int utf8_step(const char *p, size_t n)
{
	const unsigned char *u = (const unsigned char *)p;
	unsigned char low, high;

	if (u[0] < 0x80)
		return 1;

	int want = utf8_lead(u[0], &low, &high), have = 1;

	if (want == 0)
		return -1;
	while (have < want && (size_t)have < n && u[have] >= low && u[have] <= high) {
		low = 0x80;
		high = 0xbf;
		have++;
	}
	return have == want ? want : -have;
}

static bool eight_ascii(const char *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof w);
	return (w & UINT64_C(0x8080808080808080)) == 0;
}

bool utf8_valid(str s)
{
	for (size_t i = 0; i < s.n;) {
		int step = s.n - i >= 8 && eight_ascii(s.p + i) ? 8 : utf8_step(s.p + i, s.n - i);

		if (step < 0)
			return false;
		i += (size_t)step;
	}
	return true;
}

size_t utf8_put(char out[4], uint32_t c)
{
	if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		c = 0xfffd;
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}
