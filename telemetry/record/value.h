// SPDX-License-Identifier: MIT
#pragma once

#include "otel_value.h"
#include "record/wire.h"

/*
 * Values of any type, and collections of attributes, in wire form. As with attr.h the size comes first, then the bytes, of the same value; what is
 * not called for is not linked: scalars on spans are attr.h's.
 *
 * Limits are those of the specification ("Attribute limits"): characters, not bytes, of every string, also in arrays and lists; bytes of bytes; and
 * what is nested more than 64 deep is left empty.
 */
#define VALUE_UNLIMITED UINT32_MAX
#define VALUE_DEPTH_MAX 64
#define VALUE_BYTES_MAX (1 << 20) /* of anything: sums of sizes cannot wrap */
#define VALUE_TOO_LARGE ((size_t)-1)

size_t value_cut(const char *p, size_t n, uint32_t chars); /* the bytes that so many characters take, n at most */

/* At most chars characters of it, as wire_text(); what is larger than VALUE_BYTES_MAX then is not looked at, and keeps its size. */
void value_text(struct wire_text *t, const char *p, size_t n, uint32_t chars);

/* An AnyValue's content, without tag and length. */
size_t value_size(const struct otel_value *v, uint32_t chars);
char *value_put(char *p, const struct otel_value *v, uint32_t chars);

/*
 * Attributes, each a field of that number, in their order. Of equal keys the last counts. Those without a key, above max, or too large by
 * themselves are left out and counted.
 */
struct value_limits {
	uint32_t chars, max;
};

size_t attrs_size(const struct otel_attr *attrs, size_t n, unsigned field, struct value_limits limits,
                  uint32_t *dropped);
char *attrs_put(char *p, const struct otel_attr *attrs, size_t n, unsigned field, struct value_limits limits);
