// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"

/*
 * A message with attributes (a span, a log record, a resource) made small enough by leaving out its largest ones, which are counted in its
 * dropped_attributes_count. All else stays as it was, in its order; the count goes to the end.
 */
struct trim {
	unsigned attributes, dropped; /* field numbers */
	bool (*is_needed)(str key);   /* never left out; NULL: any may be */
};

/* Of the message without its tag and length, to at most most bytes of to. 0: that cannot be done. *left_out: attributes. */
size_t trim_message(const struct trim *t, str message, char *to, size_t most, size_t *left_out);
