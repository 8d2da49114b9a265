// SPDX-License-Identifier: MIT
#pragma once

#include "record/wire.h"

/*
 * One attribute: KeyValue { key, AnyValue { one of } } as a field of what owns it (field 9 of a span, 3 of an event, 1 of a resource).
 * Size first, then bytes; both see the same attribute, so they cannot differ.
 */
enum attr_type { ATTR_STR, ATTR_STR_ARRAY, ATTR_INT, ATTR_DOUBLE, ATTR_BOOL, ATTR_BUILT };

struct attr {
	enum attr_type type;
	struct wire_text key;
	struct wire_text text; /* a string; an array of this one string */
	uint64_t bits;         /* an int in two's complement, a double in IEEE 754, a bool as 0 or 1 */

	/* ATTR_BUILT: an AnyValue's content, text.size bytes of it, written by who knows how: a span with scalars alone links none of that. */
	char *(*put)(char *p, const struct attr *a);
	const void *from;
};

size_t attr_size(const struct attr *a, unsigned field); /* of the whole field */
char *attr_put(char *p, const struct attr *a, unsigned field);
