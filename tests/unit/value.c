// SPDX-License-Identifier: MIT
#include "test.h"
#include "otlp.h"

#include "record/value.h"

static const struct value_limits all = { VALUE_UNLIMITED, UINT32_MAX };

/* The content of an AnyValue, written behind a canary. */
static str written(struct otel_value v)
{
	static char room[1 << 16];
	size_t n = value_size(&v, VALUE_UNLIMITED);

	CHECK(n < sizeof room - 1);
	room[n] = '#';
	CHECK(value_put(room, &v, VALUE_UNLIMITED) == room + n && room[n] == '#');
	CHECK(pb_valid((str){ room, n }));
	return (str){ room, n };
}

TEST(values_of_every_type_are_written)
{
	const struct otel_value mixed[] = { otel_value_int(-1), otel_value_str("x", 1), otel_value_bool(false) };
	const struct otel_attr pairs[] = { otel_attr_double("d", 0.5), otel_attr_array("a", mixed, 3) };
	struct otel_value empty = { .type = OTEL_EMPTY };
	str v;

	CHECK(str_eq(written(otel_value_str("", 0)), S("\x0a\x00")));
	CHECK(str_eq(written(otel_value_str("\xff", 1)), S("\x0a\x03\xef\xbf\xbd")));
	CHECK(str_eq(written(otel_value_bool(true)), S("\x10\x01")) &&
	      str_eq(written(otel_value_bool(false)), S("\x10\x00")));
	CHECK(str_eq(written(otel_value_int(300)), S("\x18\xac\x02")));
	CHECK(written(otel_value_int(-1)).n == 11);
	CHECK(str_eq(written(otel_value_double(1)), S("\x21\0\0\0\0\0\0\xf0\x3f")));
	CHECK(str_eq(written(otel_value_bytes("\0\xff", 2)), S("\x3a\x02\0\xff")));
	CHECK(str_eq(written(otel_value_bytes(NULL, 0)), S("\x3a\x00")));
	CHECK(written(empty).n == 0);
	CHECK(str_eq(written(otel_value_array(NULL, 0)), S("\x2a\x00")) &&
	      str_eq(written(otel_value_pairs(NULL, 0)), S("\x32\x00")));
	v = pb_bytes(written(otel_value_array(mixed, 3)), 5);
	CHECK(pb_count(v, 1) == 3 && str_eq(pb_bytes(pb_field(v, 1, 1).bytes, 1), S("x")));
	v = pb_bytes(written(otel_value_pairs(pairs, 2)), 6);
	CHECK(pb_count(v, 1) == 2 && pb_attribute(v, 1, "d").n == 9 &&
	      pb_count(pb_bytes(pb_attribute(v, 1, "a"), 5), 1) == 3);
}

TEST(arrays_of_one_type_are_arrays)
{
	const char *const texts[] = { "a", "", NULL };
	const int64_t ints[] = { 0, INT64_MIN };
	const double doubles[] = { -0.0, 1e300 };
	const bool bools[] = { true, false, true };
	str v = pb_bytes(written(otel_value_strs(texts, 3)), 5);

	CHECK(pb_count(v, 1) == 3 && str_eq(pb_bytes(pb_field(v, 1, 0).bytes, 1), S("a")));
	CHECK(pb_field(pb_field(v, 1, 2).bytes, 1, 0).number == 1 && !pb_bytes(pb_field(v, 1, 2).bytes, 1).n);
	v = pb_bytes(written(otel_value_ints(ints, 2)), 5);
	CHECK(pb_count(v, 1) == 2 && (int64_t)pb_field(pb_field(v, 1, 1).bytes, 3, 0).value == INT64_MIN);
	v = pb_bytes(written(otel_value_doubles(doubles, 2)), 5);
	CHECK(pb_count(v, 1) == 2 && !memcmp(pb_field(pb_field(v, 1, 1).bytes, 4, 0).bytes.p, &doubles[1], 8));
	v = pb_bytes(written(otel_value_bools(bools, 3)), 5);
	CHECK(pb_count(v, 1) == 3 && pb_field(pb_field(v, 1, 2).bytes, 2, 0).value == 1);
}

