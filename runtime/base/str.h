// SPDX-License-Identifier: MIT
#pragma once

#include "lambda_str.h"

#include <stdbool.h>
#include <stdint.h>

/* Inside mote a lambda_str is just str: see lambda_str.h for what a slice is. */
typedef lambda_str str;

/* As LAMBDA_STR(), and of a char array that a literal fills. */
#define S(literal) ((str){ (literal), sizeof(literal) - 1 })

/* FNV-1a, 64 bits: goes on from h with the bytes of s. No defence against those who choose s. */
#define STR_HASH_START 0xcbf29ce484222325u
uint64_t str_hash(uint64_t h, str s);

str str_of(const char *z); /* slice of a NUL-terminated string; NULL gives an absent one */
bool str_eq(str a, str b);
bool str_ieq(str a, str b); /* ASCII letters compare without case, as HTTP field names do (RFC 9110 5.1) */
bool str_starts(str s, str prefix);

/* Of ASCII alone, whatever the locale. */
static inline unsigned char ascii_lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

/* The value of a hexadecimal digit of either case; -1: it is none. */
static inline int ascii_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

str str_trim(str s); /* without spaces and tabs at either end (OWS of RFC 9110 5.6.3) */

str str_word(str *rest); /* takes off the next word between spaces and tabs; empty at the end */

/* Splits at the first sep. False: there is none, head is all of s and tail is empty. */
bool str_cut(str s, char sep, str *head, str *tail);

/*
 * Decimal digits only, all of s, value at most max. False leaves *out alone: empty, any other byte, or too
 * large. The one door through which numbers from outside enter.
 */
bool str_u64(str s, uint64_t max, uint64_t *out);
