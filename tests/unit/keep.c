// SPDX-License-Identifier: MIT
#include "receiver.h"
#include "telemetry.h"
#include "test.h"

#include "base/clock.h"
#include "export/ship.h"
#include "otel_metric.h"
#include "source.h"

/* What an exporter had no time for, and what becomes of it in later flushes. */

#define MS 1000000
#define OK_EMPTY                        \
	"HTTP/1.1 200 OK\r\nContent-Type: " \
	"application/x-protobuf\r\nContent-Length: 0\r\n\r\n"

static struct receiver receiver;
static str said;

static void start(const struct receiver_step *steps, int count, const char *variable)
{
	receiver = receiver_start(steps, count);
	otlp_forget();
	telemetry_start((const char *const[]){ receiver.endpoint, "OTEL_EXPORTER_OTLP_COMPRESSION=none", variable, NULL });
}

static void invoke(int spans)
{
	telemetry_begin("{}", NULL);
	while (--spans)
		otel_end(otel_start("child"));
	telemetry_end();
}

/* Lines on standard output. */
static int flush(int64_t budget_ms)
{
	struct captured err = capture(STDERR_FILENO), out = capture(STDOUT_FILENO);
	int written;

	otel_hooks.flush(clock_mono_ns() + budget_ms * MS);
	written = lines(capture_end(&out));
	said = capture_end(&err);
	CHECK(telemetry_adds_up());
	return written;
}

static bool counts(uint64_t delivered, uint64_t handed_over, uint64_t dropped, size_t held)
{
	const struct count *c = &recorder.count;

	return c->delivered == delivered && c->handed_over == handed_over && count_dropped(c) == dropped &&
	       recorder.spool.held == held && recorder.spool.items == held;
}

static int spans_in(str request)
{
	str body = str_of(strstr(request.p, "\r\n\r\n") + 4), spans;
	int n = 0;

	body.n = request.n - (size_t)(body.p - request.p);
	for (int i = 0; (spans = pb_field(pb_bytes(body, 1), 2, i).bytes).n; i++)
		n += pb_count(spans, 2);
	return n;
}

#define SILENT STEP("", THEN_WAIT)

TEST(what_there_is_no_time_for_is_held_and_leads_the_next_batch)
{
	const struct receiver_step steps[] = { SILENT, STEP(OK_EMPTY, THEN_KEEP) };

	start(steps, 2, NULL);
	invoke(3);
	flush(60);
	CHECK(counts(0, 0, 0, 3));
	CHECK(strstr(said.p, "lost if none comes: 3; so far made 3, delivered 0, "
	                     "handed over 0, dropped 0"));
	invoke(2);
	flush(5000);
	CHECK(counts(5, 0, 0, 0) && !said.n);
	CHECK(spans_in(receiver_next(&receiver)) == 3);
	CHECK(spans_in(receiver_next(&receiver)) == 5);
	receiver_stop(&receiver);
}

TEST(others_of_a_list_see_what_is_held_once_and_it_counts_once)
{
	const struct receiver_step steps[] = { SILENT, SILENT, STEP(OK_EMPTY, THEN_KEEP) };

	start(steps, 3, "OTEL_TRACES_EXPORTER=console,otlp");
	invoke(3);
	CHECK(flush(60) == 3 && counts(0, 0, 0, 3));
	invoke(2);
	CHECK(flush(60) == 2 && counts(0, 0, 0, 5));
	invoke(1);
	CHECK(flush(5000) == 1 && counts(6, 0, 0, 0));
	receiver_stop(&receiver);
}

TEST(what_was_held_and_is_refused_has_arrived_elsewhere_all_the_same)
{
	const struct receiver_step steps[] = { SILENT, STEP("HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n", THEN_KEEP) };

	start(steps, 2, "OTEL_TRACES_EXPORTER=otlp,console");
	invoke(3);
	CHECK(flush(60) == 3 && counts(0, 0, 0, 3));
	invoke(2);
	CHECK(flush(5000) == 2 && counts(0, 5, 0, 0));
	receiver_stop(&receiver);
}

TEST(what_was_held_and_is_refused_is_dropped)
{
	const struct receiver_step steps[] = { SILENT, STEP("HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n", THEN_KEEP) };

	start(steps, 2, NULL);
	invoke(3);
	flush(60);
	invoke(2);
	flush(5000);
	CHECK(counts(0, 0, 5, 0));
	receiver_stop(&receiver);
}

TEST(a_chain_keeps_nothing)
{
	const struct receiver_step steps[] = { SILENT };

	start(steps, 1, "OTEL_TRACES_EXPORTER=otlp>console");
	invoke(3);
	CHECK(flush(250) == 3 && counts(0, 3, 0, 0));
	receiver_stop(&receiver);
}

