// SPDX-License-Identifier: MIT
#include "record/attr.h"

#include "common.pb.h"

/* A member of a oneof is written even when it is zero: that it is there is what it says. */
static size_t value_size(const struct attr *a)
{
	size_t n = a->text.size;

	switch (a->type) {
	case ATTR_STR: return wire_bytes_size(AnyValue_string_value_tag, n);
	case ATTR_STR_ARRAY:
		n = wire_bytes_size(ArrayValue_values_tag, wire_bytes_size(AnyValue_string_value_tag, n));
		return wire_bytes_size(AnyValue_array_value_tag, n);
	case ATTR_DOUBLE: return 1 + 8;
	case ATTR_BUILT:  return n;
	default:          return 1 + wire_varint_size(a->bits);
	}
}

static size_t pair_size(const struct attr *a, size_t value)
{
	return wire_bytes_size(KeyValue_key_tag, a->key.size) + wire_bytes_size(KeyValue_value_tag, value);
}

size_t attr_size(const struct attr *a, unsigned field)
{
	return wire_bytes_size(field, pair_size(a, value_size(a)));
}

char *attr_put(char *p, const struct attr *a, unsigned field)
{
	size_t value = value_size(a), string = wire_bytes_size(AnyValue_string_value_tag, a->text.size);

	p = wire_length(p, field, pair_size(a, value));
	p = wire_string(p, KeyValue_key_tag, &a->key);
	p = wire_length(p, KeyValue_value_tag, value);
	switch (a->type) {
	case ATTR_STR_ARRAY:
		p = wire_length(p, AnyValue_array_value_tag, wire_bytes_size(ArrayValue_values_tag, string));
		p = wire_length(p, ArrayValue_values_tag, string);
		/* fall through */
	case ATTR_STR:    return wire_string(p, AnyValue_string_value_tag, &a->text);
	case ATTR_DOUBLE: return wire_fixed64(wire_tag(p, AnyValue_double_value_tag, WIRE_FIXED64), a->bits);
	case ATTR_BOOL:   return wire_int(p, AnyValue_bool_value_tag, a->bits);
	case ATTR_BUILT:  return a->put(p, a);
	default:          return wire_int(p, AnyValue_int_value_tag, a->bits);
	}
}
