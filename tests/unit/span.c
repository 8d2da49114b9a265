// SPDX-License-Identifier: MIT
#include "test.h"
#include "trace.h"

#include "base/clock.h"
#include "export/envelope.h"

#include <math.h>
#include <stdio.h>

static int64_t int_attribute(str span, const char *key)
{
	return (int64_t)pb_field(pb_attribute(span, ATTRIBUTES, key), 3, 0).value;
}

static bool has_text(str span, const char *key, str value)
{
	return str_eq(pb_text_attribute(span, ATTRIBUTES, key), value);
}

/* ---- the invocation's span ---- */

TEST(an_invocation_is_one_server_span)
{
	int64_t before = clock_wall_ns();
	str span;

	fresh();
	telemetry_end();
	span = telemetry_span(0);
	CHECK(recorder.spool.items == 1 && pb_count(recorder_spool(), 2) == 1);
	CHECK(pb_valid(span));
	CHECK(str_eq(pb_bytes(span, NAME), S("greeter")));
	CHECK(number(span, KIND) == 2);
	CHECK((int64_t)number(span, START) >= before && number(span, START) <= number(span, END));
	CHECK((int64_t)number(span, END) <= clock_wall_ns() + 1000000);
	CHECK(has_text(span, "faas.invocation_id", S(REQUEST_ID)));
	CHECK(pb_field(pb_attribute(span, ATTRIBUTES, "faas.coldstart"), 2, 0).value == 1);
	CHECK(has_text(span, "cloud.resource_id", S(ARN)));
	CHECK(has_text(span, "cloud.account.id", S("123456789012")));
	CHECK(has_text(span, "aws.lambda.invoked_arn", S(ARN)) && has_text(span, "faas.trigger", S("other")));
	CHECK(pb_count(span, ATTRIBUTES) == 6);
	CHECK(!pb_field(span, STATUS, 0).number && !pb_field(span, EVENTS, 0).number);
	CHECK(telemetry_adds_up());
}

TEST(a_traceparent_makes_the_parent)
{
	str span;

	fresh();
	telemetry_end();
	span = telemetry_span(0);
	CHECK(str_eq(pb_bytes(span, TRACE_ID), S("\x67\x74\x85\x80\xa0\x06\x64\x91\x27\xe3\x71\x90\x3a\x2d\xe9\x79")));
	CHECK(str_eq(pb_bytes(span, PARENT_ID), S("\x53\x99\x5c\x3f\x42\xcd\x8a\xd8")));
	CHECK(pb_bytes(span, SPAN_ID).n == 8 && !str_eq(pb_bytes(span, SPAN_ID), pb_bytes(span, PARENT_ID)));
	CHECK(number(span, FLAGS) == 0x301);
}

TEST(a_traceparent_wins_over_lambdas_trace_header)
{
	telemetry_start_plain();
	telemetry_begin("{\"headers\":{\"traceparent\":\"" TRACEPARENT "\"}}",
	                "Root=1-11111111-222222222222222222222222;Parent=3333333333333333;Sampled=1");
	telemetry_end();
	CHECK(str_eq(pb_bytes(telemetry_span(0), PARENT_ID), S("\x53\x99\x5c\x3f\x42\xcd\x8a\xd8")));
}

TEST(lambdas_trace_header_makes_the_parent_even_unsampled)
{
	str span;

	telemetry_start_plain();
	telemetry_begin("{}", "Root=1-67748580-a006649127e371903a2de979;Parent=53995c3f42cd8ad8;Sampled=0;Lineage=1:2:3");
	telemetry_end();
	span = telemetry_span(0);
	CHECK(str_eq(pb_bytes(span, TRACE_ID), S("\x67\x74\x85\x80\xa0\x06\x64\x91\x27\xe3\x71\x90\x3a\x2d\xe9\x79")));
	CHECK(str_eq(pb_bytes(span, PARENT_ID), S("\x53\x99\x5c\x3f\x42\xcd\x8a\xd8")));
	CHECK(number(span, FLAGS) == 0x301);
}

TEST(a_root_without_parent_is_a_trace_without_parent)
{
	str span;

	telemetry_start_plain();
	telemetry_begin("{}", "Root=1-67748580-a006649127e371903a2de979");
	telemetry_end();
	span = telemetry_span(0);
	CHECK(str_eq(pb_bytes(span, TRACE_ID), S("\x67\x74\x85\x80\xa0\x06\x64\x91\x27\xe3\x71\x90\x3a\x2d\xe9\x79")));
	CHECK(!pb_field(span, PARENT_ID, 0).number);
	CHECK(number(span, FLAGS) == 0x101);
}

