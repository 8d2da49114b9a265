// SPDX-License-Identifier: MIT
#include "test.h"
#include "receiver.h"
#include "telemetry.h"

#include "base/clock.h"
#include "export/ship.h"
#include "flush/leave.h"

#define MS 1000000
#define OK_EMPTY "HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n"

static struct receiver receiver;
static str said; /* on standard error by the last flush */

/* Telemetry with the endpoint of a receiver that follows these steps, and one more variable. */
static void start(const struct receiver_step *steps, int count, const char *variable)
{
	receiver = receiver_start(steps, count);
	otlp_forget();
	telemetry_start((const char *const[]){ receiver.endpoint, variable, NULL });
}

static void invoke(int children)
{
	telemetry_begin("{}", NULL);
	while (children--)
		otel_end(otel_start("child"));
	telemetry_end();
}

/* The last flush, after which nothing is kept: how long it took, in ms. */
static int64_t flush(int64_t budget_ms)
{
	struct captured c = capture(STDERR_FILENO);
	int64_t from = clock_mono_ns();

	leave_spooled(budget_ms == INT64_MAX ? INT64_MAX : from + budget_ms * MS, false);
	said = capture_end(&c);
	CHECK(telemetry_adds_up() && recorder.spool.items == 0);
	return (clock_mono_ns() - from) / MS;
}

/* One behind an answer. */
static void flush_or_keep(int64_t budget_ms)
{
	struct captured c = capture(STDERR_FILENO);

	otel_hooks.flush(clock_mono_ns() + budget_ms * MS);
	said = capture_end(&c);
	CHECK(telemetry_adds_up());
}

static bool has_line(str head, const char *line)
{
	char text[512];

	snprintf(text, sizeof text, "\r\n%s\r\n", line);
	return strstr(head.p, text) != NULL;
}

/* One invocation with one child against so many steps alike: the spans that were delivered. */
static uint64_t some(const struct receiver_step *step, int count, const char *variable)
{
	struct receiver_step steps[8];

	for (int i = 0; i < count; i++)
		steps[i] = *step;
	start(steps, count, variable);
	invoke(1);
	flush(5000);
	receiver_stop(&receiver);
	return recorder.count.delivered;
}

static uint64_t one(const struct receiver_step *step, const char *variable)
{
	return some(step, 1, variable);
}

static bool is_dropped(enum drop reason, uint64_t n, const char *line)
{
	return recorder.count.dropped[reason] == n && count_dropped(&recorder.count) == n &&
	       recorder.count.delivered == 2 - n && lines(said) == 1 && strstr(said.p, line);
}

/* ---- requests ---- */

TEST(a_batch_is_one_post_that_decodes)
{
	str request, body;
	char line[64];

	start(&STEP(OK_EMPTY, THEN_KEEP), 1, NULL);
	invoke(1);
	flush(5000);
	request = receiver_next(&receiver);
	CHECK(str_starts(request, S("POST /v1/traces HTTP/1.1\r\n")));
	snprintf(line, sizeof line, "Host: 127.0.0.1:%d", receiver.port);
	CHECK(has_line(request, line));
	CHECK(has_line(request, "Content-Type: application/x-protobuf"));
	CHECK(strstr(request.p, "\r\nUser-Agent: mote/") && strstr(request.p, " OTel-OTLP-Exporter-C/"));
	body = str_of(strstr(request.p, "\r\n\r\n") + 4);
	body.n = request.n - (size_t)(body.p - request.p);
	snprintf(line, sizeof line, "Content-Length: %zu", body.n);
	CHECK(has_line(request, line));
	CHECK(pb_valid(body) && pb_count(pb_bytes(pb_bytes(body, 1), 2), 2) == 2);
	CHECK(recorder.count.delivered == 2 && !said.n);
	receiver_stop(&receiver);
}

static bool target_is(const char *variable, const char *path, const char *expected)
{
	struct receiver_step step = STEP(OK_EMPTY, THEN_KEEP);
	char text[256], line[256];
	bool good;

	receiver = receiver_start(&step, 1);
	snprintf(text, sizeof text, "%s=http://127.0.0.1:%d%s", variable, receiver.port, path);
	otlp_forget();
	telemetry_start((const char *const[]){ text, NULL });
	invoke(0);
	flush(5000);
	snprintf(line, sizeof line, "POST %s HTTP/1.1\r\n", expected);
	good = str_starts(receiver_next(&receiver), str_of(line));
	receiver_stop(&receiver);
	return good;
}

