// SPDX-License-Identifier: MIT
#include "test.h"
#include "receiver.h"
#include "telemetry.h"

#include "base/clock.h"
#include "export/ship.h"
#include "session.h"

#define OK_EMPTY "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
#define SECOND INT64_C(1000000000)

static struct receiver receiver;
static struct count count;
static struct signal_items items;
static size_t kept;
static char out[REGION_OUT_BYTES];

/* Three spans of an invocation, and a receiver that follows these steps. */
static struct batch start(const struct receiver_step *steps, int n, bool is_signed)
{
	receiver = receiver_start(steps, n);
	otlp_forget();
	telemetry_start((const char *const[]){
		receiver.endpoint, is_signed ? "OTEL_EXPORTER_OTLP_SIGV4_SERVICE=xray" : NULL, "AWS_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret", NULL });
	telemetry_begin("{}", NULL);
	otel_end(otel_start("one"));
	otel_end(otel_start("two"));
	telemetry_end();
	items = (struct signal_items){ 0 };
	count = (struct count){ 0 };
	kept = 0;
	spool_items(&recorder.spool, &items);
	return (struct batch){ .signal = SIGNAL_TRACES,
		                   .resource = &session.resource,
		                   .items = &items,
		                   .count = &count,
		                   .out = out,
		                   .deadline = INT64_MAX,
		                   .kept = &kept };
}

static int64_t soon(void)
{
	return clock_mono_ns() + 5 * SECOND;
}

static void push_after(int64_t seconds)
{
	otlp_push(SIGNAL_TRACES, clock_wall_ns() + seconds * SECOND, clock_mono_ns());
}

static bool is_quiet(void)
{
	return poll(&(struct pollfd){ .fd = receiver.pipe, .events = POLLIN }, 1, 50) == 0;
}

TEST(a_prepared_request_leaves_when_it_is_pushed_and_counts_when_it_is_finished)
{
	struct batch b = start(&STEP(OK_EMPTY, THEN_KEEP), 1, false);

	CHECK(otlp_prepare(&b, soon()) && is_quiet());
	push_after(0);
	CHECK(receiver_next(&receiver).n > 0 && !count.delivered);
	otlp_finish(&b, soon());
	CHECK(count.delivered == 3 && !count_dropped(&count) && !kept);
	receiver_stop(&receiver);
}

TEST(what_was_not_pushed_goes_the_usual_way_once)
{
	struct batch b = start(&STEP(OK_EMPTY, THEN_KEEP), 1, false);

	CHECK(otlp_prepare(&b, soon()));
	otlp_finish(&b, soon());
	CHECK(receiver_next(&receiver).n > 0 && count.delivered == 3 && is_quiet());
	receiver_stop(&receiver);
	otlp_finish(&b, soon()); /* nothing is ready, and nobody is there */
	CHECK(count.delivered == 3 && kept == 3);
}

TEST(a_pushed_request_that_is_not_taken_is_tried_again)
{
	const struct receiver_step busy[] = { STEP("HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n", THEN_KEEP),
		                                  STEP(OK_EMPTY, THEN_KEEP) };
	const struct receiver_step gone[] = { STEP("", THEN_CLOSE), STEP(OK_EMPTY, THEN_KEEP) };
	const struct receiver_step large[] = { STEP("HTTP/1.1 413 X\r\nContent-Length: 0\r\n\r\n", THEN_KEEP),
		                                   STEP(OK_EMPTY, THEN_KEEP), STEP(OK_EMPTY, THEN_KEEP),
		                                   STEP(OK_EMPTY, THEN_KEEP) };
	const struct receiver_step no[] = { STEP("HTTP/1.1 400 X\r\nContent-Length: 0\r\n\r\n", THEN_KEEP) };
	const struct {
		const struct receiver_step *steps;
		int n;
		uint64_t delivered;
	} cases[] = { { busy, 2, 3 }, { gone, 2, 3 }, { large, 4, 3 }, { no, 1, 0 } };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct batch b = start(cases[i].steps, cases[i].n, false);
		struct captured c = capture(STDERR_FILENO);

		CHECK(otlp_prepare(&b, soon()));
		push_after(0);
		receiver_next(&receiver);
		otlp_finish(&b, soon());
		capture_end(&c);
		CHECK(count.delivered == cases[i].delivered && count_dropped(&count) == 3 - cases[i].delivered && !kept);
		receiver_stop(&receiver);
	}
}

TEST(what_cannot_be_made_ready_is_left_alone)
{
	struct batch b = start(NULL, 0, false);

	receiver_stop(&receiver);
	CHECK(!otlp_prepare(&b, clock_mono_ns() + SECOND / 2) && !count.delivered && !count_dropped(&count) && !kept);
	push_after(0);
	b = start(&STEP(OK_EMPTY, THEN_KEEP), 1, false);
	CHECK(otlp_prepare(&b, soon()));
	otlp_ship(&b, soon()); /* a flush that somebody asks for in between */
	CHECK(count.delivered == 3 && receiver_next(&receiver).n > 0);
	receiver_stop(&receiver);
}

/* ---- what is signed ages ---- */

static long signed_at(str request)
{
	const char *at = request.n ? memmem(request.p, request.n, "x-amz-date: ", 12) : NULL;
	struct tm tm;

	CHECK(at && memmem(request.p, request.n, "AWS4-HMAC-SHA256 ", 17));
	memset(&tm, 0, sizeof tm);
	CHECK(strptime(at + 12, "%Y%m%dT%H%M%SZ", &tm));
	return (long)timegm(&tm);
}

TEST(a_signature_that_may_be_believed_is_sent_as_it_is)
{
	static const int64_t ages[] = { 0, 239, -239 };

	for (size_t i = 0; i < sizeof ages / sizeof *ages; i++) {
		struct batch b = start(&STEP(OK_EMPTY, THEN_KEEP), 1, true);

		CHECK(otlp_prepare(&b, soon()));
		push_after(ages[i]);
		CHECK(signed_at(receiver_next(&receiver)) > 0);
		otlp_finish(&b, soon());
		CHECK(count.delivered == 3);
		receiver_stop(&receiver);
	}
}

TEST(a_signature_that_is_too_old_is_not_sent_but_made_anew_after_the_answer)
{
	for (int by_wall = -1; by_wall <= 1; by_wall++) {
		struct batch b = start(&STEP(OK_EMPTY, THEN_KEEP), 1, true);
		long made;

		CHECK(otlp_prepare(&b, soon()));
		made = (long)(clock_wall_ns() / SECOND);
		otlp_push(SIGNAL_TRACES, clock_wall_ns() + by_wall * 241 * SECOND, clock_mono_ns() + !by_wall * 241 * SECOND);
		CHECK(is_quiet());
		poll(NULL, 0, by_wall ? 0 : 1100); /* its time is in seconds */
		otlp_finish(&b, soon());
		CHECK(signed_at(receiver_next(&receiver)) >= made + !by_wall && count.delivered == 3 && is_quiet());
		receiver_stop(&receiver);
	}
}

TEST(what_is_not_signed_does_not_age)
{
	struct batch b = start(&STEP(OK_EMPTY, THEN_KEEP), 1, false);

	CHECK(otlp_prepare(&b, soon()));
	push_after(3600);
	CHECK(receiver_next(&receiver).n > 0);
	otlp_finish(&b, soon());
	CHECK(count.delivered == 3);
	receiver_stop(&receiver);
}
