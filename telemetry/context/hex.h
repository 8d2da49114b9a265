// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"

/* -1: none; upper case only where it is allowed. */
static inline int hex_digit(char c, bool upper)
{
	unsigned d = (unsigned)(unsigned char)c - '0';

	if (d < 10)
		return (int)d;
	d = (unsigned)(unsigned char)(upper ? c | 0x20 : c) - 'a';
	return d < 6 ? (int)d + 10 : -1;
}

/* 2 n hex digits into n bytes, a multiple of 4. False when any is none, or when all bytes are zero. */
bool hex_id(const char *text, int n, bool upper, unsigned char *out);
