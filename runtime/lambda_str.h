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

/* A slice of a string literal, measured at compile time. */
#ifdef __cplusplus
#define LAMBDA_STR(literal) (lambda_str{ (literal), sizeof(literal) - 1 })
#else
#define LAMBDA_STR(literal) ((lambda_str){ (literal), sizeof(literal) - 1 })
#endif
