// SPDX-License-Identifier: MIT
#include "test.h"

#include "otlp.h"
#include "record/recorder.h"
#include "record/spool.h"

#include <stdio.h>
#include <string.h>

#define ITEM 100
#define SIZE (ITEM + 2) /* with tag and length */

static char room[64 * 1024];
static struct spool s;
static unsigned char number; /* each item is full of its own */

static void start(size_t cap)
{
	spool_reset(&s, room, cap);
	number = 0;
}

static bool put(unsigned scope)
{
	char *p = spool_open(&s, ITEM, scope, 0);

	if (p)
		memset(p, ++number, ITEM);
	return p;
}

/* The numbers of the items of a scope's run, in order, as text: "1 2 3". */
static const char *run(unsigned i)
{
	static char text[512];
	struct signal_items items = { .count = 0 };
	size_t n = 0;

	spool_items(&s, &items);
	text[0] = 0;
	if (i >= items.scope_count)
		return text;
	for (str item, rest = items.scopes[i].items; rest.n >= SIZE; rest = (str){ rest.p + SIZE, rest.n - SIZE }) {
		item = (str){ rest.p + 2, ITEM };
		for (size_t k = 1; k < ITEM; k++)
			CHECK(item.p[k] == item.p[0]);
		n += (size_t)snprintf(text + n, sizeof text - n, "%s%d", n ? " " : "", item.p[0]);
	}
	return text;
}

static bool is(unsigned i, const char *numbers)
{
	return !strcmp(run(i), numbers);
}

TEST(items_of_one_scope_stand_together_within_an_invocation)
{
	start(sizeof room);
	put(0), put(1), put(0), put(1);
	CHECK(s.run_count == 2 && is(0, "1 3") && is(1, "2 4"));
	spool_mark(&s);
	put(1), put(0), put(1);
	CHECK(s.run_count == 4 && is(0, "1 3") && is(1, "2 4 5") && is(2, "6") && is(3, "7"));
	spool_take_back(&s);
	CHECK(s.run_count == 2 && s.items == 4 && is(1, "2 4"));
}

TEST(what_is_kept_stays_ahead_of_what_comes)
{
	static const char *const runs[4][3] = { { "1 3", "2", "4" }, { "3", "2", "4" }, { "2", "4", "" }, { "4", "", "" } };

	for (size_t gone = 0; gone <= 3; gone++) {
		start(sizeof room);
		put(0), put(1), put(0);
		spool_drop(&s, gone);
		s.held = s.items;
		spool_mark(&s);
		CHECK(s.items == 3 - gone && s.n == s.items * SIZE);
		put(0);
		CHECK(s.items == 4 - gone && s.held == 3 - gone);
		for (unsigned i = 0; i < 3; i++)
			CHECK(is(i, runs[gone][i]));
	}
}

TEST(the_oldest_makes_room_for_the_newest)
{
	start(10 * SIZE);
	for (int i = 0; i < 10; i++)
		put(0);
	CHECK(!put(0)); /* nothing is older than this invocation */
	s.held = 6;
	spool_mark(&s);
	CHECK(put(0));
	CHECK(s.evicted_held == 6 && s.evicted == 4 && s.items == 1 && s.held == 0);
	CHECK(is(0, "11") && s.mark_items == 0);
}

TEST(an_eviction_takes_no_more_than_is_worth_it)
{
	start(sizeof room);
	while (put(0))
		;
	size_t all = s.items;
	s.held = all / 2;
	spool_mark(&s);
	CHECK(put(1));
	CHECK(s.evicted + s.evicted_held >= 32768 / SIZE && s.evicted + s.evicted_held <= 32768 / SIZE + 1);
	CHECK(s.items == all + 1 - s.evicted - s.evicted_held);
	spool_take_back(&s);
	CHECK(s.items == all - s.evicted - s.evicted_held && s.n == s.items * SIZE && s.run_count == 1);
}

TEST(what_is_on_its_way_is_not_evicted)
{
	start(10 * SIZE);
	for (int i = 0; i < 10; i++)
		put(0);
	spool_mark(&s);
	s.pinned = 10;
	CHECK(!put(0) && s.items == 10);
	s.pinned = 0;
	CHECK(put(0));
}

TEST(runs_give_way_like_bytes)
{
	start(sizeof room);
	for (unsigned i = 0; i < SIGNAL_SCOPES_MAX;
	     i++) { /* of another scope and another invocation, so a run of its own */
		spool_mark(&s);
		CHECK(put(i % 2));
	}
	CHECK(s.run_count == SIGNAL_SCOPES_MAX && spool_half_full(&s));
	CHECK(put(2) && s.evicted == 1 && s.run_count == SIGNAL_SCOPES_MAX && is(0, "2"));
}

TEST(what_stands_apart_is_handed_out_and_dropped_by_itself)
{
	for (unsigned which = 0; which < 1 << 6; which++) {
		struct signal_items apart = { .count = 0 };
		unsigned count = (unsigned)__builtin_popcount(which);

		start(sizeof room);
		put(0), put(1);
		s.held = 2;
		for (unsigned i = 0; i < 6; i++) {
			if (i % 3 == 0)
				spool_mark(&s);
			put(i % 2 | (which >> i & 1 ? SPOOL_APART : 0));
		}
		CHECK(spool_apart(&s, &apart) == (count > 0) && apart.count == count);
		for (size_t i = 0; i < apart.scope_count; i++)
			for (str rest = apart.scopes[i].items; rest.n; rest = (str){ rest.p + SIZE, rest.n - SIZE })
				CHECK(which >> (rest.p[2] - 3) & 1);
		spool_drop_apart(&s);
		CHECK(s.items == 8 - count && s.n == s.items * SIZE && s.held == 2);
		CHECK(s.mark_items == s.items && s.mark_n == s.n && s.mark_runs == s.run_count);
		apart.count = apart.scope_count = 0;
		CHECK(!spool_apart(&s, &apart));
		for (size_t i = 0; i < s.items; i++) {
			unsigned char first = (unsigned char)room[i * SIZE + 2];

			CHECK(first && (first < 3 || !(which >> (first - 3) & 1)));
		}
		CHECK(room[2] == 1);
		spool_drop(&s, s.items);
		CHECK(!s.items && !s.n && !s.run_count && !s.held);
	}
}

TEST(room_that_is_reserved_is_left)
{
	start(10 * SIZE);
	for (int i = 0; i < 9; i++)
		put(0);
	CHECK(!spool_open(&s, ITEM, 0, SIZE) && spool_open(&s, ITEM, 0, 0));
}

TEST(a_spool_that_is_dropped_in_every_way_stays_whole)
{
	for (unsigned scopes = 1; scopes < 5; scopes++)
		for (size_t first = 0; first <= 12; first++)
			for (size_t second = 0; first + second <= 12; second++) {
				struct signal_items items = { .count = 0 };
				size_t n = 0;

				start(sizeof room);
				for (unsigned i = 0; i < 12; i++) {
					if (i == 7)
						spool_mark(&s);
					put(i * 7 / 3 % scopes);
				}
				spool_drop(&s, first);
				spool_drop(&s, second);
				spool_items(&s, &items);
				for (size_t i = 0; i < items.scope_count; i++) {
					CHECK(items.scopes[i].items.n > 0);
					n += items.scopes[i].items.n;
				}
				CHECK(n == s.n && items.count == 12 - first - second && n == items.count * SIZE);
				CHECK(s.mark_n <= s.n && s.mark_items <= s.items && s.mark_runs <= s.run_count);
			}
}
