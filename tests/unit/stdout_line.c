// SPDX-License-Identifier: MIT
#include "emulator/inflate.h"
#include "telemetry.h"
#include "test.h"

#include "base/base64.h"
#include "base/clock.h"
#include "lambda_json.h"

#include <errno.h>
#include <fcntl.h>

static str member(str line, const char *path)
{
	str value = { 0 };

	lambda_json_find(line, path, &value);
	return value;
}

/* The request in a line, gunzipped. */
static str request_in(str line)
{
	static char raw[512 * 1024], out[512 * 1024];
	str payload = member(line, "payload");
	size_t n, used, made;

	payload = (str){ payload.p + 1, payload.n - 2 };
	CHECK(base64_decode(payload, raw, sizeof raw, &n) && n > 18);
	CHECK(inflate(raw + 10, n - 18, out, sizeof out, &used, &made) && used == n - 18);
	return (str){ out, made };
}

static int spans_in(str line)
{
	return pb_count(pb_bytes(pb_bytes(request_in(line), 1), 2), 2);
}

static str flushed(struct captured *c)
{
	*c = capture(STDOUT_FILENO);
	otel_hooks.flush(INT64_MAX);
	return capture_end(c);
}

TEST(without_an_endpoint_a_batch_is_one_line_on_standard_output)
{
	const char head[] = "{\"__otel_otlp_stdout\":\"";
	struct captured c;
	str line, request, resource_spans;

	telemetry_start_plain();
	telemetry_begin("{}", NULL);
	otel_end(otel_start("child"));
	telemetry_end();
	line = flushed(&c);
	CHECK(lines(line) == 1 && line.p[line.n - 1] == '\n');
	line.n--;
	CHECK(lambda_json_valid(line));
	CHECK(!strncmp(line.p, head, sizeof head - 1));
	CHECK(lambda_json_is(member(line, "source"), S("greeter")));
	CHECK(lambda_json_is(member(line, "endpoint"), S("http://localhost:4318/v1/traces")));
	CHECK(lambda_json_is(member(line, "method"), S("POST")));
	CHECK(lambda_json_is(member(line, "content-type"), S("application/x-protobuf")));
	CHECK(lambda_json_is(member(line, "content-encoding"), S("gzip")));
	CHECK(str_eq(member(line, "base64"), S("true")));
	request = request_in(line);
	resource_spans = pb_bytes(request, 1);
	CHECK(pb_count(request, 1) == 1 && pb_valid(resource_spans));
	CHECK(str_eq(pb_text_attribute(pb_bytes(resource_spans, 1), 1, "service.name"), S("greeter")));
	CHECK(str_eq(pb_bytes(resource_spans, 3), S("https://opentelemetry.io/schemas/1.44.0")));
	CHECK(spans_in(line) == 2);
	CHECK(recorder.count.handed_over == 2 && !recorder.spool.items && telemetry_adds_up());
	CHECK(flushed(&c).n == 0);
}

TEST(the_source_is_the_services_name_escaped)
{
	struct captured c;
	str line;

	telemetry_start((const char *const[]){ "OTEL_SERVICE_NAME=a \"b\"\\\n\xff", NULL });
	telemetry_begin("{}", NULL);
	telemetry_end();
	line = flushed(&c);
	CHECK(lines(line) == 1 && lambda_json_valid((str){ line.p, line.n - 1 }));
	CHECK(lambda_json_is(member(line, "source"), S("a \"b\"\\\n\xef\xbf\xbd")));
}

/* The level that a line has in such an environment. */
static str level_in(const char *variable)
{
	struct captured c;
	str line;

	telemetry_start((const char *const[]){ variable, NULL });
	telemetry_begin("{}", NULL);
	telemetry_end();
	line = flushed(&c);
	CHECK(lambda_json_valid((str){ line.p, line.n - 1 }) && str_eq(member(line, "base64"), S("true")));
	return member(line, "level");
}

TEST(a_line_has_the_level_that_was_asked_for)
{
	CHECK(!level_in(NULL).n);
	CHECK(str_eq(level_in("OTLP_STDOUT_SPAN_EXPORTER_LOG_LEVEL=debug"), S("\"DEBUG\"")));
	CHECK(str_eq(level_in("OTLP_STDOUT_SPAN_EXPORTER_LOG_LEVEL=Info"), S("\"INFO\"")));
	CHECK(str_eq(level_in("OTLP_STDOUT_SPAN_EXPORTER_LOG_LEVEL=WARNING"), S("\"WARN\"")));
	CHECK(str_eq(level_in("OTLP_STDOUT_SPAN_EXPORTER_LOG_LEVEL=ERROR"), S("\"ERROR\"")));
	CHECK(!level_in("OTLP_STDOUT_SPAN_EXPORTER_LOG_LEVEL=loud").n);
}

TEST(otlpstdout_wins_over_an_endpoint_when_it_is_asked_for)
{
	struct captured c;

	telemetry_start((const char *const[]){ "OTEL_TRACES_EXPORTER= OTLPstdout",
	                                       "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1", NULL });
	telemetry_begin("{}", NULL);
	telemetry_end();
	CHECK(lines(flushed(&c)) == 1 && recorder.count.handed_over == 1);
}

TEST(exporter_none_records_nothing_and_keeps_ids)
{
	char trace[32], id[16];
	struct captured c;

	telemetry_start((const char *const[]){ "OTEL_TRACES_EXPORTER=none", NULL });
	telemetry_begin("{}", NULL);
	CHECK(!otel_recording(otel_start("s")) && otel_hooks.log_ids(trace, id));
	telemetry_end();
	CHECK(flushed(&c).n == 0 && recorder.count.made == 0);
}

