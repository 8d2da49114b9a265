// SPDX-License-Identifier: MIT
#include "record/value.h"

#include "base/utf8.h"

#include "common.pb.h"

#include <assert.h>

/* ---- text ---- */

size_t value_cut(const char *p, size_t n, uint32_t chars)
{
	size_t i = 0;

	for (; i < n && chars; chars--) {
		int step = utf8_step(p + i, n - i);

		i += step < 0 ? (size_t)-step : (size_t)step;
	}
	return i;
}

void value_text(struct wire_text *t, const char *p, size_t n, uint32_t chars)
{
	if (chars != VALUE_UNLIMITED && chars < n)
		n = value_cut(p, n, chars);
	if (n <= VALUE_BYTES_MAX)
		wire_text(t, p, n);
	else
		*t = (struct wire_text){ { p, n }, n, false };
}

/* ---- sizes: of a message's content; each may be too large, and is never the sum of two that wrapped ---- */

static size_t plus(size_t a, size_t b)
{
	return a > VALUE_BYTES_MAX || b > VALUE_BYTES_MAX - a ? VALUE_TOO_LARGE : a + b;
}

static size_t field_size(unsigned field, size_t n)
{
	return n > VALUE_BYTES_MAX ? VALUE_TOO_LARGE : wire_bytes_size(field, n);
}

static size_t size_at(const struct otel_value *v, uint32_t chars, int depth);

static size_t text_size(unsigned field, const char *p, size_t n, uint32_t chars)
{
	struct wire_text t;

	value_text(&t, p, n, chars);
	return field_size(field, t.size);
}

static size_t pair_size(const struct otel_attr *a, uint32_t chars, int depth)
{
	return plus(text_size(KeyValue_key_tag, a->key, a->key_n, VALUE_UNLIMITED),
	            field_size(KeyValue_value_tag, size_at(&a->value, chars, depth)));
}

/* One of an array's. */
static struct otel_value element(const struct otel_value *v, size_t i)
{
	switch (v->type) {
	case OTEL_STRS:    return otel_value_str(v->of.texts[i], v->of.texts[i] ? strlen(v->of.texts[i]) : 0);
	case OTEL_BOOLS:   return otel_value_bool(v->of.truths[i]);
	case OTEL_INTS:    return otel_value_int(v->of.integers[i]);
	case OTEL_DOUBLES: return otel_value_double(v->of.numbers[i]);
	default:           return v->of.values[i];
	}
}

static size_t member_size(const struct otel_value *v, size_t i, uint32_t chars, int depth)
{
	struct otel_value e;

	if (v->type == OTEL_PAIRS)
		return pair_size(&v->of.pairs[i], chars, depth + 1);
	e = element(v, i);
	return size_at(&e, chars, depth + 1);
}

/* An array's, or a list's: both number them alike. */
static size_t members_size(const struct otel_value *v, uint32_t chars, int depth)
{
	size_t sum = 0;

	for (size_t i = 0; i < v->n && sum <= VALUE_BYTES_MAX; i++)
		sum = plus(sum, field_size(ArrayValue_values_tag, member_size(v, i, chars, depth)));
	return sum;
}

static_assert((int)ArrayValue_values_tag == (int)KeyValueList_values_tag, "members are written alike");

static unsigned members_tag(const struct otel_value *v)
{
	return v->type == OTEL_PAIRS ? AnyValue_kvlist_value_tag : AnyValue_array_value_tag;
}

static size_t size_at(const struct otel_value *v, uint32_t chars, int depth)
{
	if (depth >= VALUE_DEPTH_MAX)
		return 0;
	switch (v->type) {
	case OTEL_STR:    return text_size(AnyValue_string_value_tag, v->of.text, v->n, chars);
	case OTEL_BYTES:  return field_size(AnyValue_bytes_value_tag, v->n < chars ? v->n : chars);
	case OTEL_BOOL:   return 2;
	case OTEL_INT:    return 1 + wire_varint_size((uint64_t)v->of.integer);
	case OTEL_DOUBLE: return 1 + 8;
	case OTEL_EMPTY:  return 0;
	default:          return field_size(members_tag(v), members_size(v, chars, depth));
	}
}

size_t value_size(const struct otel_value *v, uint32_t chars)
{
	return size_at(v, chars, 0);
}

/* ---- bytes ---- */

