// SPDX-License-Identifier: MIT
#include "test.h"
#include "logrec/logrec.h"
#include "telemetry.h"

#include "sample/ratio.h"
#include "sample/tail.h"

static const unsigned char high[16] = { [9] = 0xff }, low[16] = { 0 };

TEST(a_rule_for_the_tail_is_a_list_of_what_keeps_a_trace)
{
	struct tail t;

	CHECK(tail_parse(S("error"), &t) && t.decides && t.error);
	CHECK(tail_keeps(&t, true, 0, low) && !tail_keeps(&t, false, INT64_MAX - 1, high));
	CHECK(tail_parse(S("duration=500"), &t));
	CHECK(tail_keeps(&t, false, 500000000, low) && !tail_keeps(&t, true, 499999999, high));
	CHECK(tail_parse(S("ratio=0.5"), &t));
	CHECK(tail_keeps(&t, false, 0, high) && !tail_keeps(&t, true, 0, low));
	CHECK(tail_parse(S(" error , duration = 1 ,ratio=0"), &t));
	CHECK(tail_keeps(&t, true, 0, low) && tail_keeps(&t, false, 1000000, low) && !tail_keeps(&t, false, 0, high));
	CHECK(tail_parse(S("ratio=1"), &t) && tail_keeps(&t, false, 0, low));
}

TEST(a_wrong_rule_for_the_tail_is_refused_whole)
{
	const char *const bad[] = { ",",
		                        "",
		                        "errors",
		                        "error=1",
		                        "duration",
		                        "duration=",
		                        "duration=-1",
		                        "duration=1s",
		                        "duration=9999999999999999",
		                        "ratio",
		                        "ratio=2",
		                        "slow",
		                        "error;ratio=1" };
	struct tail t = { .duration_ns = 42 };

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		CHECK(!tail_parse(str_of(bad[i]), &t) && t.duration_ns == 42);
}

/* ---- at the end of an invocation ---- */

static void invoke(bool failed, bool child_failed)
{
	struct lambda_hook_result r = { .failed = failed, .error_type = S("Type") };
	struct otel_span *child;

	telemetry_begin("{}", NULL);
	child = otel_start("child");
	if (child_failed)
		otel_error(child, "no", 2);
	otel_end(child);
	otel_hooks.end(&r);
	otel_hooks.answered();
}

TEST(a_trace_that_the_rule_does_not_keep_leaves_nothing_and_is_counted)
{
	telemetry_start((const char *const[]){ "MOTE_TRACES_TAIL=error", NULL });
	invoke(false, false);
	CHECK(recorder.spool.items == 0 && recorder_spool().n == 0 && recorder.count.dropped[DROP_TAIL] == 2);
	invoke(true, false);
	CHECK(recorder.spool.items == 2 && recorder.count.dropped[DROP_TAIL] == 2);
	invoke(false, true);
	CHECK(recorder.spool.items == 4);
	invoke(false, false);
	CHECK(recorder.spool.items == 4 && recorder.count.dropped[DROP_TAIL] == 4);
	CHECK(pb_valid(recorder_spool()) && pb_count(recorder_spool(), 2) == 4 && telemetry_adds_up());
}

TEST(the_rule_keeps_what_took_long)
{
	telemetry_start((const char *const[]){ "MOTE_TRACES_TAIL=duration=3600000", NULL });
	invoke(true, true);
	CHECK(recorder.spool.items == 0);
	telemetry_start((const char *const[]){ "MOTE_TRACES_TAIL=duration=0", NULL });
	invoke(false, false);
	CHECK(recorder.spool.items == 2);
}

TEST(the_ratio_of_the_tail_is_the_same_for_a_trace_everywhere)
{
	const char *const events[] = {
		"{\"headers\":{\"traceparent\":\"00-67748580a00664912780000000000000-53995c3f42cd8ad8-01\"}}",
		"{\"headers\":{\"traceparent\":\"00-67748580a0066491277fffffffffffff-53995c3f42cd8ad8-01\"}}",
	};

	telemetry_start((const char *const[]){ "MOTE_TRACES_TAIL=ratio=0.5", NULL });
	for (int i = 0; i < 2; i++) {
		telemetry_begin(events[i], NULL);
		telemetry_end();
		CHECK(recorder.spool.items == 1); /* the second is not there */
	}
}

TEST(what_the_sampler_or_a_caller_refused_the_rule_does_not_bring_back)
{
	telemetry_start((const char *const[]){ "MOTE_TRACES_TAIL=error", "OTEL_TRACES_SAMPLER=always_off", NULL });
	invoke(true, true);
	CHECK(recorder.spool.items == 0 && recorder.count.made == 0 && !recorder.count.dropped[DROP_TAIL]);
	telemetry_start((const char *const[]){ "MOTE_TRACES_TAIL=error", NULL });
	telemetry_begin("{\"headers\":{\"traceparent\":\"00-67748580a006649127e371903a2de979-53995c3f42cd8ad8-00\"}}",
	                NULL);
	otel_error(otel_invocation(), "no", 2);
	telemetry_end();
	CHECK(recorder.spool.items == 0 && recorder.count.made == 0 && !recorder.count.dropped[DROP_TAIL]);
}

TEST(logs_and_metrics_of_a_trace_that_is_not_kept_are)
{
	static struct otel_instrument counter = OTEL_COUNTER("tail.calls", "", "");

	telemetry_start((const char *const[]){ "MOTE_TRACES_TAIL=error", "OTEL_LOGS_EXPORTER=console",
	                                       "OTEL_METRICS_EXPORTER=console", NULL });
	telemetry_begin("{}", NULL);
	otel_log(OTEL_LOG_INFO, "heard", 5);
	otel_add(&counter, 1);
	telemetry_end();
	CHECK(recorder.spool.items == 0 && recorder.count.dropped[DROP_TAIL] == 1);
	CHECK(log_spool.items == 1 && metric_source.due(INT64_MAX, true));
	spool_drop(&log_spool, log_spool.items);
}

/* It was not by a threshold that the rule decided, so no count can be made from one. */
TEST(what_the_rule_keeps_has_a_threshold_only_of_a_sampler)
{
	telemetry_start((const char *const[]){ "MOTE_TRACES_TAIL=ratio=1", NULL });
	telemetry_begin("{}", NULL);
	telemetry_end();
	CHECK(recorder.spool.items == 1 && !pb_count(telemetry_span(0), 3));
	telemetry_start((const char *const[]){ "MOTE_TRACES_TAIL=ratio=1", "OTEL_TRACES_SAMPLER=probability",
	                                       "OTEL_TRACES_SAMPLER_ARG=1", NULL });
	telemetry_begin("{}", NULL);
	telemetry_end();
	CHECK(str_eq(pb_bytes(telemetry_span(0), 3), S("ot=th:0")));
	recorder_spool_empty();
}

TEST(a_wrong_rule_costs_one_warning_and_keeps_everything)
{
	struct captured c = capture(STDERR_FILENO);
	str said;

	telemetry_start((const char *const[]){ "MOTE_TRACES_TAIL=everything", NULL });
	invoke(false, false);
	invoke(false, false);
	said = capture_end(&c);
	CHECK(lines(said) == 1 && strstr(said.p, "MOTE_TRACES_TAIL=everything"));
	CHECK(recorder.spool.items == 4);
}