TEST(an_unknown_exporter_is_one_warning_and_ignored)
{
	struct captured err, out;
	str said;

	telemetry_start((const char *const[]){ "OTEL_TRACES_EXPORTER=zipkin", NULL });
	for (int i = 0; i < 2; i++) {
		err = capture(STDERR_FILENO);
		telemetry_begin("{}", NULL);
		telemetry_end();
		CHECK(lines(flushed(&out)) == 1);
		said = capture_end(&err);
		CHECK(lines(said) == 1 - i && (i || strstr(said.p, "OTEL_TRACES_EXPORTER=zipkin")));
	}
}

/* Every size of batch around the point where it takes one more line. */
TEST(a_batch_that_does_not_fit_a_log_event_is_cut_between_spans)
{
	static char text[9000];

	memset(text, 't', sizeof text);
	for (size_t size = 2000; size <= 9000; size += 97) {
		int made = 1, seen = 0, cut = 0;
		struct captured c;
		str all, line;

		telemetry_start_plain();
		telemetry_begin("{}", NULL);
		for (size_t sum = 0; sum < 400000; sum += size + 80, made++) {
			struct otel_span *s = otel_start("s");

			otel_set_str(s, "t", text, size);
			otel_end(s);
		}
		telemetry_end();
		all = flushed(&c);
		while (str_cut(all, '\n', &line, &all)) {
			CHECK(line.n + 1 + 26 <= 262144);
			CHECK(lambda_json_valid(line));
			seen += spans_in(line);
			cut++;
		}
		CHECK(seen == made && cut >= 3 && recorder.count.handed_over == (uint64_t)made && telemetry_adds_up());
	}
}

TEST(standard_output_that_takes_no_more_is_a_counted_drop)
{
	struct captured err = capture(STDERR_FILENO);
	int saved = dup(STDOUT_FILENO), full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	str said;

	telemetry_start_plain();
	telemetry_begin("{}", NULL);
	telemetry_end();
	dup2(full, STDOUT_FILENO);
	otel_hooks.flush(INT64_MAX);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	close(full);
	said = capture_end(&err);
	CHECK(lines(said) == 1 && strstr(said.p, "dropped 1 span"));
	CHECK(recorder.count.dropped[DROP_WRITE] == 1 && telemetry_adds_up());
}

TEST(a_pipe_that_is_full_and_does_not_block_is_waited_for_until_the_deadline)
{
	struct captured err = capture(STDERR_FILENO);
	int saved = dup(STDOUT_FILENO), ends[2];
	int64_t start = clock_mono_ns();

	CHECK(!pipe2(ends, O_CLOEXEC | O_NONBLOCK));
	while (write(ends[1], "x", 1) == 1)
		;
	telemetry_start_plain();
	telemetry_begin("{}", NULL);
	telemetry_end();
	dup2(ends[1], STDOUT_FILENO);
	otel_hooks.flush(start + 50000000);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	close(ends[0]);
	close(ends[1]);
	CHECK(lines(capture_end(&err)) == 1);
	CHECK(clock_mono_ns() - start >= 50000000);
	CHECK(recorder.count.dropped[DROP_WRITE] == 1 && telemetry_adds_up());
}

/* ---- what telemetry says about itself ---- */

/* What is said in such an environment about a variable that is wrong. */
static str said_in(const char *format, const char *level)
{
	struct captured err, out;

	telemetry_start((const char *const[]){ "OTEL_TRACES_EXPORTER=a\"b\nc", format, level, NULL });
	err = capture(STDERR_FILENO);
	telemetry_begin("{}", NULL);
	telemetry_end();
	flushed(&out);
	return capture_end(&err);
}

TEST(diagnostics_follow_the_format_and_level_of_the_log)
{
	str said = said_in("AWS_LAMBDA_LOG_FORMAT=Text", "AWS_LAMBDA_LOG_LEVEL=debug");

	CHECK(strstr(said.p, "[WARN]\t2") && lines(said) == 3);
	CHECK(strstr(said.p, "[DEBUG]\t") && strstr(said.p, "telemetry leaves in mode async\n") &&
	      strstr(said.p, "spans go by otlpstdout\n"));
	said = said_in("AWS_LAMBDA_LOG_FORMAT=json", "AWS_LAMBDA_LOG_LEVEL=WARN");
	CHECK(lines(said) == 1 && lambda_json_valid((str){ said.p, said.n - 1 }));
	CHECK(lambda_json_is(member(said, "level"), S("WARN")) && member(said, "timestamp").n == 26);
	CHECK(lambda_json_is(member(said, "requestId"), S(REQUEST_ID)));
	CHECK(said_in("AWS_LAMBDA_LOG_LEVEL=Error", NULL).n == 0);
	CHECK(said_in("AWS_LAMBDA_LOG_LEVEL=FATAL", NULL).n == 0);
}

TEST(forgotten_ends_and_dropped_spans_are_said_with_the_request)
{
	struct captured err, out;
	str said;

	telemetry_start_plain();
	for (int i = 0; i < 2; i++) {
		telemetry_begin("{}", NULL);
		for (int depth = 0; depth < OTEL_OPEN_MAX; depth++)
			otel_start("s");
		telemetry_end();
		err = capture(STDERR_FILENO);
		flushed(&out);
		said = capture_end(&err);
		CHECK(strstr(said.p, "\t" REQUEST_ID "\tno room for all spans: dropped 1 of"));
		CHECK((strstr(said.p, "spans left open: 31") != NULL) == (i == 0));
		CHECK(lines(said) == 2 - i);
	}
}
