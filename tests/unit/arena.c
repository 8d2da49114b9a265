// SPDX-License-Identifier: MIT
#include "base/arena.h"

#include "test.h"

#include <stdint.h>
#include <string.h>

TEST(an_arena_gives_zeroed_aligned_memory)
{
	static _Alignas(64) char room[256];
	struct arena a;

	for (size_t offset = 0; offset < 64; offset++)
		for (size_t align = 1; align <= 64; align *= 2) {
			memset(room, 0xee, sizeof room);
			a = (struct arena){ room + offset, room + sizeof room };
			unsigned char *p = arena_take(&a, 3, 5, align);

			CHECK(p && ((uintptr_t)p & (align - 1)) == 0);
			CHECK(p >= (unsigned char *)room + offset && p < (unsigned char *)room + offset + align);
			for (size_t i = 0; p && i < 15; i++)
				CHECK(p[i] == 0);
			CHECK(a.next == (char *)p + 15 && *(unsigned char *)a.next == 0xee);
		}
}

TEST(an_arena_that_is_too_small_by_a_byte_stays_as_it_was)
{
	char *room = test_guarded((char[64]){ 0 }, 64);

	for (size_t cap = 0; cap <= 64; cap++)
		for (size_t want = 0; want <= 65; want++) {
			struct arena a = { room + 64 - cap, room + 64 };
			void *p = arena_take(&a, want, 1, 1);

			CHECK(!!p == (want <= cap));
			CHECK(a.next == room + 64 - cap + (p ? want : 0) && a.end == room + 64);
		}
}

TEST(padding_that_does_not_fit_is_no_wrap_around)
{
	static _Alignas(16) char room[16];
	struct arena a = { room + 9, room + 15 }; /* pad of 7, room of 6 */

	CHECK(!arena_take(&a, 0, 1, 16));
	CHECK(!arena_take(&a, 1, 1, 16));
	CHECK(a.next == room + 9);
	CHECK(arena_take(&a, 6, 1, 1) == room + 9);
	CHECK(!arena_take(&a, 1, 1, 1) && arena_take(&a, 0, 1, 1));
}

TEST(a_product_beyond_the_address_space_is_refused)
{
	static char room[64];
	struct arena a = { room, room + sizeof room };

	CHECK(!arena_take(&a, SIZE_MAX, 1, 1));
	CHECK(!arena_take(&a, SIZE_MAX / 2 + 1, 2, 1));
	CHECK(!arena_take(&a, SIZE_MAX, SIZE_MAX, 1)); /* wraps to 1 */
	CHECK(!arena_take(&a, 1, SIZE_MAX, 1));
	CHECK(arena_take(&a, SIZE_MAX, 0, 1) == room); /* nothing, however often, is nothing */
	CHECK(a.next == room);
}

TEST(arena_new_takes_objects_of_a_type)
{
	static _Alignas(16) char room[64];
	struct arena a = { room + 1, room + sizeof room };
	uint64_t *p = arena_new(&a, 2, uint64_t);

	CHECK((char *)p == room + 8 && a.next == room + 24);
	CHECK(!arena_new(&a, 6, uint64_t) && arena_new(&a, 5, uint64_t));
}

TEST(a_copy_of_the_arena_is_scratch)
{
	static char room[8];
	struct arena a = { room, room + sizeof room }, scratch = a;

	CHECK(arena_take(&scratch, 8, 1, 1) && !arena_take(&scratch, 1, 1, 1));
	CHECK(arena_take(&a, 8, 1, 1) == room);
}