static char *put_at(char *p, const struct otel_value *v, uint32_t chars, int depth);

static char *put_text(char *p, unsigned field, const char *text, size_t n, uint32_t chars)
{
	struct wire_text t;

	value_text(&t, text, n, chars);
	return wire_string(p, field, &t);
}

static char *put_bytes(char *p, const void *bytes, size_t n)
{
	p = wire_length(p, AnyValue_bytes_value_tag, n);
	if (n)
		memcpy(p, bytes, n);
	return p + n;
}

static char *put_pair(char *p, const struct otel_attr *a, uint32_t chars, int depth)
{
	p = put_text(p, KeyValue_key_tag, a->key, a->key_n, VALUE_UNLIMITED);
	p = wire_length(p, KeyValue_value_tag, size_at(&a->value, chars, depth));
	return put_at(p, &a->value, chars, depth);
}

static char *put_members(char *p, const struct otel_value *v, uint32_t chars, int depth)
{
	for (size_t i = 0; i < v->n; i++) {
		struct otel_value e;

		p = wire_length(p, ArrayValue_values_tag, member_size(v, i, chars, depth));
		if (v->type == OTEL_PAIRS) {
			p = put_pair(p, &v->of.pairs[i], chars, depth + 1);
		} else {
			e = element(v, i);
			p = put_at(p, &e, chars, depth + 1);
		}
	}
	return p;
}

static char *put_at(char *p, const struct otel_value *v, uint32_t chars, int depth)
{
	uint64_t bits;

	if (depth >= VALUE_DEPTH_MAX)
		return p;
	switch (v->type) {
	case OTEL_STR:   return put_text(p, AnyValue_string_value_tag, v->of.text, v->n, chars);
	case OTEL_BYTES: return put_bytes(p, v->of.bytes, v->n < chars ? v->n : chars);
	case OTEL_BOOL:  return wire_int(p, AnyValue_bool_value_tag, v->of.truth);
	case OTEL_INT:   return wire_int(p, AnyValue_int_value_tag, (uint64_t)v->of.integer);
	case OTEL_DOUBLE:
		memcpy(&bits, &v->of.number, 8);
		return wire_fixed64(wire_tag(p, AnyValue_double_value_tag, WIRE_FIXED64), bits);
	case OTEL_EMPTY: return p;
	default:         p = wire_length(p, members_tag(v), members_size(v, chars, depth)); return put_members(p, v, chars, depth);
	}
}

char *value_put(char *p, const struct otel_value *v, uint32_t chars)
{
	return put_at(p, v, chars, 0);
}

/* ---- collections ---- */

static bool said_again(const struct otel_attr *attrs, size_t i, size_t n)
{
	for (size_t j = i + 1; j < n; j++)
		if (attrs[j].key_n == attrs[i].key_n && !memcmp(attrs[j].key, attrs[i].key, attrs[i].key_n))
			return true;
	return false;
}

/* Its size as a field, 0: it is left out. Both passes ask here, so they cannot differ. */
static size_t member(const struct otel_attr *a, unsigned field, uint32_t chars)
{
	size_t size;

	if (!a->key_n)
		return 0;
	size = field_size(field, pair_size(a, chars, 0));
	return size > VALUE_BYTES_MAX ? 0 : size;
}

size_t attrs_size(const struct otel_attr *attrs, size_t n, unsigned field, struct value_limits limits,
                  uint32_t *dropped)
{
	size_t sum = 0;
	uint32_t taken = 0;

	*dropped = 0;
	for (size_t i = 0; i < n; i++) {
		size_t size;

		if (attrs[i].key_n && said_again(attrs, i, n))
			continue;
		size = taken < limits.max ? member(&attrs[i], field, limits.chars) : 0;
		if (size) {
			taken++;
			sum = plus(sum, size);
		} else {
			++*dropped;
		}
	}
	return sum;
}

char *attrs_put(char *p, const struct otel_attr *attrs, size_t n, unsigned field, struct value_limits limits)
{
	uint32_t taken = 0;

	for (size_t i = 0; i < n && taken < limits.max; i++) {
		if ((attrs[i].key_n && said_again(attrs, i, n)) || !member(&attrs[i], field, limits.chars))
			continue;
		taken++;
		p = wire_length(p, field, pair_size(&attrs[i], limits.chars, 0));
		p = put_pair(p, &attrs[i], limits.chars, 0);
	}
	return p;
}
