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

/* Six bits, or 64 and more for a byte outside the alphabet. */
static uint32_t base64_value(char c)
{
	unsigned char b = (unsigned char)c;

	if ((unsigned char)(b - 'A') < 26)
		return b - 'A';
	if ((unsigned char)(b - 'a') < 26)
		return b - 'a' + 26u;
	if ((unsigned char)(b - '0') < 10)
		return b - '0' + 52u;
	return b == '+' ? 62 : b == '/' ? 63 : 64;
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

		if ((a | b | c | d) > 63)
			return false;
		*out++ = (unsigned char)(a << 2 | b >> 4);
		*out++ = (unsigned char)(b << 4 | c >> 2);
		*out++ = (unsigned char)(c << 6 | d);
	}
	if (pad > 0) {
		uint32_t a = base64_value(in[0]), b = base64_value(in[1]), c = pad == 1 ? base64_value(in[2]) : 0;

		if ((a | b | c) > 63 || (pad == 2 ? b & 15 : c & 3) != 0)
			return false;
		*out++ = (unsigned char)(a << 2 | b >> 4);
		if (pad == 1)
			*out = (unsigned char)(b << 4 | c >> 2);
	}
	*n = size;
	return true;
}
