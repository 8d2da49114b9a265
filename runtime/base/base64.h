// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"

/* RFC 4648 section 4: the standard alphabet, padded. */

/* Bytes of text for n bytes; n up to SIZE_MAX / 4 * 3 - 2. */
static inline size_t base64_size(size_t n)
{
	return (n / 3 + (n % 3 != 0 ? 1u : 0u)) * 4;
}

/*
 * Writes base64_size(n) bytes. May be called piece by piece when every piece but the last is a multiple of
 * 3 bytes.
 */
void base64_encode(char *out, const void *bytes, size_t n);

/*
 * Strict: foreign bytes (line ends too), missing padding and pad bits that are not zero are refused, so
 * that one text has one meaning (3.5). out may be where the text is; on failure it may have been written
 * to. False also when out is short of a byte.
 */
bool base64_decode(str text, void *out, size_t cap, size_t *n);
