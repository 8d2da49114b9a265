// SPDX-License-Identifier: MIT
#include "logrec/logrec.h"

#include "lambda.h"
#include "log.h"
#include "telemetry.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

#define LOGS "OTEL_LOGS_EXPORTER=console"
#define START(...) telemetry_start((const char *const[]){ __VA_ARGS__, NULL })

static struct signal_items items;

/* The nth record of the nth scope, LogRecord without tag and length. */
static str record(unsigned scope, int n)
{
	memset(&items, 0, sizeof items);
	spool_items(&log_spool, &items);
	if (scope >= items.scope_count)
		return (str){ 0 };
	return pb_field(items.scopes[scope].items, 2, n).bytes;
}

static size_t count(void)
{
	memset(&items, 0, sizeof items);
	spool_items(&log_spool, &items);
	return items.count;
}

static uint64_t number(str m, unsigned field)
{
	return pb_field(m, field, 0).value;
}

static void finish(void)
{
	telemetry_end();
	recorder_spool_empty();
	spool_drop(&log_spool, log_spool.items);
}

static void say(const char *text, enum otel_severity severity)
{
	otel_log(severity, text, strlen(text));
}

TEST(a_record_says_what_when_and_where)
{
	unsigned char trace[16], span[8];
	str r;

	START(LOGS);
	telemetry_begin("{}", "Root=1-67748580-a006649127e371903a2de979;Parent=53995c3f42cd8ad8;Sampled=1");
	otel_start("inner");
	say("hello", OTEL_LOG_WARN);
	recorder_ids(trace, span);
	r = record(0, 0);
	CHECK(pb_valid(r) && count() == 1);
	CHECK(number(r, 1) > UINT64_C(1600000000000000000) && number(r, 11) == number(r, 1));
	CHECK(number(r, 2) == 13 && str_eq(pb_bytes(r, 3), S("WARN")));
	CHECK(str_eq(pb_bytes(pb_bytes(r, 5), 1), S("hello")));
	CHECK(number(r, 8) == 1 && str_eq(pb_bytes(r, 9), (str){ (char *)trace, 16 }) &&
	      str_eq(pb_bytes(r, 10), (str){ (char *)span, 8 }));
	CHECK(!pb_count(r, 6) && !pb_count(r, 7) && !pb_count(r, 12));
	CHECK(logrec.count.made == 1);
	finish();
}

TEST(severities_have_the_name_of_their_range_unless_the_source_has_another)
{
	struct otel_record own = { .severity = (enum otel_severity)10, .severity_text = "Notice", .severity_text_n = 6 };

	START(LOGS);
	telemetry_begin("{}", "");
	for (int i = 0; i < 26; i++)
		say("", (enum otel_severity)i);
	CHECK(number(record(0, 0), 2) == 0 && !pb_bytes(record(0, 0), 3).n);
	CHECK(str_eq(pb_bytes(record(0, 1), 3), S("TRACE")) && str_eq(pb_bytes(record(0, 4), 3), S("TRACE")));
	CHECK(str_eq(pb_bytes(record(0, 5), 3), S("DEBUG")) && str_eq(pb_bytes(record(0, 12), 3), S("INFO")));
	CHECK(str_eq(pb_bytes(record(0, 24), 3), S("FATAL")) && !pb_bytes(record(0, 25), 3).n);
	spool_drop(&log_spool, log_spool.items);
	otel_emit(&own);
	CHECK(number(record(0, 0), 2) == 10 && str_eq(pb_bytes(record(0, 0), 3), S("Notice")) &&
	      !pb_count(record(0, 0), 5));
	finish();
}

TEST(bodies_of_every_type_attributes_and_an_event_name)
{
	const struct otel_attr inner[] = { otel_attr_bytes("b", "\0\1", 2) };
	const struct otel_value values[] = { otel_value_int(-1), otel_value_pairs(inner, 1) };
	const struct otel_attr attrs[] = { otel_attr_str("s", "v", 1), otel_attr_bool("t", true), otel_attr_int("s", 2) };
	struct otel_record r = {
		.time_ns = 5, .attrs = attrs, .attr_count = 3, .event_name = "my.event", .event_name_n = 8
	};
	const struct {
		struct otel_value body;
		unsigned field;
	} bodies[] = { { otel_value_str("", 0), 1 },       { otel_value_bool(false), 2 },
		           { otel_value_int(0), 3 },           { otel_value_double(0), 4 },
		           { otel_value_array(values, 2), 5 }, { otel_value_pairs(attrs, 3), 6 },
		           { otel_value_bytes("\xff", 1), 7 } };
	str m;

	START(LOGS);
	telemetry_begin("{}", "");
	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
		r.body = bodies[i].body;
		otel_emit(&r);
		m = record(0, (int)i);
		CHECK(pb_valid(m) && pb_count(m, 5) == 1 && pb_count(pb_bytes(m, 5), bodies[i].field) == 1);
		CHECK(number(m, 1) == 5 && number(m, 11) > 5 && str_eq(pb_bytes(m, 12), S("my.event")));
		CHECK(pb_count(m, 6) == 2 && number(pb_attribute(m, 6, "s"), 3) == 2);
	}
	finish();
}

