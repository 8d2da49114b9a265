// SPDX-License-Identifier: MIT
#include "test.h"
#include "trace.h"

#include "base/clock.h"
#include "record/boot.h"

#define STAT "1234 (boot strap) S 1 1234 1234 0 -1 4194560 231 0 0 0 3 1 0 0 20 0 1 0 "

TEST(the_start_of_a_process_is_the_22nd_field_behind_any_name)
{
	const char *const good[] = { STAT "98765 100 7",
		                         "1 (a) b) (c) S 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 98765 23",
		                         "1 () R 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 98765 \n" };
	const char *const bad[] = { "",
		                        ")",
		                        "1 (a) S 1 2",
		                        STAT,
		                        STAT "x 1",
		                        STAT "-1 1",
		                        STAT "98765",
		                        "no name at all 1 2 3 4 5 6 7",
		                        STAT "99999999999999999999 1" };
	uint64_t ticks;

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		CHECK(boot_start_ticks(str_of(good[i]), &ticks) && ticks == 98765);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		CHECK(!boot_start_ticks(str_of(bad[i]), &ticks));
	for (size_t n = 0; n < sizeof STAT + 5; n++)
		CHECK(!boot_start_ticks((str){ STAT "98765 1", n < sizeof STAT + 4 ? n : 3 }, &ticks));
}

/* The first event of a process, and a flush that sends nothing anywhere. */
static void first(const char *sampler, bool failed)
{
	struct lambda_hook_event e = { .request_id = S(REQUEST_ID), .cold_start = true };
	struct lambda_hook_result r = { .failed = failed };

	telemetry_start((const char *const[]){ "MOTE_TRACES_TAIL=error", sampler, NULL });
	e.main_mono_ns = clock_mono_ns() - 3000000;
	e.ready_mono_ns = clock_mono_ns() - 1000000;
	otel_hooks.begin(&e);
	otel_hooks.end(&r);
	otel_hooks.answered();
	CHECK(!named("init").n); /* not before the answer */
	boot_spans();
}

TEST(the_first_trace_has_what_came_before_it)
{
	static const char *const parts[] = { "init.exec", "init.function", "init.next" };
	uint64_t at;
	str init;

	first(NULL, true);
	init = named("init");
	CHECK(recorder.spool.items == 5 && telemetry_adds_up() && pb_valid(recorder_spool()));
	CHECK(str_eq(pb_bytes(init, PARENT_ID), pb_bytes(named("greeter"), 2)) &&
	      str_eq(pb_bytes(init, 1), pb_bytes(named("greeter"), 1)));
	at = number(init, START);
	for (int i = 0; i < 3; i++) {
		str part = named(parts[i]);

		CHECK(str_eq(pb_bytes(part, PARENT_ID), pb_bytes(init, 2)) && number(part, KIND) == 1);
		CHECK(number(part, START) == at && number(part, END) >= at);
		at = number(part, END);
	}
	CHECK(at == number(init, END) && at <= number(named("greeter"), END));
	CHECK(number(named("init.function"), END) - number(named("init.function"), START) - 2000000 < 1000000);
	boot_spans();
	CHECK(recorder.spool.items == 5); /* once */
}

TEST(a_first_trace_that_is_not_kept_has_no_start_either)
{
	first(NULL, false);
	CHECK(recorder.spool.items == 0 && telemetry_adds_up());
	first("OTEL_TRACES_SAMPLER=always_off", true);
	CHECK(recorder.spool.items == 0 && telemetry_adds_up());
}
