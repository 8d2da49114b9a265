// SPDX-License-Identifier: MIT
#include "base64.h"

#include <stdint.h>
#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(struct buf *to, const void *p, size_t n)
{
	const unsigned char *in = p;

	for (size_t i = 0; i < n; i += 3) {
		size_t have = n - i < 3 ? n - i : 3;
		uint32_t v = (uint32_t)in[i] << 16 | (have > 1 ? (uint32_t)in[i + 1] << 8 : 0) | (have > 2 ? in[i + 2] : 0);
		char out[4] = { alphabet[v >> 18], alphabet[v >> 12 & 63], '=', '=' };
		if (have > 1)
			out[2] = alphabet[v >> 6 & 63];
		if (have > 2)
			out[3] = alphabet[v & 63];
		buf_add(to, out, 4);
	}
}

bool base64_decode(struct buf *to, const char *p, size_t n)
{
	if (n % 4)
		return false;
	for (size_t i = 0; i < n; i += 4) {
		uint32_t v = 0;
		size_t padding = i + 4 < n ? 0 : (size_t)(p[i + 3] == '=') + (p[i + 3] == '=' && p[i + 2] == '=');
		for (size_t k = 0; k < 4; k++) {
			const char *at = k < 4 - padding && p[i + k] ? strchr(alphabet, p[i + k]) : NULL;
			if (!at && k < 4 - padding)
				return false;
			v = v << 6 | (at ? (uint32_t)(at - alphabet) : 0);
		}
		if (padding && v & (padding == 2 ? 0xffffu : 0xffu)) // bits that no byte uses must be zero
			return false;
		unsigned char out[3] = { (unsigned char)(v >> 16), (unsigned char)(v >> 8), (unsigned char)v };
		buf_add(to, out, 3 - padding);
	}
	return true;
}