TEST(limits_cut_attributes_and_count_what_they_cut)
{
	const struct otel_attr attrs[] = { otel_attr_str("a", "caf\xc3\xa9!", 6), otel_attr_int("b", 1),
		                               otel_attr_int("c", 1) };
	str m;

	START(LOGS, "OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT=2", "OTEL_ATTRIBUTE_COUNT_LIMIT=1",
	      "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT=4");
	telemetry_begin("{}", "");
	otel_log_attrs(OTEL_LOG_INFO, "body stays", 10, attrs, 3);
	m = record(0, 0);
	CHECK(pb_count(m, 6) == 2 && number(m, 7) == 1 && str_eq(pb_text_attribute(m, 6, "a"), S("caf\xc3\xa9")));
	CHECK(str_eq(pb_bytes(pb_bytes(m, 5), 1), S("body stays")));
	finish();
}

TEST(records_of_one_scope_stand_together)
{
	static const struct otel_scope other = { .name = "library", .version = "1" };
	struct otel_record r = { .scope = &other, .event_name = "o", .event_name_n = 1 };

	START(LOGS);
	telemetry_begin("{}", "");
	say("1", OTEL_LOG_INFO);
	otel_emit(&r);
	say("2", OTEL_LOG_INFO);
	otel_emit(&r);
	CHECK(count() == 4 && items.scope_count == 2);
	CHECK(pb_count(items.scopes[0].items, 2) == 2 && pb_count(items.scopes[1].items, 2) == 2);
	CHECK(str_eq(pb_bytes(pb_bytes(record(0, 1), 5), 1), S("2")) && str_eq(pb_bytes(record(1, 1), 12), S("o")));
	CHECK(str_eq(pb_bytes(pb_bytes(items.scopes[1].head, 1), 1), S("library")));
	finish();
}

TEST(what_finds_no_room_is_counted_and_leaves_the_others_whole)
{
	static char big[OTEL_LOG_BYTES_MAX];
	str m;

	START(LOGS, "AWS_LAMBDA_LOG_LEVEL=ERROR");
	telemetry_begin("{}", "");
	otel_log(OTEL_LOG_INFO, big, sizeof big);
	CHECK(logrec.count.made == 1 && logrec.count.dropped[DROP_SIZE] == 1 && count() == 0);
	memset(big, 'x', sizeof big);
	for (int i = 0; i < 8; i++)
		otel_log(OTEL_LOG_INFO, big, 60000);
	CHECK(logrec.count.made == 9 && logrec.count.dropped[DROP_SPOOL] == 4 && count() == 4);
	for (int i = 0; i < 4; i++)
		CHECK(pb_valid(m = record(0, i)) && pb_bytes(pb_bytes(m, 5), 1).n == 60000);
	finish();
	CHECK(count() == 0);
}

TEST(a_formatted_record_is_cut_at_its_limit)
{
	START(LOGS);
	telemetry_begin("{}", "");
	otel_logf(OTEL_LOG_INFO, "%d of %s", 3, "four");
	otel_logf(OTEL_LOG_INFO, "%*d", OTEL_LOG_TEXT_MAX + 1, 7);
	CHECK(str_eq(pb_bytes(pb_bytes(record(0, 0), 5), 1), S("3 of four")));
	CHECK(pb_bytes(pb_bytes(record(0, 1), 5), 1).n == OTEL_LOG_TEXT_MAX);
	finish();
}

TEST(without_an_exporter_nothing_is_made)
{
	START("OTEL_TRACES_EXPORTER=none");
	telemetry_begin("{}", "");
	CHECK(!otel_log_enabled());
	say("nobody hears", OTEL_LOG_ERROR);
	CHECK(!logrec.count.made && !count());
	finish();
	START(LOGS, "OTEL_SDK_DISABLED=true");
	telemetry_begin("{}", "");
	CHECK(!otel_log_enabled());
	telemetry_end();
}

static str lambda_logs(const char *message)
{
	struct captured c = capture(STDOUT_FILENO);
	const struct lambda_field fields[] = { { "s", LAMBDA_FIELD_STR, { .string = { "v", 1 } } },
		                                   { "i", LAMBDA_FIELD_INT, { .integer = -3 } },
		                                   { "d", LAMBDA_FIELD_DOUBLE, { .number = 0.5 } },
		                                   { "b", LAMBDA_FIELD_BOOL, { .boolean = true } } };

	lambda_log_fields(LAMBDA_ERROR, fields, 4, "%s", message);
	return capture_end(&c);
}

