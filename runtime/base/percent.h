// SPDX-License-Identifier: MIT
#pragma once

#include "base/buf.h"

/* Percent-encoding, RFC 3986 section 2. */

/*
 * Decodes s into out, which has room for s.n bytes and may be s.p itself; plus: '+' is a space, as forms
 * have it. A '%' without two hex digits stays as it is; *strict, when given, becomes false then and is not
 * touched otherwise. Returns the bytes written.
 */
size_t percent_decode(str s, bool plus, char *out, bool *strict);

void percent_encode(struct buf *out, str s); /* all but the unreserved characters (2.3) */