TEST(the_general_endpoint_gets_the_signals_path_and_the_traces_endpoint_is_taken_as_it_is)
{
	CHECK(target_is("OTEL_EXPORTER_OTLP_ENDPOINT", "", "/v1/traces"));
	CHECK(target_is("OTEL_EXPORTER_OTLP_ENDPOINT", "/", "/v1/traces"));
	CHECK(target_is("OTEL_EXPORTER_OTLP_ENDPOINT", "/otlp", "/otlp/v1/traces"));
	CHECK(target_is("OTEL_EXPORTER_OTLP_ENDPOINT", "/otlp/", "/otlp/v1/traces"));
	CHECK(target_is("OTEL_EXPORTER_OTLP_ENDPOINT", "/otlp?key=1", "/otlp/v1/traces?key=1"));
	CHECK(target_is("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "", "/"));
	CHECK(target_is("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "/custom?a=b", "/custom?a=b"));
	CHECK(target_is("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "/v1/traces/", "/v1/traces/"));
}

TEST(headers_are_merged_decoded_and_cannot_change_the_request)
{
	struct receiver_step step = STEP(OK_EMPTY, THEN_KEEP);
	str request;

	receiver = receiver_start(&step, 1);
	otlp_forget();
	telemetry_start((const char *const[]){
		receiver.endpoint, "OTEL_EXPORTER_OTLP_HEADERS=api-key=general,X-Only=a%20b%2c,user-agent=mine,Host=evil",
		"OTEL_EXPORTER_OTLP_TRACES_HEADERS=API-Key=traces,content-length=0,x-two=1,x-two=2", NULL });
	invoke(0);
	flush(5000);
	request = receiver_next(&receiver);
	CHECK(has_line(request, "API-Key: traces") && !strstr(request.p, "general"));
	CHECK(has_line(request, "X-Only: a b,"));
	CHECK(has_line(request, "user-agent: mine") && !strstr(request.p, "User-Agent"));
	CHECK(has_line(request, "x-two: 2") && !has_line(request, "x-two: 1"));
	CHECK(!strstr(request.p, "evil") && !strstr(request.p, "content-length"));
	CHECK(recorder.count.delivered == 1);
	receiver_stop(&receiver);
}

TEST(a_header_list_that_is_none_is_left_out_and_never_shown)
{
	const char *bad[] = {
		"OTEL_EXPORTER_OTLP_HEADERS=key=secret,b",      "OTEL_EXPORTER_OTLP_HEADERS=key=secret%0d%0aX: y",
		"OTEL_EXPORTER_OTLP_TRACES_HEADERS=k y=secret", "OTEL_EXPORTER_OTLP_TRACES_HEADERS=key:=secret",
		"OTEL_EXPORTER_OTLP_HEADERS=key=secret%zz",     "OTEL_EXPORTER_OTLP_HEADERS=key=secret%00"
	};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		str request;

		start(&STEP(OK_EMPTY, THEN_KEEP), 1, bad[i]);
		invoke(0);
		flush(5000);
		request = receiver_next(&receiver);
		CHECK(request.n && !strstr(request.p, "secret") && recorder.count.delivered == 1);
		CHECK(lines(said) == 1 && strstr(said.p, "_HEADERS") && !strstr(said.p, "secret"));
		receiver_stop(&receiver);
	}
}

TEST(settings_that_cannot_be_used_are_one_warning_each)
{
	const struct receiver_step step = STEP(OK_EMPTY, THEN_KEEP);

	CHECK(one(&step, "OTEL_EXPORTER_OTLP_PROTOCOL=grpc") == 2 && lines(said) == 1 &&
	      strstr(said.p, "OTEL_EXPORTER_OTLP_PROTOCOL=grpc"));
	CHECK(one(&step, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=HTTP/protobuf") == 2 && !said.n);
	CHECK(one(&step, "OTEL_EXPORTER_OTLP_TIMEOUT=-1") == 2 && lines(said) == 1 && strstr(said.p, "10000"));
	CHECK(one(&step, "OTEL_EXPORTER_OTLP_TIMEOUT=0") == 2 && !said.n);
}

/* ---- the connection ---- */

TEST(one_connection_serves_many_batches)
{
	const struct receiver_step steps[] = { STEP(OK_EMPTY, THEN_KEEP), STEP(OK_EMPTY, THEN_KEEP),
		                                   STEP(OK_EMPTY, THEN_KEEP) };

	start(steps, 3, NULL);
	for (int i = 0; i < 3; i++) {
		invoke(i);
		flush(5000);
		CHECK(receiver_next(&receiver).n > 0);
	}
	CHECK(recorder.count.delivered == 6);
	receiver_stop(&receiver);
}

TEST(a_connection_that_died_between_batches_is_replaced_unseen)
{
	const struct receiver_step steps[] = { STEP(OK_EMPTY, THEN_CLOSE), STEP(OK_EMPTY, THEN_RESET),
		                                   STEP(OK_EMPTY, THEN_KEEP) };

	start(steps, 3, NULL);
	for (int i = 0; i < 3; i++) {
		invoke(1);
		flush(5000);
		CHECK(!said.n && receiver_next(&receiver).n > 0);
		poll(NULL, 0, 20);
	}
	CHECK(recorder.count.delivered == 6);
	receiver_stop(&receiver);
}

TEST(a_kept_connection_that_breaks_before_the_reply_is_tried_once_more)
{
	const struct receiver_step steps[] = { STEP(OK_EMPTY, THEN_KEEP), STEP("", THEN_CLOSE), STEP(OK_EMPTY, THEN_KEEP) };
	str first;

	start(steps, 3, NULL);
	invoke(1);
	flush(5000);
	receiver_next(&receiver);
	invoke(1);
	flush(5000);
	first = receiver_next(&receiver);
	CHECK(first.n > 0 && receiver_next(&receiver).n == first.n);
	CHECK(recorder.count.delivered == 4 && !said.n);
	receiver_stop(&receiver);
}

TEST(connection_close_is_honoured)
{
	const struct receiver_step steps[] = {
		STEP("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", THEN_WAIT), STEP(OK_EMPTY, THEN_KEEP)
	};

	start(steps, 2, NULL);
	for (int i = 0; i < 2; i++) {
		invoke(0);
		flush(5000);
	}
	CHECK(recorder.count.delivered == 2 && !said.n);
	receiver_stop(&receiver);
}

TEST(ipv6_and_localhost_are_addresses)
{
	otlp_forget();
	telemetry_start((const char *const[]){ "OTEL_EXPORTER_OTLP_ENDPOINT=http://[::1]:1", NULL });
	invoke(1);
	flush(2000);
	CHECK(is_dropped(DROP_CONNECT, 2, "otlp export to [::1]:1: "));
	otlp_forget();
	telemetry_start((const char *const[]){ "OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:1", NULL });
	invoke(1);
	flush(2000);
	CHECK(is_dropped(DROP_CONNECT, 2, "otlp export to localhost:1: "));
}

/* ---- tries ---- */

#define BUSY(more) "HTTP/1.1 503 Busy\r\n" more "Content-Length: 0\r\n\r\n"

TEST(a_busy_receiver_is_tried_again_over_the_same_connection)
{
	const struct receiver_step steps[] = { STEP(BUSY(""), THEN_KEEP), STEP("", THEN_CLOSE), STEP(OK_EMPTY, THEN_KEEP) };
	int64_t took;
	str first;

	start(steps, 3, NULL);
	invoke(1);
	took = flush(5000);
	CHECK(recorder.count.delivered == 2 && !said.n && took >= 80 && took < 2000);
	first = receiver_next(&receiver);
	CHECK(first.n && receiver_next(&receiver).n == first.n && receiver_next(&receiver).n == first.n);
	receiver_stop(&receiver);
}

TEST(retry_after_is_waited_for_where_there_is_time)
{
	const struct receiver_step steps[] = { STEP(BUSY("Retry-After: 1\r\n"), THEN_KEEP), STEP(OK_EMPTY, THEN_KEEP) };
	int64_t took;

	start(steps, 2, NULL);
	invoke(1);
	took = flush(5000);
	CHECK(recorder.count.delivered == 2 && took >= 1000 && took < 3000);
	receiver_stop(&receiver);
	start(steps, 2, NULL);
	invoke(1);
	CHECK(flush(900) < 500 && is_dropped(DROP_STATUS, 2, "status 503"));
	receiver_stop(&receiver);
}

TEST(what_there_is_no_time_for_is_kept_and_goes_with_the_next)
{
	const struct receiver_step steps[] = { STEP(BUSY("Retry-After: 60\r\n"), THEN_KEEP), STEP(OK_EMPTY, THEN_KEEP) };
	str request;

	start(steps, 2, NULL);
	invoke(1);
	flush_or_keep(5000);
	CHECK(recorder.spool.items == 2 && !recorder.count.delivered && !count_dropped(&recorder.count));
	CHECK(strstr(said.p, "refused, status 503, kept 2 spans"));
	receiver_next(&receiver);
	invoke(2);
	flush_or_keep(5000);
	request = receiver_next(&receiver);
	CHECK(request.n && recorder.count.delivered == 5 && recorder.spool.items == 0);
	receiver_stop(&receiver);
}

TEST(what_is_too_much_is_sent_in_halves)
{
	const struct receiver_step no = STEP("HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n", THEN_KEEP);
	const struct receiver_step yes = STEP(OK_EMPTY, THEN_KEEP);
	const struct receiver_step steps[] = { no, yes, no, yes, no }; /* 4: no; 2: yes, no; 1: yes, no */

	start(steps, 5, NULL);
	invoke(3);
	flush(5000);
	CHECK(recorder.count.delivered == 3 && recorder.count.dropped[DROP_SIZE] == 1 && strstr(said.p, "status 413"));
	receiver_stop(&receiver);
}

/* ---- a receiver that is down, slow, or lies: a counted drop and one line ---- */

TEST(a_receiver_that_is_down_is_a_counted_drop)
{
	start(NULL, 0, NULL);
	receiver_stop(&receiver);
	invoke(1);
	CHECK(flush(5000) < 1000);
	CHECK(is_dropped(DROP_CONNECT, 2, "dropped 2 spans"));
}

TEST(endpoints_that_cannot_be_used_are_one_error_and_counted_each_time)
{
	const char *bad[] = { "OTEL_EXPORTER_OTLP_ENDPOINT=https://10.0.0.1:4318/?key=secret",
		                  "OTEL_EXPORTER_OTLP_ENDPOINT=http://",
		                  "OTEL_EXPORTER_OTLP_ENDPOINT=http://user:secret@collector",
		                  "OTEL_EXPORTER_OTLP_ENDPOINT=ftp://collector",
		                  "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://collector.invalid:4318/secret" };

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		otlp_forget();
		telemetry_start((const char *const[]){ bad[i], NULL });
		invoke(1);
		flush(5000);
		CHECK(is_dropped(DROP_ADDRESS, 2, "dropped 2 spans") && !strstr(said.p, "secret"));
		CHECK(i != 0 || strstr(said.p, "checked by name"));
		invoke(1);
		flush(5000);
		CHECK(recorder.count.dropped[DROP_ADDRESS] == 4 && !said.n);
	}
}

TEST(a_receiver_that_never_answers_is_left_at_the_deadline)
{
	const struct receiver_step silent = STEP("", THEN_WAIT);
	int64_t took;

	start(&silent, 1, "OTEL_METRICS_EXPORTER=none");
	invoke(1);
	took = flush(100);
	CHECK(took >= 100 && took < 1000);
	CHECK(is_dropped(DROP_TIMEOUT, 2, "dropped 2 spans"));
	receiver_stop(&receiver);

	start(&silent, 1, "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT=50");
	invoke(1);
	took = flush(INT64_MAX);
	CHECK(took >= 50 && took < 1000);
	CHECK(is_dropped(DROP_TIMEOUT, 2, "dropped 2 spans"));
	receiver_stop(&receiver);
}

TEST(a_receiver_that_answers_drop_by_drop_is_left_at_the_deadline)
{
	struct receiver_step slow = STEP(OK_EMPTY, THEN_WAIT);

	slow.pause_ms = 20;
	start(&slow, 1, NULL);
	invoke(1);
	CHECK(flush(150) < 1000);
	CHECK(is_dropped(DROP_TIMEOUT, 2, "dropped 2 spans"));
	receiver_stop(&receiver);
}

TEST(a_deadline_that_has_passed_sends_nothing_and_counts)
{
	const struct receiver_step step = STEP(OK_EMPTY, THEN_KEEP);

	start(&step, 1, NULL);
	invoke(1);
	CHECK(flush(-1) < 100);
	CHECK(is_dropped(DROP_TIMEOUT, 2, "dropped 2 spans"));
	receiver_stop(&receiver);
}

TEST(a_new_connection_that_breaks_is_a_counted_drop)
{
	CHECK(some(&STEP("", THEN_CLOSE), 4, NULL) == 0 && is_dropped(DROP_CLOSED, 2, "dropped 2 spans"));
	CHECK(some(&STEP("", THEN_RESET), 4, NULL) == 0 && is_dropped(DROP_CLOSED, 2, "dropped 2 spans"));
	CHECK(some(&STEP("HTTP/1.1 20", THEN_CLOSE), 4, NULL) == 0 && is_dropped(DROP_CLOSED, 2, "dropped 2 spans"));
	CHECK(some(&STEP("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n\x0a", THEN_CLOSE), 4, NULL) == 0 &&
	      is_dropped(DROP_CLOSED, 2, "dropped 2 spans"));
}

TEST(a_refusal_is_a_counted_drop_with_its_status)
{
	CHECK(one(&STEP("HTTP/1.1 429 Too Many\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n", THEN_KEEP), NULL) == 0);
	CHECK(is_dropped(DROP_STATUS, 2, "refused, status 429, dropped 2 spans"));
	CHECK(one(&STEP("HTTP/1.1 301 Moved\r\nLocation: http://elsewhere/\r\nContent-Length: 0\r\n\r\n", THEN_KEEP),
	          NULL) == 0);
	CHECK(is_dropped(DROP_STATUS, 2, "301"));
	CHECK(one(&STEP("HTTP/1.1 500 No\r\nContent-Length: 999999999999\r\n\r\n", THEN_WAIT), NULL) == 0);
	CHECK(is_dropped(DROP_STATUS, 2, "500"));
}

TEST(an_early_refusal_is_read_although_the_request_was_not)
{
	static char text[12000];
	struct receiver_step step = STEP("HTTP/1.1 401 Who\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", THEN_CLOSE);

	step.unread = true;
	memset(text, 't', sizeof text);
	start((const struct receiver_step[]){ step, step, step, step }, 4, "OTEL_EXPORTER_OTLP_COMPRESSION=none");
	telemetry_begin("{}", NULL);
	for (int i = 0; i < 40; i++) {
		struct otel_span *s = otel_start("s");

		otel_set_str(s, "t", text, sizeof text);
		otel_end(s);
	}
	telemetry_end();
	flush(5000);
	/* A peer's reset may overtake what it said: then it is a broken connection. */
	CHECK(recorder.count.dropped[DROP_STATUS] + recorder.count.dropped[DROP_CLOSED] == 41 && lines(said) == 1);
	receiver_stop(&receiver);
}

TEST(what_is_no_http_is_a_counted_drop)
{
	static char endless[70000];

	CHECK(one(&STEP("SSH-2.0-OpenSSH_9.2\r\n\r\n", THEN_WAIT), NULL) == 0);
	CHECK(is_dropped(DROP_REPLY, 2, "HTTP"));
	memset(endless, 'x', sizeof endless);
	memcpy(endless, "HTTP/1.1 200 OK\r\nA: ", 20);
	CHECK(one(&STEP(endless, THEN_WAIT), NULL) == 0);
	CHECK(is_dropped(DROP_REPLY, 2, "too large"));
	memcpy(endless, "HTTP/1.1 200 OK\r\n\r\n", 19);
	CHECK(one(&STEP(endless, THEN_CLOSE), NULL) == 0);
	CHECK(is_dropped(DROP_REPLY, 2, "too large"));
}

TEST(any_2xx_is_delivered_whatever_it_says_in_another_type)
{
	CHECK(one(&STEP("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n", THEN_KEEP), NULL) == 2 && !said.n);
	CHECK(one(&STEP("HTTP/1.1 204 No Content\r\n\r\n", THEN_KEEP), NULL) == 2 && !said.n);
	CHECK(one(&STEP("HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: 2\r\n\r\n{}",
	                THEN_KEEP),
	          NULL) == 2 &&
	      !said.n);
	CHECK(one(&STEP("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n\x0a\x02\r\n2\r\n\x08\x00\r\n0\r\n\r\n",
	                THEN_KEEP),
	          NULL) == 2 &&
	      !said.n);
}

TEST(a_2xx_that_lies_is_a_counted_drop)
{
	CHECK(one(&STEP("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>", THEN_KEEP), NULL) == 0);
	CHECK(is_dropped(DROP_REPLY, 2, "no export response"));
}

TEST(partial_success_is_believed_up_to_what_was_sent)
{
	CHECK(one(&STEP("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n\x0a\x09\x08\x01\x12\x05quota", THEN_KEEP), NULL) ==
	      1);
	CHECK(is_dropped(DROP_REJECTED, 1, "rejected by the receiver: quota, dropped 1 span"));
	CHECK(one(&STEP("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n\x0a\x03\x08\xff\x7f", THEN_KEEP), NULL) == 0);
	CHECK(is_dropped(DROP_REJECTED, 2, "rejected by the receiver, dropped 2 spans"));
	CHECK(one(&STEP("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n\x0a\x07\x12\x05"
	                "a\nb\x1b"
	                "c",
	                THEN_KEEP),
	          NULL) == 2);
	CHECK(lines(said) == 1 && strstr(said.p, "with a warning: a b c"));
}