TEST(a_functions_own_log_becomes_records_and_is_written_unless_told_otherwise)
{
	str m;

	log_start(S(""), S(""), &otel_hooks);
	START(LOGS);
	telemetry_begin("{}", "");
	CHECK(lines(lambda_logs("it failed")) == 1);
	m = record(0, 0);
	CHECK(number(m, 2) == 17 && str_eq(pb_bytes(m, 3), S("ERROR")) &&
	      str_eq(pb_bytes(pb_bytes(m, 5), 1), S("it failed")));
	CHECK(str_eq(pb_text_attribute(m, 6, "s"), S("v")) && number(pb_attribute(m, 6, "i"), 3) == (uint64_t)-3 &&
	      pb_count(pb_attribute(m, 6, "d"), 4) == 1 && number(pb_attribute(m, 6, "b"), 2) == 1);
	finish();

	START(LOGS, "MOTE_LOG_STDOUT=false");
	telemetry_begin("{}", "");
	CHECK(lines(lambda_logs("quietly")) == 0 && count() == 1);
	finish();

	START("MOTE_LOG_STDOUT=false");
	telemetry_begin("{}", "");
	CHECK(lines(lambda_logs("nowhere else to go")) == 1 && count() == 0);
	finish();
	log_start(S(""), S(""), NULL);
}

static void fail(void)
{
	struct lambda_hook_result r = { .failed = true, .error_type = S("NameTooLong"), .error_message = S("too long") };

	otel_exception(otel_start("inner"), "io", "broken", 6);
	otel_hooks.end(&r);
	otel_hooks.answered();
}

TEST(exceptions_are_events_of_spans_or_of_the_log_or_both)
{
	str m;

	START(LOGS);
	telemetry_begin("{}", "");
	fail();
	CHECK(!count() && pb_count(telemetry_span(0), 11) == 1 && pb_count(telemetry_span(1), 11) == 1);
	recorder_spool_empty();

	START(LOGS, "OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN=logs");
	telemetry_begin("{}", "");
	fail();
	CHECK(count() == 2 && !pb_count(telemetry_span(0), 11) && !pb_count(telemetry_span(1), 11));
	m = record(0, 0);
	CHECK(str_eq(pb_bytes(m, 12), S("exception")) && number(m, 2) == 17 && !pb_count(m, 5));
	CHECK(str_eq(pb_text_attribute(m, 6, "exception.type"), S("io")) &&
	      str_eq(pb_text_attribute(m, 6, "exception.message"), S("broken")));
	CHECK(str_eq(pb_bytes(m, 10), pb_bytes(telemetry_span(0), 2)));
	m = record(0, 1);
	CHECK(str_eq(pb_bytes(m, 12), S("faas.invocation.exception")) &&
	      str_eq(pb_bytes(m, 10), pb_bytes(telemetry_span(1), 2)));
	CHECK(number(pb_bytes(telemetry_span(1), 15), 3) == 2 &&
	      str_eq(pb_text_attribute(telemetry_span(1), 9, "error.type"), S("NameTooLong")));
	recorder_spool_empty();
	spool_drop(&log_spool, log_spool.items);

	START(LOGS, "OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN=logs/dup");
	telemetry_begin("{}", "");
	fail();
	CHECK(count() == 2 && pb_count(telemetry_span(0), 11) == 1);
	recorder_spool_empty();
	spool_drop(&log_spool, log_spool.items);

	/* with nobody to take records they stay where they can be seen */
	START("OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN=logs");
	telemetry_begin("{}", "");
	fail();
	CHECK(!count() && pb_count(telemetry_span(0), 11) == 1);
	recorder_spool_empty();
}

TEST(records_are_made_whether_or_not_the_trace_is_sampled)
{
	START(LOGS, "OTEL_TRACES_SAMPLER=always_off", "OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN=logs");
	telemetry_begin("{}", "");
	say("heard", OTEL_LOG_INFO);
	fail();
	CHECK(str_eq(pb_bytes(record(0, 1), 12), S("exception")) && pb_bytes(record(0, 1), 9).n == 16);
	CHECK(count() == 3 && recorder.spool.items == 0);
	CHECK(pb_bytes(record(0, 0), 9).n == 16 && number(record(0, 0), 8) % 2 == 0);
	spool_drop(&log_spool, log_spool.items);
}

TEST(an_exception_of_a_span_that_has_ended_is_none)
{
	struct otel_span *span;

	START(LOGS, "OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN=logs");
	telemetry_begin("{}", "");
	span = otel_start("inner");
	otel_end(span);
	otel_exception(span, "io", "too late", 8);
	otel_exception(NULL, "io", "of nothing", 10);
	CHECK(count() == 0 && pb_count(telemetry_span(0), 15) == 0);
	otel_exception(otel_current(), "io", "in time", 7);
	CHECK(count() == 1);
	finish();
}
