// SPDX-License-Identifier: MIT
#include "test.h"
#include "trace.h"

/* otel.h in a program of its own. */

static void program(const char *a, const char *b)
{
	static const struct otel_setup setup = { .service_name = "plain" };

	telemetry_start((const char *const[]){ a, b, NULL });
	otel_init(&setup);
}

TEST(without_invocations_the_first_span_is_a_root)
{
	struct otel_span *root, *child;

	program(NULL, NULL);
	CHECK(!otel_recording(otel_current()) && !otel_recording(otel_invocation()));
	root = otel_start("root");
	child = otel_start("child");
	otel_end(child);
	otel_end(root);
	CHECK(!otel_recording(root) && recorder.spool.items == 2);
	root = otel_start("another");
	otel_end(root);
	CHECK(str_eq(pb_bytes(named("child"), PARENT_ID), pb_bytes(named("root"), 2)));
	CHECK(!pb_bytes(named("root"), PARENT_ID).n && !pb_bytes(named("another"), PARENT_ID).n);
	CHECK(!str_eq(pb_bytes(named("root"), 1), pb_bytes(named("another"), 1)));
	CHECK(number(named("root"), KIND) == 1 && telemetry_adds_up());
}

TEST(a_program_may_be_part_of_a_trace)
{
	program("TRACEPARENT=" TRACEPARENT, "TRACESTATE=a=1");
	otel_end(otel_start("root"));
	CHECK(str_eq(pb_bytes(named("root"), PARENT_ID), S("\x53\x99\x5c\x3f\x42\xcd\x8a\xd8")));
	CHECK(number(named("root"), FLAGS) == 0x301 && str_eq(pb_bytes(named("root"), TRACE_STATE), S("a=1")));
}

TEST(a_root_that_is_not_sampled_silences_its_children)
{
	struct otel_span *root;

	program("OTEL_TRACES_SAMPLER=always_off", NULL);
	root = otel_start("root");
	CHECK(!otel_recording(root) && !otel_recording(otel_start("child")) && recorder.depth == 1);
	otel_end(root);
	CHECK(recorder.depth == 0 && recorder.open == 0 && recorder.spool.items == 0 && recorder.count.made == 0);
}

TEST(shutdown_ends_and_sends_what_there_is)
{
	struct captured c;
	str said;

	program("OTEL_TRACES_EXPORTER=otlpstdout", NULL);
	otel_start("left");
	c = capture(STDOUT_FILENO);
	CHECK(otel_shutdown(1000));
	said = capture_end(&c);
	CHECK(lines(said) == 1 && strstr(said.p, "\"source\":\"plain\""));
	CHECK(recorder.count.handed_over == 1 && !recorder.spool.items && !otel_recording(otel_start("late")));
	CHECK(otel_flush(1000) && recorder.count.made == 1);
}

TEST(a_program_with_the_sdk_off_records_nothing)
{
	program("OTEL_SDK_DISABLED=true", NULL);
	CHECK(!otel_recording(otel_start("root")) && otel_flush(10) && otel_shutdown(10));
	CHECK(recorder.open == 0);
}