/* Invocations of as many spans as leave little room, until something has to go.
 */
static void fill(void)
{
	static char big[OTEL_SPAN_BYTES / 2];

	telemetry_begin("{}", NULL);
	memset(big, 'x', sizeof big);
	for (int i = 0; i < 40; i++) {
		struct otel_span *s = otel_start("child");

		otel_set_str(s, "big", big, sizeof big);
		otel_end(s);
	}
	telemetry_end();
}

TEST(the_oldest_of_what_is_held_makes_room_and_is_counted)
{
	struct receiver_step steps[32];
	uint64_t evicted;

	for (int i = 0; i < 32; i++)
		steps[i] = SILENT;
	start(steps, 32, NULL);
	for (int i = 0; i < 6; i++) {
		fill();
		flush(20);
		CHECK(recorder.spool.held == recorder.spool.items);
	}
	evicted = recorder.count.dropped[DROP_KEPT];
	CHECK(evicted > 0 && evicted == count_dropped(&recorder.count));
	CHECK(recorder.count.dropped[DROP_SPOOL] == 0);
	receiver_stop(&receiver);
}

TEST(what_makes_room_but_has_arrived_elsewhere_is_not_dropped)
{
	struct receiver_step steps[32];

	for (int i = 0; i < 32; i++)
		steps[i] = SILENT;
	start(steps, 32, "OTEL_TRACES_EXPORTER=otlp,console");
	for (int i = 0; i < 6; i++) {
		fill();
		CHECK(flush(20) == 41);
	}
	CHECK(recorder.count.handed_over > 0 && count_dropped(&recorder.count) == 0);
	receiver_stop(&receiver);
}

TEST(the_end_keeps_nothing)
{
	const struct receiver_step steps[] = { SILENT };
	struct captured err;

	start(steps, 1, NULL);
	invoke(3);
	err = capture(STDERR_FILENO);
	otel_hooks.shutdown(clock_mono_ns() + 50 * MS);
	said = capture_end(&err);
	CHECK(counts(0, 0, 3, 0) && strstr(said.p, "dropped 3 spans"));
	receiver_stop(&receiver);
}

/* ---- metrics ---- */

static struct otel_instrument calls = OTEL_COUNTER("calls", "{call}", "Calls");

/* The sum that a request says of calls; -1: none of it. */
static int64_t calls_in(str request)
{
	const char *body = strstr(request.p, "\r\n\r\n");
	str scope, metric, all = { body + 4, request.n - (size_t)(body + 4 - request.p) };
	int64_t sum = -1;

	for (int i = 0; (scope = pb_field(pb_bytes(all, 1), 2, i).bytes).n; i++)
		for (int k = 0; (metric = pb_field(scope, 2, k).bytes).n; k++)
			if (str_eq(pb_bytes(metric, 1), S("calls")))
				sum = (int64_t)pb_field(pb_bytes(pb_bytes(metric, 7), 1), 6, 0).value;
	return sum;
}

static void count_calls(int n)
{
	telemetry_begin("{}", NULL);
	otel_add(&calls, n);
	telemetry_end();
	flush(n == 5 ? 5000 : 60);
}

TEST(points_that_are_held_come_as_they_were_and_later_ones_after_them)
{
	const struct receiver_step steps[] = { SILENT, SILENT, STEP(OK_EMPTY, THEN_KEEP), STEP(OK_EMPTY, THEN_KEEP) };
	const struct count *c = metric_source.count;
	static char endpoint[128];

	receiver = receiver_start(steps, 4);
	snprintf(endpoint, sizeof endpoint, "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://127.0.0.1:%d", receiver.port);
	otlp_forget();
	telemetry_start((const char *const[]){ endpoint, "OTEL_TRACES_EXPORTER=none", "OTEL_METRIC_EXPORT_INTERVAL=0",
	                                       "OTEL_EXPORTER_OTLP_COMPRESSION=none", NULL });
	count_calls(3);
	CHECK(c->delivered == 0 && count_dropped(c) == 0 && metric_source.held() == c->made && c->made > 0);
	CHECK(strstr(said.p, "data points held until the next invocation"));
	count_calls(4);
	CHECK(c->delivered == 0 && count_dropped(c) == 0 && metric_source.held() == c->made);
	count_calls(5);
	CHECK(c->delivered == c->made && count_dropped(c) == 0 && metric_source.held() == 0);
	CHECK(calls_in(receiver_next(&receiver)) == 3);
	CHECK(calls_in(receiver_next(&receiver)) == 3);
	CHECK(calls_in(receiver_next(&receiver)) == 3);
	CHECK(calls_in(receiver_next(&receiver)) == 9);
	receiver_stop(&receiver);
}
