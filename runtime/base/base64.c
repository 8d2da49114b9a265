// SPDX-License-Identifier: MIT
#include "base/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(char *out, const void *bytes, size_t n)
{
	const unsigned char *in = bytes;

	for (; n >= 3; n -= 3, in += 3) {
		uint32_t v = (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2];

		*out++ = alphabet[v >> 18];
		*out++ = alphabet[v >> 12 & 63];
		*out++ = alphabet[v >> 6 & 63];
		*out++ = alphabet[v & 63];
	}
	if (n > 0) {
		uint32_t v = (uint32_t)in[0] << 16 | (n == 2 ? (uint32_t)in[1] << 8 : 0);

		*out++ = alphabet[v >> 18];
		*out++ = alphabet[v >> 12 & 63];
		*out++ = n == 2 ? alphabet[v >> 6 & 63] : '=';
		*out = '=';
	}
}

/*
 * From '+' to 'z': 64 and the six bits, or 0 outside the alphabet. A table, because choosing by comparison is mispredicted at
 * every other character of random bytes: 89 ms for the largest event, against 3.
 */
static const unsigned char values['z' - '+' + 1] = {
	126, 0,  0,  0,  127, 116, 117, 118, 119, 120, 121, 122, 123, 124, 125, 0,   0,   0,   0,   0,
	0,   0,  64, 65, 66,  67,  68,  69,  70,  71,  72,  73,  74,  75,  76,  77,  78,  79,  80,  81,
	82,  83, 84, 85, 86,  87,  88,  89,  0,   0,   0,   0,   0,   0,   90,  91,  92,  93,  94,  95,
	96,  97, 98, 99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115
};

static uint32_t base64_value(char c)
{
	unsigned char i = (unsigned char)(c - '+');

	return i < sizeof values ? values[i] : 0;
}

bool base64_decode(str text, void *room, size_t cap, size_t *n)
{
	unsigned char *out = room;

	*n = 0;
	if (text.n % 4 != 0)
		return false;
	if (text.n == 0)
		return true;

	size_t pad = text.p[text.n - 1] != '=' ? 0 : text.p[text.n - 2] != '=' ? 1 : 2;
	size_t size = text.n / 4 * 3 - pad, whole = text.n / 4 - (pad > 0);
	const char *in = text.p;

	if (size > cap)
		return false;
	for (; whole > 0; whole--, in += 4) {
		uint32_t a = base64_value(in[0]), b = base64_value(in[1]), c = base64_value(in[2]), d = base64_value(in[3]);

		if (!(a & b & c & d & 64))
			return false;
		b &= 63;
		c &= 63;
		*out++ = (unsigned char)(a << 2 | b >> 4);
		*out++ = (unsigned char)(b << 4 | c >> 2);
		*out++ = (unsigned char)(c << 6 | (d & 63));
	}
	if (pad > 0) {
		uint32_t a = base64_value(in[0]), b = base64_value(in[1]), c = pad == 1 ? base64_value(in[2]) : 64;

		if (!(a & b & c & 64) || (pad == 2 ? b & 15 : c & 3) != 0)
			return false;
		b &= 63;
		c &= 63;
		*out++ = (unsigned char)(a << 2 | b >> 4);
		if (pad == 1)
			*out = (unsigned char)(b << 4 | c >> 2);
	}
	*n = size;
	return true;
}
