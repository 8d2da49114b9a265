// SPDX-License-Identifier: MIT
#include "test.h"

#include "record/id.h"

#include <string.h>

TEST(xoshiro256_follows_the_published_generator)
{
	/* From s = 1, 2, 3, 4: the values that ports of the generator are checked with (rand_xoshiro). */
	struct id_source s = { .s = { 1, 2, 3, 4 } };
	const uint64_t expected[] = { 41943041, 58720359, 3588806011781223, 3591011842654386, 9228616714210784205u };

	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
		CHECK(id_next(&s) == expected[i]);
}

TEST(a_source_seeds_itself_once)
{
	struct id_source a = { 0 }, b = { 0 };

	CHECK(id_next(&a) != id_next(&b));
	CHECK(a.s[0] | a.s[1] | a.s[2] | a.s[3]);
}

TEST(a_trace_id_begins_with_the_second_it_was_made_in)
{
	struct id_source s = { .s = { 1, 2, 3, 4 } };
	unsigned char id[16], other[16];

	id_trace(&s, 1735689600999999999, id);
	CHECK(!memcmp(id, "\x67\x74\x85\x80", 4));
	id_trace(&s, 1735689600999999999, other);
	CHECK(memcmp(id + 4, other + 4, 12));
	CHECK(memcmp(id + 4, other + 4, 4));
	CHECK(memcmp(id + 8, other + 8, 8));
}

TEST(a_random_trace_id_has_no_time_in_it)
{
	struct id_source s = { .s = { 1, 2, 3, 4 }, .random = true };
	unsigned char id[16], other[16];

	id_trace(&s, 1735689600999999999, id);
	id_trace(&s, 1735689600999999999, other);
	CHECK(memcmp(id, "\x67\x74\x85\x80", 4) && memcmp(id, other, 4) && memcmp(id + 4, other + 4, 12));
}

TEST(a_source_that_is_copied_and_seeded_again_goes_its_own_way)
{
	struct id_source a = { .s = { 1, 2, 3, 4 }, .random = true }, b;

	id_next(&a);
	b = a;
	CHECK(id_next(&a) == id_next(&b));
	id_reseed(&b);
	CHECK(id_next(&a) != id_next(&b) && b.random);
}

TEST(ids_do_not_repeat)
{
	static unsigned char seen[4096][8];
	struct id_source s = { 0 };

	for (int i = 0; i < 4096; i++) {
		id_span(&s, seen[i]);
		for (int j = 0; j < i; j++)
			CHECK(memcmp(seen[i], seen[j], 8));
	}
}

TEST(hex_is_lower_case)
{
	char text[17] = "";

	id_hex(text, (const unsigned char *)"\x00\x09\x0a\xff\x10\xde\xad\x01", 8);
	CHECK(!strcmp(text, "00090aff10dead01"));
}
