// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>

/*
 * A slice borrows bytes it never owns. It is not NUL-terminated and may hold any byte. An absent value is
 * { NULL, 0 }; an empty one has n == 0 too, and nothing in mote tells the two apart unless it says so.
 */
typedef struct lambda_str {
	const char *p;
	size_t n;
} lambda_str;

/* A slice of a string literal, measured at compile time; anything else does not compile. */
#ifdef __cplusplus
#define LAMBDA_STR(literal) (lambda_str{ ("" literal), sizeof("" literal) - 1 })
#else
#define LAMBDA_STR(literal) ((lambda_str){ ("" literal), sizeof("" literal) - 1 })
#endif

/* A slice of any NUL-terminated text, which must live as long; NULL gives an absent one. */
static inline lambda_str lambda_text(const char *text)
{
	lambda_str s;

	s.p = text;
	s.n = text ? __builtin_strlen(text) : 0;
	return s;
}
