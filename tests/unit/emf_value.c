// SPDX-License-Identifier: MIT
#include "test.h"

#include "encode/emf_value.h"

enum { GAUGE = 5, HISTOGRAM = 9, EXPONENTIAL = 10 };

static bool says(unsigned data, str point, const char *json)
{
	char room[512];
	struct text t = { .p = room, .cap = sizeof room };

	emf_value_put(&t, data, point);
	return emf_value_has(data, point) && str_eq((str){ t.p, t.n }, str_of(json));
}

TEST(numbers_are_written_as_numbers)
{
	CHECK(says(GAUGE, S("\x31\xff\xff\xff\xff\xff\xff\xff\xff"), "-1"));
	CHECK(says(GAUGE, S("\x21\x00\x00\x00\x00\x00\x00\xf8\x3f"), "1.5"));
	CHECK(!emf_value_has(GAUGE, S("\x21\x00\x00\x00\x00\x00\x00\xf0\x7f"))); /* infinite */
	CHECK(!emf_value_has(GAUGE, S("\x21\x00\x00\x00\x00\x00\x00\xf8\x7f"))); /* not a number */
	CHECK(!emf_value_has(GAUGE, S("\x40\x01")));                             /* without a value */
}

TEST(a_histogram_without_least_and_greatest_has_its_mean)
{
	/* count 2, sum 3 */
	CHECK(says(HISTOGRAM, S("\x21\x02\x00\x00\x00\x00\x00\x00\x00\x29\x00\x00\x00\x00\x00\x00\x08\x40"),
	           "{\"Count\":2,\"Sum\":3,\"Min\":1.5,\"Max\":1.5}"));
	CHECK(!emf_value_has(HISTOGRAM, S("\x29\x00\x00\x00\x00\x00\x00\x08\x40"))); /* nothing was counted */
}

TEST(buckets_have_the_middle_between_their_bounds)
{
	/* count 3, sum 6, min 1, max 8, scale 0, positive { offset 0, counts 1, 0, 2 }: (1,2] and (4,8] */
	CHECK(says(EXPONENTIAL,
	           S("\x21\x03\x00\x00\x00\x00\x00\x00\x00\x29\x00\x00\x00\x00\x00\x00\x18\x40\x30\x00\x42\x07\x08\x00\x12"
	             "\x03\x01\x00\x02"
	             "\x61\x00\x00\x00\x00\x00\x00\xf0\x3f\x69\x00\x00\x00\x00\x00\x00\x20\x40"),
	           "{\"Values\":[1.5,6],\"Counts\":[1,2],\"Count\":3,\"Sum\":6,\"Max\":8,\"Min\":1}"));
}

TEST(units_are_those_that_cloudwatch_has)
{
	CHECK(str_eq(emf_unit(S("ms")), S("Milliseconds")) && str_eq(emf_unit(S("By")), S("Bytes")));
	CHECK(str_eq(emf_unit(S("Count/Second")), S("Count/Second")) && str_eq(emf_unit(S("None")), S("None")));
	CHECK(!emf_unit(S("1")).n && !emf_unit(S("ns")).n && !emf_unit(S("{call}")).n && !emf_unit(S("")).n);
}
