// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"

#include <string.h>

/* What HTTP header fields are made of (RFC 9110 5). */

/* tchar, 5.6.2: of names, and of what other headers call a token. */
static inline bool field_name_char(char c)
{
	return c && c != ':' && ((unsigned)(c | 0x20) - 'a' < 26 || strchr("0123456789!#$%&'*+-.^_`|~", c));
}

/* 5.5: visible bytes, space, tab and obs-text. */
static inline bool field_value_char(char c)
{
	return (unsigned char)c >= ' ' ? c != 0x7f : c == '\t';
}

bool field_is_name(str s);
bool field_is_value(str s); /* no other field can begin in it; may be empty */
