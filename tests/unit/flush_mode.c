// SPDX-License-Identifier: MIT
#include "test.h"

#include "flush/adaptive.h"
#include "flush/asleep.h"
#include "flush/mode.h"

#define SECOND INT64_C(1000000000)
#define MINUTE (60 * SECOND)

TEST(a_mode_is_named_in_any_case)
{
	static const char *const names[] = { "sync", "ASYNC", "Finalize", "adaptive", "OverLap" };
	enum flush_mode mode;

	for (int i = 0; i < 5; i++) {
		CHECK(mode_parse(str_of(names[i]), &mode) && mode == (enum flush_mode)i);
		CHECK(str_ieq(mode_name(mode), str_of(names[i])));
		CHECK(mode_defers(mode) == (i > 1));
	}
	mode = FLUSH_SYNC;
	CHECK(!mode_parse(S("batch"), &mode) && !mode_parse(S(""), &mode) && !mode_parse(S("syn"), &mode));
	CHECK(mode == FLUSH_SYNC);
}

/* ---- adaptive, with a clock of our own ---- */

static struct adaptive a;
static int64_t now;

/* Invocations of a millisecond with so much between their beginnings, asleep but for that millisecond: how many of them flushed. */
static int invoke(int count, int64_t gap)
{
	int flushed = 0;

	while (count--) {
		now += gap;
		adaptive_begin(&a, now, gap - SECOND / 1000);
		if (adaptive_due(&a, now + SECOND / 1000)) {
			adaptive_flushed(&a, now + SECOND / 1000);
			flushed++;
		}
	}
	return flushed;
}

static void start(void)
{
	a = (struct adaptive){ 0 };
	now = 1000 * SECOND;
}

TEST(adaptive_sends_after_each_of_the_first_twenty)
{
	start();
	CHECK(invoke(20, SECOND / 10) == 20);
	CHECK(invoke(1, SECOND / 10) == 0);
}

TEST(adaptive_sends_every_twenty_seconds_where_invocations_are_dense)
{
	start();
	invoke(20, SECOND / 10);
	CHECK(invoke(199, SECOND / 10) == 0);
	CHECK(invoke(1, SECOND / 10) == 1);
	CHECK(invoke(2000, SECOND / 10) == 10);
	CHECK(invoke(30, 10 * SECOND) == 15); /* denser than a minute, rarer than a flush */
}

TEST(adaptive_sends_at_once_where_invocations_are_rare)
{
	start();
	invoke(40, SECOND);
	invoke(100, 61 * SECOND); /* each is over 20 s after the last, whatever the mean */
	CHECK(a.mean_gap >= MINUTE);
	CHECK(invoke(1, SECOND) == 0 && a.mean_gap < MINUTE);
	start();
	invoke(21, 70 * SECOND);
	CHECK(invoke(1, SECOND) == 1 && a.mean_gap >= MINUTE); /* the mean is still long */
}

TEST(adaptive_sends_after_a_long_sleep)
{
	start();
	invoke(20, SECOND / 10);
	now += ADAPTIVE_IDLE_NS;
	adaptive_begin(&a, now, ADAPTIVE_IDLE_NS);
	adaptive_flushed(&a, now); /* even if something has just left */
	CHECK(adaptive_due(&a, now + 1));
	adaptive_begin(&a, now + SECOND, SECOND);
	CHECK(!adaptive_due(&a, now + SECOND));
}

TEST(adaptive_does_not_take_a_long_invocation_for_a_sleep)
{
	start();
	invoke(20, SECOND / 10);
	adaptive_flushed(&a, now);
	adaptive_begin(&a, now + ADAPTIVE_IDLE_NS, SECOND); /* the one before took five minutes */
	CHECK(!a.woken);
}

TEST(adaptive_takes_a_clock_that_is_set_back)
{
	start();
	invoke(30, SECOND);
	now -= 1000 * MINUTE;
	CHECK(invoke(50, SECOND) >= 0 && a.mean_gap < MINUTE);
}

/* ---- asleep ---- */

TEST(sleep_is_what_passes_while_the_next_event_is_waited_for)
{
	struct asleep s = { 0 };

	CHECK(asleep_end(&s, 5 * SECOND, 3 * SECOND) == 0); /* the first event: nothing was asked for after an answer */
	asleep_begin(&s, 100 * SECOND, 50 * SECOND);
	CHECK(asleep_end(&s, 3700 * SECOND, 3650 * SECOND) == 3600 * SECOND && s.unseen == 0);
	CHECK(asleep_clock(&s, 3650 * SECOND) == 3650 * SECOND);
}

TEST(a_monotonic_clock_that_stood_still_is_made_up_for)
{
	struct asleep s = { 0 };

	asleep_begin(&s, 100 * SECOND, 50 * SECOND);
	CHECK(asleep_end(&s, 3700 * SECOND, 51 * SECOND) == 3600 * SECOND && s.unseen == 3599 * SECOND);
	asleep_begin(&s, 3701 * SECOND, 52 * SECOND);
	CHECK(asleep_end(&s, 3711 * SECOND, 62 * SECOND) == 10 * SECOND);
	CHECK(asleep_clock(&s, 62 * SECOND) == 3661 * SECOND);
}

TEST(a_wall_clock_that_is_adjusted_or_set_back_is_no_sleep)
{
	struct asleep s = { 0 };

	asleep_begin(&s, 100 * SECOND, 50 * SECOND);
	CHECK(asleep_end(&s, 111 * SECOND, 60 * SECOND) == 10 * SECOND && s.unseen == 0);
	asleep_begin(&s, 111 * SECOND, 60 * SECOND);
	CHECK(asleep_end(&s, 11 * SECOND, 70 * SECOND) == 10 * SECOND && s.unseen == 0);
}
