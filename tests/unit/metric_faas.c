// SPDX-License-Identifier: MIT
#include "metric.h"
#include "test.h"

#include "record/scope.h"
#include "source.h"

/* Metrics as a process has them that somebody else drives: hooks.c and session.c. */

#define MINUTE 60000000000

static void start(const char *faas)
{
	telemetry_start((const char *const[]){ "OTEL_METRICS_EXPORTER=console", "OTEL_TRACES_EXPORTER=console", faas,
	                                       NULL });
	otel_views(NULL, 0);
}

static void invoke(bool cold, bool failed, int64_t deadline_ms)
{
	struct lambda_hook_event event = { .request_id = S(REQUEST_ID),
		                               .body = S("12345"),
		                               .cold_start = cold,
		                               .deadline_ms = deadline_ms,
		                               .main_mono_ns = 1000000000,
		                               .ready_mono_ns = 1250000000 };
	struct lambda_hook_result result = { .failed = failed, .error_type = S("Broken"), .body = S("1234567") };

	otel_hooks.begin(&event);
	otel_hooks.end(&result);
	otel_hooks.answered();
}

static str collected(struct signal_items *items)
{
	int64_t now = clock_wall_ns() + 2 * (int64_t)MINUTE;

	memset(items, 0, sizeof *items);
	if (!metric_source.due(now, false) || !metric_source.collect(items, now))
		return (str){ 0 };
	return items->scopes[0].items;
}

static int64_t sum_of(str metrics, const char *name)
{
	return (int64_t)metric_number(metric_point(metrics, name, 0), POINT_INT);
}

TEST(the_runtimes_own_metrics_come_by_one_switch)
{
	struct signal_items items;
	str metrics, point;

	start("MOTE_FAAS_METRICS=true");
	invoke(true, false, 0);
	invoke(false, true, clock_wall_ns() / 1000000 + 60000);
	invoke(false, false, 1);
	metrics = collected(&items);
	CHECK(pb_valid(metrics) && items.scope_count == 1 && str_eq(items.scopes[0].head, scope_head(0)));
	CHECK(sum_of(metrics, "faas.invocations") == 2 && sum_of(metrics, "faas.errors") == 1);
	CHECK(sum_of(metrics, "faas.coldstarts") == 1 && sum_of(metrics, "faas.timeouts") == 1);
	point = metric_point(metrics, "faas.init_duration", 0);
	CHECK(metric_number(point, HISTOGRAM_COUNT) == 1 && metric_double(point, HISTOGRAM_SUM) == 0.25);
	CHECK(pb_bytes(point, HISTOGRAM_BOUNDS).n == 14 * 8);
	CHECK(metric_number(metric_point(metrics, "faas.invoke_duration", 0), HISTOGRAM_COUNT) == 3);
	CHECK(metric_number(metric_point(metrics, "faas.cpu_usage", 0), HISTOGRAM_COUNT) == 3);
	point = metric_point(metrics, "faas.mem_usage", 0);
	CHECK(metric_number(point, HISTOGRAM_COUNT) == 3 && metric_double(point, HISTOGRAM_MIN) > 100000);
	CHECK(metric_double(metric_point(metrics, "faas.net_io", 0), HISTOGRAM_SUM) == 36);
	CHECK(metric_source.count->made == items.count);
	CHECK(!metric_source.collect(&items, clock_wall_ns()));
}

