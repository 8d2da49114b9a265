// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static inline void require(bool held)
{
	if (!held)
		abort();
}

/* Reads all of it, for the sanitizer. */
static inline size_t touch(str s)
{
	size_t sum = 0;

	for (size_t i = 0; i < s.n; i++)
		sum += (unsigned char)s.p[i];
	return sum;
}

static inline bool within(str part, const char *p, size_t n)
{
	return !part.n || (part.p >= p && part.n <= n && (size_t)(part.p - p) <= n - part.n);
}
