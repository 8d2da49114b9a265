// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"

/* -1: none; upper case only where it is allowed. */
static inline int hex_digit(char c, bool upper)
{
	return upper || c < 'A' || c > 'F' ? ascii_hex(c) : -1;
}

/* 2 n hex digits into n bytes, a multiple of 4. False when any is none, or when all bytes are zero. */
bool hex_id(const char *text, int n, bool upper, unsigned char *out);