TEST(the_runtimes_own_metrics_say_what_called)
{
	static const char *const names[] = { "faas.invocations",     "faas.coldstarts", "faas.init_duration",
		                                 "faas.invoke_duration", "faas.cpu_usage",  "faas.mem_usage",
		                                 "faas.net_io" };
	struct lambda_hook_event event = {
		.body = S("{\"Records\":[{\"eventSource\":\"aws:sqs\",\"eventSourceARN\":\"arn:aws:sqs:r:1:q\"}]}"),
		.cold_start = true,
		.main_mono_ns = 1000000000,
		.ready_mono_ns = 1250000000
	};
	struct lambda_hook_result result = { 0 };
	struct signal_items items;
	str metrics;

	for (int traced = 0; traced < 2; traced++) {
		start("MOTE_FAAS_METRICS=true");
		if (!traced)
			telemetry_start((const char *const[]){ "OTEL_METRICS_EXPORTER=console", "OTEL_TRACES_EXPORTER=none",
			                                       "MOTE_FAAS_METRICS=true", NULL });
		otel_hooks.begin(&event);
		otel_hooks.end(&result);
		otel_hooks.answered();
		invoke(false, false, 0);
		metrics = collected(&items);
		for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
			unsigned attributes = metric_has(metric_named(metrics, names[i]), METRIC_SUM) ? POINT_ATTRIBUTES
			                                                                              : HISTOGRAM_ATTRIBUTES;

			CHECK(str_eq(pb_text_attribute(metric_point(metrics, names[i], 0), attributes, "faas.trigger"),
			             S("pubsub")));
		}
		CHECK(str_eq(pb_text_attribute(metric_point(metrics, "faas.invocations", 1), POINT_ATTRIBUTES, "faas.trigger"),
		             S("other")));
	}
}

TEST(what_became_of_spans_is_a_metric_of_the_sdk)
{
	struct signal_items items;
	str metrics, point;

	start("A=B");
	invoke(true, false, 0);
	recorder.count.delivered = 3;
	recorder.count.dropped[DROP_SPOOL] = 4;
	recorder.count.dropped[DROP_STATUS] = 5;
	metrics = collected(&items);
	CHECK(!metric_named(metrics, "faas.invocations").n);
	CHECK(sum_of(metrics, "otel.sdk.span.started") == (int64_t)recorder.count.made);
	point = metric_point(metrics, "otel.sdk.processor.span.processed", 0);
	CHECK(metric_number(point, POINT_INT) == 4);
	CHECK(str_eq(pb_text_attribute(point, POINT_ATTRIBUTES, "error.type"), str_of(count_reason(DROP_SPOOL))));
	CHECK(metric_points(metrics, "otel.sdk.exporter.span.exported") == 2);
	CHECK(sum_of(metrics, "otel.sdk.exporter.span.exported") == 3);
	point = metric_point(metrics, "otel.sdk.exporter.span.exported", 1);
	CHECK(str_eq(pb_text_attribute(point, POINT_ATTRIBUTES, "error.type"), str_of(count_reason(DROP_STATUS))));
	CHECK(metric_number(point, POINT_INT) == 5);
	CHECK(!metric_source.collect(&items, clock_wall_ns()));
}

TEST(metrics_that_go_nowhere_are_not_recorded)
{
	static struct otel_instrument counter = OTEL_COUNTER("nowhere", "", "");
	struct signal_items items;

	telemetry_start((const char *const[]){ "OTEL_METRICS_EXPORTER=none", NULL });
	invoke(true, false, 0);
	otel_add(&counter, 1);
	CHECK(!otel_metric_enabled(&counter) && !collected(&items).n);
	telemetry_start_plain(); /* neither a list nor an endpoint */
	invoke(true, false, 0);
	CHECK(!otel_metric_enabled(&counter));
}

TEST(instruments_of_several_scopes_come_scope_by_scope)
{
	static const struct otel_scope scope = { .name = "library", .version = "2" };
	static struct otel_instrument own = OTEL_COUNTER("own", "", ""), same = OTEL_COUNTER("calls", "", ""),
								  theirs = OTEL_COUNTER("calls", "", "");
	struct signal_items items;
	struct captured c;
	str metrics;

	start("A=B");
	otel_metric_scope(&theirs, &scope);
	c = capture(STDERR_FILENO);
	otel_add(&theirs, 1);
	otel_add(&same, 2);
	otel_add(&own, 4);
	CHECK(!capture_end(&c).n);
	metrics = collected(&items);
	CHECK(sum_of(metrics, "own") == 4 && sum_of(metrics, "calls") == 2);
	CHECK(metric_source.collect(&items, clock_wall_ns()));
	CHECK(str_eq(pb_bytes(pb_bytes(items.scopes[0].head, 1), 1), S("library")));
	CHECK(sum_of(items.scopes[0].items, "calls") == 1 && items.count == 1);
	CHECK(!metric_source.collect(&items, clock_wall_ns()));
}