TEST(what_is_nested_too_deep_is_left_empty)
{
	struct otel_value chain[VALUE_DEPTH_MAX + 2];
	int depth = 0;
	str v;

	chain[0] = otel_value_int(7);
	for (int i = 1; i < VALUE_DEPTH_MAX + 2; i++)
		chain[i] = otel_value_array(&chain[i - 1], 1);
	for (int levels = 1; levels < VALUE_DEPTH_MAX + 2; levels++) {
		v = written(chain[levels]);
		for (depth = 0; pb_field(v, 5, 0).number; depth++)
			v = pb_bytes(pb_bytes(v, 5), 1);
		CHECK(depth == (levels < VALUE_DEPTH_MAX ? levels : VALUE_DEPTH_MAX));
		CHECK((pb_field(v, 3, 0).value == 7) == (levels < VALUE_DEPTH_MAX));
	}
}

TEST(what_is_too_large_is_not_looked_at)
{
	const struct otel_value texts[] = { otel_value_str("x", (size_t)1 << 19), otel_value_str("x", SIZE_MAX) };
	struct otel_value v = otel_value_array(&texts[1], 1), bytes = otel_value_bytes("x", SIZE_MAX - 1);
	struct otel_attr attr = otel_attr_value("k", v);
	uint32_t dropped;

	CHECK(value_size(&v, VALUE_UNLIMITED) == VALUE_TOO_LARGE &&
	      value_size(&texts[1], VALUE_UNLIMITED) == VALUE_TOO_LARGE);
	CHECK(value_size(&bytes, VALUE_UNLIMITED) == VALUE_TOO_LARGE && value_size(&bytes, 5) == 7);
	CHECK(attrs_size(&attr, 1, 9, all, &dropped) == 0 && dropped == 1);
	attr = otel_attr_int("k", 1);
	attr.key_n = SIZE_MAX;
	CHECK(attrs_size(&attr, 1, 9, all, &dropped) == 0 && dropped == 1);
}

TEST(a_sum_of_values_may_be_too_large)
{
	static char text[1 << 19];
	struct otel_value texts[3];
	struct otel_value v = otel_value_array(texts, 3);

	memset(text, 'x', sizeof text);
	for (int i = 0; i < 3; i++)
		texts[i] = otel_value_str(text, sizeof text);
	CHECK(value_size(&v, VALUE_UNLIMITED) == VALUE_TOO_LARGE);
	v.n = 1;
	CHECK(value_size(&v, VALUE_UNLIMITED) == sizeof text + 4 + 4 + 4);
}

TEST(of_a_collection_the_last_of_equal_keys_counts_and_those_over_the_limit_do_not)
{
	const struct otel_attr attrs[] = { otel_attr_int("a", 1), otel_attr_int("b", 2), otel_attr_int("", 3),
		                               otel_attr_int("a", 4), otel_attr_int("c", 5), otel_attr_int("d", 6) };
	static char room[256];

	for (uint32_t max = 0; max < 6; max++) {
		struct value_limits limits = { VALUE_UNLIMITED, max };
		uint32_t dropped;
		size_t n = attrs_size(attrs, 6, 9, limits, &dropped);
		str all_of_them = { room, n };

		CHECK(attrs_put(room, attrs, 6, 9, limits) == room + n && pb_valid(all_of_them));
		CHECK(pb_count(all_of_them, 9) == (int)(max < 4 ? max : 4));
		CHECK(dropped == 1 + (max < 4 ? 4 - max : 0));
		if (max > 1)
			CHECK(pb_field(pb_attribute(all_of_them, 9, "a"), 3, 0).value == 4);
	}
}

TEST(characters_are_counted_not_bytes)
{
	/* one, two, three and four bytes, and two that are none */
	static const char text[] = "a\xc3\xbc\xe2\x82\xac\xf0\x9f\x92\xa9\xff\xe2\x82z";
	static const size_t ends[] = { 0, 1, 3, 6, 10, 11, 13, 14, 14 };

	for (uint32_t chars = 0; chars < 9; chars++)
		CHECK(value_cut(text, sizeof text - 1, chars) == ends[chars]);
}
