// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"
#include "lambda_json.h"

/*
 * The lexical half of RFC 8259: each function starts at p < end where its token begins, never looks at end
 * or beyond, and returns where the token ends, or NULL when it is none.
 */

/*
 * Behind the opening quote. Returns the closing one; *escaped is set when there is a backslash and not
 * touched otherwise.
 */
const char *scan_string(const char *p, const char *end, bool *escaped);
const char *scan_number(const char *p, const char *end);
const char *scan_literal(const char *p, const char *end); /* true, false, null */

/* A whole value with all that it holds, at most depth (<= LAMBDA_JSON_DEPTH_MAX) levels of it. */
const char *scan_value(const char *p, const char *end, unsigned depth);

/*
 * A member's key, without its quotes, and its colon. Both this and p may be at end; returns where the value begins, which may be there too.
 */
const char *scan_key(const char *p, const char *end, str *key, bool *escaped);

/*
 * The same of a member whose value may be passed over too: *stop is where it ends, before end, when the member is as most are, "key":"value" without
 * escapes and white space; else NULL, and the value is still to be read.
 */
const char *scan_member(const char *p, const char *end, str *key, bool *escaped, const char **stop);

const char *scan_spaces(const char *p, const char *end);

/* White space, which may be at end. Events have none between their tokens, and one look says so. */
static inline __attribute__((always_inline)) const char *scan_space(const char *p, const char *end)
{
	return p < end && (unsigned char)*p <= ' ' ? scan_spaces(p, end) : p;
}

/* As scan_value(), for what is a string more often than not. *escaped as of scan_string(). */
static inline const char *scan_likely_string(const char *p, const char *end, unsigned depth, bool *escaped)
{
	if (*p != '"')
		return scan_value(p, end, depth);
	p = scan_string(p + 1, end, escaped);
	return p ? p + 1 : NULL;
}

static inline bool scan_digit(const char *p, const char *end)
{
	return p < end && (unsigned char)(*p - '0') < 10;
}