TEST(without_a_caller_a_trace_begins_here)
{
	uint32_t second = (uint32_t)(clock_wall_ns() / 1000000000);
	const unsigned char *id;
	str first, span;

	telemetry_start_plain();
	telemetry_begin("not json", "nonsense");
	telemetry_end();
	first = telemetry_span(0);
	id = (const unsigned char *)pb_bytes(first, TRACE_ID).p;
	CHECK(pb_bytes(first, TRACE_ID).n == 16);
	CHECK(((uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 | (uint32_t)id[2] << 8 | id[3]) - second <= 1);
	CHECK(!pb_field(first, PARENT_ID, 0).number);
	CHECK(number(first, FLAGS) == 0x103); /* the last seven bytes of the id are random */

	telemetry_begin("", "");
	telemetry_end();
	span = telemetry_span(1);
	CHECK(!str_eq(pb_bytes(first, TRACE_ID), pb_bytes(span, TRACE_ID)));
}

TEST(an_alias_gives_way_to_the_version_that_runs)
{
	struct lambda_hook_event e = { .request_id = S("id"), .invoked_function_arn = S(ARN ":live") };
	struct lambda_hook_result r = { 0 };

	telemetry_start_plain();
	otel_hooks.begin(&e);
	otel_hooks.end(&r);
	otel_hooks.answered();
	CHECK(has_text(telemetry_span(0), "cloud.resource_id", S(ARN ":$LATEST")));
	CHECK(pb_field(pb_attribute(telemetry_span(0), ATTRIBUTES, "faas.coldstart"), 2, 0).number == 2);
	CHECK(pb_field(pb_attribute(telemetry_span(0), ATTRIBUTES, "faas.coldstart"), 2, 0).value == 0);
}

TEST(absurd_arns_are_survived)
{
	const char *arns[] = { "",
		                   ":",
		                   "::::",
		                   ":::::::",
		                   "arn",
		                   "arn:aws:lambda:r",
		                   "arn:aws:lambda:r::function:f:",
		                   "\xff:\xff:\xff:\xff:\xff:x" };
	static char longest[100000];

	memset(longest, ':', sizeof longest - 1);
	telemetry_start_plain();
	for (size_t i = 0; i <= sizeof arns / sizeof arns[0]; i++) {
		struct lambda_hook_event e = { .invoked_function_arn = str_of(i < sizeof arns / sizeof arns[0] ? arns[i]
			                                                                                           : longest) };
		struct lambda_hook_result r = { 0 };

		otel_hooks.begin(&e);
		otel_hooks.end(&r);
		otel_hooks.answered();
		CHECK(pb_valid(telemetry_span((int)i)));
	}
	CHECK(telemetry_adds_up());
}

TEST(a_failed_invocation_says_so_in_three_places)
{
	struct lambda_hook_result r = { .failed = true,
		                            .error_type = S("NameTooLong"),
		                            .error_message = S("name is 65 bytes") };
	str span, event;

	fresh();
	otel_hooks.end(&r);
	otel_hooks.answered();
	span = telemetry_span(0);
	CHECK(number(pb_bytes(span, STATUS), 3) == 2);
	CHECK(str_eq(pb_bytes(pb_bytes(span, STATUS), 2), S("name is 65 bytes")));
	CHECK(has_text(span, "error.type", S("NameTooLong")));
	CHECK(pb_count(span, EVENTS) == 1);
	event = pb_bytes(span, EVENTS);
	CHECK(str_eq(pb_bytes(event, 2), S("exception")));
	CHECK(number(event, 1) >= number(span, START) && number(event, 1) <= number(span, END));
	CHECK(str_eq(pb_text_attribute(event, 3, "exception.type"), S("NameTooLong")));
	CHECK(str_eq(pb_text_attribute(event, 3, "exception.message"), S("name is 65 bytes")));
}

TEST(the_longest_error_fits_the_span)
{
	static char message[4096], type[256];
	struct lambda_hook_result r = { .failed = true,
		                            .error_type = { type, sizeof type },
		                            .error_message = { message, sizeof message } };

	memset(message, 'm', sizeof message);
	memset(type, 't', sizeof type);
	fresh();
	otel_hooks.end(&r);
	otel_hooks.answered();
	CHECK(pb_bytes(pb_bytes(telemetry_span(0), STATUS), 2).n == sizeof message);
	CHECK(pb_count(telemetry_span(0), EVENTS) == 1);
	CHECK(!pb_field(telemetry_span(0), DROPPED_EVENTS, 0).number);
}

TEST(ids_for_logs_are_those_of_the_innermost_open_span)
{
	char trace[32], id[16], child_id[16];
	struct otel_span *child;

	fresh();
	CHECK(otel_hooks.log_ids(trace, id));
	CHECK(!memcmp(trace, &TRACEPARENT[3], 32));
	child = otel_start("child");
	CHECK(otel_hooks.log_ids(trace, child_id) && memcmp(id, child_id, 16));
	otel_end(child);
	CHECK(otel_hooks.log_ids(trace, child_id) && !memcmp(id, child_id, 16));
	telemetry_end();
	CHECK(!otel_hooks.log_ids(trace, id));
	for (int i = 0; i < 8; i++)
		CHECK((unsigned char)pb_bytes(telemetry_span(1), SPAN_ID).p[i] ==
		      strtoul((char[]){ id[2 * i], id[2 * i + 1], 0 }, NULL, 16));
}

/* ---- children ---- */

TEST(a_child_points_to_its_parent)
{
	struct otel_span *a, *b;
	str root, first, second;

	fresh();
	a = otel_start("a");
	b = otel_start("b");
	CHECK(otel_current() == b);
	otel_end(b);
	CHECK(otel_current() == a);
	otel_end(a);
	CHECK(otel_current() == otel_invocation());
	telemetry_end();
	second = telemetry_span(0);
	first = telemetry_span(1);
	root = telemetry_span(2);
	CHECK(str_eq(pb_bytes(first, NAME), S("a")) && str_eq(pb_bytes(second, NAME), S("b")));
	CHECK(number(first, KIND) == 1 && number(second, KIND) == 1);
	CHECK(str_eq(pb_bytes(first, PARENT_ID), pb_bytes(root, SPAN_ID)));
	CHECK(str_eq(pb_bytes(second, PARENT_ID), pb_bytes(first, SPAN_ID)));
	CHECK(str_eq(pb_bytes(second, TRACE_ID), pb_bytes(root, TRACE_ID)));
	CHECK(number(first, FLAGS) == 0x101);
	CHECK(number(root, START) <= number(first, START) && number(first, START) <= number(second, START));
	CHECK(number(second, END) <= number(first, END) && number(first, END) <= number(root, END));
}

TEST(attributes_of_parent_and_child_may_be_set_alternately)
{
	struct otel_span *parent, *child;
	str span;

	fresh();
	parent = otel_start("parent");
	child = otel_start("child");
	for (int i = 0; i < 20; i++) {
		char key[] = { 'k', (char)('a' + i), 0 };

		otel_set_int(parent, key, i);
		otel_set_int(child, key, -i);
		otel_set_str(otel_invocation(), key, "root", 4);
	}
	otel_end(child);
	otel_set_str(parent, "after", "child", 5);
	otel_end(parent);
	telemetry_end();
	for (int i = 0; i < 20; i++) {
		char key[] = { 'k', (char)('a' + i), 0 };

		CHECK(int_attribute(telemetry_span(0), key) == -i);
		CHECK(int_attribute(telemetry_span(1), key) == i);
		CHECK(has_text(telemetry_span(2), key, S("root")));
	}
	span = telemetry_span(1);
	CHECK(has_text(span, "after", S("child")) && pb_count(span, ATTRIBUTES) == 21);
	CHECK(pb_count(telemetry_span(0), ATTRIBUTES) == 20 && pb_count(telemetry_span(2), ATTRIBUTES) == 26);
}

TEST(every_value_of_every_type_is_kept)
{
	const int64_t ints[] = { 0, 1, -1, 127, 128, 16383, 16384, INT32_MAX, INT64_MAX, INT64_MIN };
	const double doubles[] = { 0.0, -0.0, 1.5, -1e308, 5e-324, INFINITY, -INFINITY, NAN };
	static char big[5000];
	struct otel_span *s;
	str span;

	memset(big, 'x', sizeof big);
	fresh();
	for (size_t i = 0; i < sizeof ints / sizeof ints[0]; i++) {
		s = otel_start("int");
		otel_set_int(s, "v", ints[i]);
		otel_end(s);
		CHECK(int_attribute(telemetry_span((int)i), "v") == ints[i]);
	}
	recorder_spool_empty();
	for (size_t i = 0; i < sizeof doubles / sizeof doubles[0]; i++) {
		s = otel_start("double");
		otel_set_double(s, "v", doubles[i]);
		otel_end(s);
		span = pb_attribute(telemetry_span((int)i), ATTRIBUTES, "v");
		CHECK(span.n == 9 && !memcmp(pb_field(span, 4, 0).bytes.p, &doubles[i], 8));
	}
	recorder_spool_empty();
	for (size_t n = 0; n <= 300; n++) { /* every length at which a length or a copy changes its shape */
		s = otel_start("text");
		otel_set_str(s, "v", n ? big : NULL, n);
		otel_end(s);
		span = pb_attribute(telemetry_span((int)n), ATTRIBUTES, "v");
		CHECK(pb_field(span, 1, 0).number == 1 && str_eq(pb_bytes(span, 1), (str){ big, n }));
	}
	telemetry_end();
}

TEST(a_key_set_again_keeps_its_last_value)
{
	struct otel_span *s;
	str span;

	fresh();
	s = otel_start("s");
	otel_set_str(s, "a", "first", 5);
	otel_set_int(s, "b", 1);
	otel_error(s, "status between", 14);
	otel_set_bool(s, "c", true);
	otel_set_double(s, "a", 2.5);
	otel_set_str(s, "b", "", 0);
	otel_error(s, "status", 6);
	otel_set_int(s, "c", 7);
	otel_end(s);
	span = telemetry_span(0);
	CHECK(pb_valid(span) && pb_count(span, ATTRIBUTES) == 3 && pb_count(span, STATUS) == 1);
	CHECK(pb_field(pb_attribute(span, ATTRIBUTES, "a"), 4, 0).number == 4);
	CHECK(pb_field(pb_attribute(span, ATTRIBUTES, "b"), 1, 0).number == 1);
	CHECK(int_attribute(span, "c") == 7);
	CHECK(str_eq(pb_bytes(pb_bytes(span, STATUS), 2), S("status")));
	telemetry_end();
}

TEST(keys_that_look_alike_are_different_keys)
{
	struct otel_span *s;

	fresh_with("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT=300", NULL);
	s = otel_start("s");
	for (int i = 0; i < 300; i++) {
		char key[8] = { 'k', (char)('0' + i / 100), (char)('0' + i / 10 % 10), (char)('0' + i % 10), 'z', 0 };

		otel_set_int(s, key, i);
	}
	otel_end(s);
	CHECK(pb_count(telemetry_span(0), ATTRIBUTES) == 300);
	CHECK(int_attribute(telemetry_span(0), "k123z") == 123);
	telemetry_end();
}

TEST(bytes_that_are_not_utf8_become_replacements)
{
	struct otel_span *s;
	str span;

	fresh();
	s = otel_start("\xc3(\xe2\x82");
	otel_set_str(s, "\xff", "\xf0\x9f\x92", 3);
	otel_set_str(s, "good", "\xf0\x9f\x92\xa9 \xc3\xbc", 7);
	otel_set_str(s, "nul", "a\0b", 3);
	otel_error(s, "\x80", 1);
	otel_end(s);
	span = telemetry_span(0);
	CHECK(pb_valid(span));
	CHECK(str_eq(pb_bytes(span, NAME), S("\xef\xbf\xbd(\xef\xbf\xbd")));
	CHECK(has_text(span, "\xef\xbf\xbd", S("\xef\xbf\xbd")));
	CHECK(has_text(span, "good", S("\xf0\x9f\x92\xa9 \xc3\xbc")));
	CHECK(has_text(span, "nul", (str){ "a\0b", 3 }));
	CHECK(str_eq(pb_bytes(pb_bytes(span, STATUS), 2), S("\xef\xbf\xbd")));
	telemetry_end();
}

TEST(an_exception_may_lack_anything)
{
	struct otel_span *s;

	fresh();
	s = otel_start("s");
	otel_exception(s, "", NULL, 0);
	otel_exception(s, "Type", NULL, 0);
	otel_exception(s, "", "message", 7);
	otel_end(s);
	CHECK(pb_valid(telemetry_span(0)) && pb_count(telemetry_span(0), EVENTS) == 3);
	CHECK(pb_count(pb_field(telemetry_span(0), EVENTS, 0).bytes, 3) == 0);
	CHECK(pb_count(pb_field(telemetry_span(0), EVENTS, 1).bytes, 3) == 1);
	CHECK(str_eq(pb_bytes(pb_bytes(telemetry_span(0), STATUS), 2), S("message")));
	telemetry_end();
}

/* ---- what handlers get wrong ---- */

TEST(a_span_left_open_is_closed_and_marked)
{
	struct otel_span *a, *b;

	fresh();
	a = otel_start("a");
	otel_start("b");
	b = otel_start("c");
	otel_set_int(b, "k", 1);
	otel_end(a); /* takes b and c with it */
	CHECK(otel_current() == otel_invocation());
	otel_start("d");
	telemetry_end();
	CHECK(is_marked(telemetry_span(0)) && str_eq(pb_bytes(telemetry_span(0), NAME), S("c")));
	CHECK(is_marked(telemetry_span(1)) && !is_marked(telemetry_span(2)));
	CHECK(is_marked(telemetry_span(3)) && str_eq(pb_bytes(telemetry_span(3), NAME), S("d")));
	CHECK(!is_marked(telemetry_span(4)) && number(telemetry_span(4), KIND) == 2);
	CHECK(int_attribute(telemetry_span(0), "k") == 1);
	CHECK(recorder.spool.items == 5 && recorder.unended == 3 && telemetry_adds_up());
}

TEST(a_second_end_does_nothing_even_when_the_slot_has_a_new_span)
{
	struct otel_span *old, *young;

	fresh();
	old = otel_start("old");
	otel_end(old);
	otel_end(old);
	young = otel_start("young");
	CHECK(old != young && !otel_recording(old) && otel_recording(young));
	otel_end(old);
	otel_set_int(old, "k", 1);
	otel_error(old, "no", 2);
	otel_exception(old, "No", "no", 2);
	CHECK(otel_recording(young));
	otel_end(young);
	telemetry_end();
	CHECK(recorder.spool.items == 3);
	CHECK(!pb_count(telemetry_span(1), ATTRIBUTES) && !pb_count(telemetry_span(1), STATUS));
}

TEST(a_span_of_an_earlier_invocation_is_not_one_of_this)
{
	struct otel_span *old, *invocation;

	fresh();
	old = otel_start("old");
	invocation = otel_invocation();
	telemetry_end();
	telemetry_begin("{}", NULL);
	otel_start("young");
	CHECK(!otel_recording(old) && !otel_recording(invocation));
	otel_end(old);
	otel_end(invocation);
	CHECK(recorder.depth == 2);
	telemetry_end();
}

TEST(the_invocations_span_is_not_the_handlers_to_end)
{
	fresh();
	otel_end(otel_invocation());
	CHECK(otel_recording(otel_invocation()));
	CHECK(otel_recording(otel_start("still a child")));
	telemetry_end();
	CHECK(recorder.spool.items == 2);
}

TEST(spans_that_do_not_exist_take_every_call)
{
	struct otel_span *nothing[] = { NULL, (struct otel_span *)1, (struct otel_span *)UINTPTR_MAX,
		                            (struct otel_span *)nothing };

	telemetry_start_plain();
	CHECK(!otel_recording(otel_start("before")) && !otel_recording(otel_current()) &&
	      !otel_recording(otel_invocation()));
	fresh();
	for (size_t i = 0; i < sizeof nothing / sizeof nothing[0]; i++) {
		CHECK(!otel_recording(nothing[i]));
		otel_set_int(nothing[i], "k", 1);
		otel_set_str(nothing[i], "k", "v", 1);
		otel_set_double(nothing[i], "k", 1);
		otel_set_bool(nothing[i], "k", true);
		otel_error(nothing[i], "e", 1);
		otel_exception(nothing[i], "T", "e", 1);
		otel_end(nothing[i]);
	}
	telemetry_end();
	CHECK(!otel_recording(otel_start("after")));
	CHECK(recorder.count.made == 1 && recorder.spool.items == 1);
}

TEST(an_invocation_that_never_ended_is_closed_by_the_next)
{
	fresh();
	otel_start("left");
	telemetry_begin("{}", NULL);
	telemetry_end();
	CHECK(recorder.spool.items == 3 && telemetry_adds_up());
}

/* ---- limits ---- */

TEST(a_span_too_many_is_counted_and_its_children_hang_on_the_last_that_fits)
{
	struct otel_span *last = NULL, *extra;

	fresh();
	for (int i = 1; i < OTEL_OPEN_MAX; i++)
		CHECK(otel_recording(last = otel_start("level")));
	extra = otel_start("too deep");
	CHECK(!otel_recording(extra));
	otel_set_int(extra, "k", 1);
	otel_end(extra);
	CHECK(otel_current() == last);
	otel_end(last);
	CHECK(otel_recording(otel_start("fits again")));
	telemetry_end();
	CHECK(recorder.count.dropped[DROP_OPEN] == 1);
	CHECK(recorder.count.made == OTEL_OPEN_MAX + 2 && telemetry_adds_up());
}

TEST(attributes_that_do_not_fit_are_counted_in_the_span)
{
	static char big[OTEL_SPAN_BYTES];
	struct otel_span *s;
	str span;

	fresh();
	memset(big, 'b', sizeof big);
	for (size_t n = OTEL_SPAN_BYTES - 200; n < OTEL_SPAN_BYTES; n++) { /* across the point where it stops to fit */
		recorder_spool_empty();
		s = otel_start("s");
		otel_set_str(s, "big", big, n);
		otel_set_int(s, "small", 1);
		otel_error(s, big, n);
		otel_exception(s, "Type", big, n);
		otel_end(s);
		span = telemetry_span(0);
		CHECK(pb_valid(span) && span.n <= OTEL_SPAN_BYTES);
		CHECK(number(pb_bytes(span, STATUS), 3) == 2);
		CHECK(number(span, DROPPED_EVENTS) == 1);
		CHECK(pb_count(span, ATTRIBUTES) + (int)number(span, DROPPED_ATTRIBUTES) == 3);
		CHECK(number(span, FLAGS) == 0x101);
	}
	CHECK(number(span, DROPPED_ATTRIBUTES) == 1);
	telemetry_end();
}

static bool is_identified(str span)
{
	return has_text(span, "faas.invocation_id", S(REQUEST_ID)) &&
	       pb_attribute(span, ATTRIBUTES, "faas.coldstart").n > 0 &&
	       has_text(span, "cloud.account.id", S("123456789012")) && has_text(span, "cloud.resource_id", S(ARN));
}

TEST(what_identifies_an_invocation_survives_whatever_its_handler_sets)
{
	static char big[OTEL_SPAN_BYTES];
	char key[12];

	memset(big, 'b', sizeof big);
	for (unsigned limit = 4; limit < 7; limit++) {
		char variable[64];

		snprintf(variable, sizeof variable, "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT=%u", limit);
		recorder_spool_empty();
		fresh_with(variable, NULL);
		for (int i = 0; i < 10; i++) {
			snprintf(key, sizeof key, "k%d", i);
			otel_set_int(otel_invocation(), key, i);
		}
		telemetry_end();
		CHECK(is_identified(telemetry_span(0)) && pb_count(telemetry_span(0), ATTRIBUTES) == (int)limit);
	}
	for (size_t n = OTEL_SPAN_BYTES - 2500; n < OTEL_SPAN_BYTES; n += 61) {
		recorder_spool_empty();
		fresh();
		otel_set_str(otel_invocation(), "big", big, n);
		for (int i = 0; i < 100; i++)
			otel_add_event(otel_invocation(), "more", NULL, 0);
		otel_error(otel_invocation(), big, 50);
		telemetry_end();
		CHECK(is_identified(telemetry_span(0)) && pb_valid(telemetry_span(0)));
	}
	recorder_spool_empty();
	fresh_with("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT=1", NULL);
	otel_set_int(otel_invocation(), "k", 1);
	otel_set_str(otel_invocation(), "faas.invocation_id", "mine", 4);
	telemetry_end();
	CHECK(has_text(telemetry_span(0), "faas.invocation_id", S(REQUEST_ID)));
}

TEST(a_full_span_can_still_be_failed_replaced_marked_and_closed)
{
	static char fill[OTEL_SPAN_BYTES];
	struct otel_span *s;
	str span;

	fresh_with("OTEL_ATTRIBUTE_COUNT_LIMIT=4294967295", NULL);
	memset(fill, 'f', sizeof fill);
	s = otel_start("s");
	for (int i = 0; i < 2000; i++) {
		char key[4] = { (char)('a' + i % 26), (char)('a' + i / 26 % 26), (char)('a' + i / 676), 0 };

		otel_set_int(s, key, 1);
	}
	otel_error(s, "no room for this", 16);
	otel_set_int(s, "aaa", 2); /* what is there may still change */
	otel_set_str(s, "aaa", fill, 1000);
	telemetry_end();
	span = telemetry_span(0);
	CHECK(pb_valid(span) && span.n <= OTEL_SPAN_BYTES && span.n > OTEL_SPAN_BYTES - 100);
	CHECK(int_attribute(span, "aaa") == 2);
	CHECK(is_marked(span));
	CHECK(number(pb_bytes(span, STATUS), 3) == 2 && !pb_bytes(pb_bytes(span, STATUS), 2).n);
	CHECK(pb_count(span, ATTRIBUTES) - 1 + (int)number(span, DROPPED_ATTRIBUTES) == 2001);
}

TEST(absurd_lengths_are_refused_unread)
{
	struct otel_span *s;
	str span;

	fresh();
	s = otel_start("s");
	otel_set_str(s, "v", "v", SIZE_MAX);
	otel_set_str(s, "v", "v", SIZE_MAX / 2);
	otel_put_int(s, "k", SIZE_MAX, 1);
	otel_put_int(s, "k", 0, 1);
	otel_set_int(s, "", 1);
	otel_error(s, "e", SIZE_MAX);
	otel_put_exception(s, "T", SIZE_MAX, "m", SIZE_MAX - 20);
	otel_end(s);
	span = telemetry_span(0);
	CHECK(pb_valid(span) && pb_count(span, ATTRIBUTES) == 0 && pb_count(span, EVENTS) == 0);
	CHECK(number(span, DROPPED_ATTRIBUTES) == 6 && number(span, DROPPED_EVENTS) == 1);
	CHECK(number(pb_bytes(span, STATUS), 3) == 2);
	telemetry_end();
}

TEST(a_name_is_cut_between_characters)
{
	static char name[5000];
	struct otel_span *s;

	fresh();
	for (int lead = 0; lead < 4; lead++) {
		recorder_spool_empty();
		for (size_t i = 0; i < sizeof name; i++)
			name[i] = i < (size_t)lead ? 'x' : "\xf0\x9f\x92\xa9"[(i - (size_t)lead) % 4];
		s = otel_start_n(name, sizeof name);
		otel_end(s);
		CHECK(pb_bytes(telemetry_span(0), NAME).n == 1024 - (size_t)(4 - lead) % 4);
		CHECK(str_starts((str){ name, sizeof name }, pb_bytes(telemetry_span(0), NAME)));
	}
	memset(name, '\x80', sizeof name); /* the worst: every byte becomes three */
	s = otel_start_n(name, sizeof name);
	otel_end(s);
	CHECK(pb_valid(telemetry_span(1)));
	s = otel_start("");
	otel_end(s);
	CHECK(!pb_bytes(telemetry_span(2), NAME).n);
	telemetry_end();
}

TEST(a_full_spool_drops_children_and_keeps_the_invocations_span)
{
	static char text[4000];
	int made = 0;

	fresh();
	memset(text, 't', sizeof text);
	while (!recorder.count.dropped[DROP_SPOOL] || made < 10) {
		struct otel_span *s = otel_start("s");

		otel_set_str(s, "text", text, (size_t)(made++ * 37) % sizeof text);
		otel_end(s);
		if (made > 10000)
			break;
	}
	telemetry_end();
	CHECK(recorder.count.dropped[DROP_SPOOL] >= 1 && recorder.count.dropped[DROP_SPOOL] < 100);
	CHECK(telemetry_adds_up());
	CHECK(pb_valid(recorder_spool()) && pb_count(recorder_spool(), 2) == (int)recorder.spool.items);
	CHECK(number(telemetry_span((int)recorder.spool.items - 1), KIND) == 2);
	recorder_spool_empty();
}

/* ---- when nothing is recorded ---- */

TEST(a_disabled_sdk_records_nothing_and_has_no_ids)
{
	const char *const values[] = { "OTEL_SDK_DISABLED=true", "OTEL_SDK_DISABLED=TRUE", "OTEL_SDK_DISABLED=True" };
	char trace[32], id[16];

	for (size_t i = 0; i < 3; i++) {
		telemetry_start((const char *const[]){ values[i], NULL });
		telemetry_begin("{}", NULL);
		CHECK(!otel_recording(otel_start("s")) && !otel_recording(otel_invocation()));
		CHECK(!otel_hooks.log_ids(trace, id));
		telemetry_end();
		otel_hooks.flush(INT64_MAX);
		CHECK(recorder.spool.items == 0 && recorder.depth == 0);
	}
}

TEST(anything_but_true_leaves_the_sdk_on)
{
	const char *const values[] = { "OTEL_SDK_DISABLED=", "OTEL_SDK_DISABLED=false", "OTEL_SDK_DISABLED=1",
		                           "OTEL_SDK_DISABLED=truest" };
	const int warnings[] = { 0, 0, 1, 1 };

	for (size_t i = 0; i < 4; i++) {
		struct captured c = capture(STDERR_FILENO);

		telemetry_start((const char *const[]){ values[i], NULL });
		telemetry_begin("{}", NULL);
		CHECK(otel_recording(otel_invocation()));
		telemetry_end();
		CHECK(lines(capture_end(&c)) == warnings[i]);
	}
}

TEST(an_unsampled_caller_silences_spans_and_leaves_ids)
{
	char trace[32], id[16];

	telemetry_start_plain();
	telemetry_begin("{\"headers\":{\"traceparent\":\"00-67748580a006649127e371903a2de979-53995c3f42cd8ad8-00\"}}",
	                NULL);
	CHECK(!otel_recording(otel_start("s")) && !otel_recording(otel_invocation()));
	CHECK(otel_hooks.log_ids(trace, id) && !memcmp(trace, &TRACEPARENT[3], 32));
	telemetry_end();
	CHECK(recorder.spool.items == 0 && recorder.count.made == 0);
}

/* ---- the bytes ---- */

static unsigned char hex_byte(const char *p)
{
	return (unsigned char)strtoul((char[]){ p[0], p[1], 0 }, NULL, 16);
}

TEST(a_request_is_byte_for_byte_the_published_vector)
{
	/* 101 bytes: service.name=my-fn, scope lib, span hello, kind SERVER, 1 ms, flags 0x101 */
	static const char vector[] =
		"0a630a190a170a0c736572766963652e6e616d6512070a056d792d666e12460a050a036c6962123d0a1067748580"
		"a006649127e371903a2de979120853995c3f42cd8ad82a0568656c6c6f300239000057c07e68161841404266c07e"
		"681618850101010000";
	static char bytes[OTEL_SPAN_BYTES], spans[200], out[200];
	struct resource r = { .resource = S("\x0a\x19\x0a\x17\x0a\x0cservice.name\x12\x07\x0a\x05my-fn") };
	struct signal_items items = { .scope_count = 1, .count = 1, .scopes = { { .head = S("\x0a\x05\x0a\x03lib") } } };
	struct span_start start = {
		.trace_id = (const unsigned char *)"\x67\x74\x85\x80\xa0\x06\x64\x91\x27\xe3\x71\x90\x3a\x2d\xe9\x79",
		.span_id = (const unsigned char *)"\x53\x99\x5c\x3f\x42\xcd\x8a\xd8",
		.name = S("hello"),
		.kind = Span_SpanKind_SPAN_KIND_SERVER,
		.flags = 0x101,
		.time = 1735689600000000000,
	};
	struct envelope e;
	struct slot slot = { 0 };
	size_t n = 0;

	span_open(&slot, bytes, &start);
	span_close(&slot, bytes, start.time + 1000000, false);
	memcpy(wire_length(spans, 2, slot.n), bytes, slot.n);
	items.scopes[0].items = (str){ spans, slot.n + 2 };
	envelope_make(&e, &r, &items);
	for (int i = 0; i < e.part_count; i++) {
		if (e.parts[i].n)
			memcpy(out + n, e.parts[i].p, e.parts[i].n);
		n += e.parts[i].n;
	}
	CHECK(n == 101 && e.n == 101);
	for (size_t i = 0; i < n; i++)
		CHECK((unsigned char)out[i] == hex_byte(vector + 2 * i));
}
