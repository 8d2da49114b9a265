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

/* White space, which may be at end. */
const char *scan_space(const char *p, const char *end);

static inline bool scan_digit(const char *p, const char *end)
{
	return p < end && (unsigned char)(*p - '0') < 10;
}
