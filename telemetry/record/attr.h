// SPDX-License-Identifier: MIT
#pragma once

#include "record/wire.h"

#include "common.pb.h"

/*
 * One attribute: KeyValue { key, AnyValue { one of } } as a field of whatever owns it (attributes is field 9 of a span, 1 of a resource, 3 of an event).
 * Size first, then bytes; both see the same attribute, so they cannot differ.
 */
enum attr_type { ATTR_STR, ATTR_INT, ATTR_DOUBLE, ATTR_BOOL };

struct attr {
	struct wire_text key;
	enum attr_type type;
	union {
		struct wire_text text;
		uint64_t bits; /* an int in two's complement, a double in IEEE 754, a bool as 0 or 1 */
	} value;
};

static inline struct attr attr_str(struct wire_text key, struct wire_text value)
{
	return (struct attr){ key, ATTR_STR, { .text = value } };
}

static inline struct attr attr_bits(struct wire_text key, enum attr_type type, uint64_t bits)
{
	return (struct attr){ key, type, { .bits = bits } };
}

/* Of the AnyValue. A member of a oneof is written even when it is zero: that it is there is what it says. */
static inline size_t attr_value_size(const struct attr *a)
{
	switch (a->type) {
	case ATTR_STR:    return wire_bytes_size(AnyValue_string_value_tag, a->value.text.size);
	case ATTR_DOUBLE: return wire_tag_size(AnyValue_double_value_tag) + 8;
	default:          return wire_tag_size(AnyValue_int_value_tag) + wire_varint_size(a->value.bits);
	}
}

static inline size_t attr_size(const struct attr *a) /* of the KeyValue */
{
	return wire_bytes_size(KeyValue_key_tag, a->key.size) + wire_bytes_size(KeyValue_value_tag, attr_value_size(a));
}

static inline char *attr_put_value(char *p, const struct attr *a)
{
	switch (a->type) {
	case ATTR_STR:    return wire_string(p, AnyValue_string_value_tag, a->value.text);
	case ATTR_DOUBLE: return wire_fixed64(wire_tag(p, AnyValue_double_value_tag, WIRE_FIXED64), a->value.bits);
	case ATTR_INT:    return wire_varint(wire_tag(p, AnyValue_int_value_tag, WIRE_VARINT), a->value.bits);
	default:          return wire_varint(wire_tag(p, AnyValue_bool_value_tag, WIRE_VARINT), a->value.bits);
	}
}

static inline char *attr_put(char *p, unsigned field, const struct attr *a)
{
	p = wire_length(p, field, attr_size(a));
	p = wire_string(p, KeyValue_key_tag, a->key);
	p = wire_length(p, KeyValue_value_tag, attr_value_size(a));
	return attr_put_value(p, a);
}
