// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"

/*
 * UTF-8 as Unicode defines it (RFC 3629; table 3-7 of the Unicode Standard): no overlong forms, no
 * surrogates, nothing above U+10FFFF.
 */

/*
 * Looks at p[0..n), n > 0. Positive: so many bytes (1 to 4) are one character. Negative: the character is
 * ill-formed or cut, and so many bytes (1 to 3) stand for one U+FFFD (the maximal subpart, which Unicode
 * recommends).
 */
int utf8_step(const char *p, size_t n);

bool utf8_valid(str s);

/* Writes a scalar value, at most 4 bytes; anything that is none is written as U+FFFD. Returns the bytes written. */
size_t utf8_put(char out[4], uint32_t c);
