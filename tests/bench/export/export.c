// SPDX-License-Identifier: MIT

/*
 * What shipping costs the process that ships, in CPU time of its own: `export handshake PORT CA N` and `export batch SPANS N`, where OTEL_EXPORTER_OTLP_*
 * say where to. A line of JSON each. What the peer takes is not in it; what the kernel does in our system calls is, loopback's receiving half included.
 */
#include "base/clock.h"
#include "hooks.h"
#include "net/connect.h"
#include "otel.h"
#include "otlp/connection.h"
#include "otlp/sending.h"
#include "record/recorder.h"
#include "session.h"
#include "tls/tls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SAMPLES_MAX 20000
#define DEADLINE_NS 5000000000

static _Noreturn void fail(const char *what, const char *why)
{
	fprintf(stderr, "export: %s: %s\n", what, why);
	exit(1);
}

static int64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---- samples ---- */

enum part {
	PART_RECORD,
	PART_GZIP,
	PART_HASH,
	PART_SIGN,
	PART_ENCRYPT,
	PART_WRITE,
	PART_REPLY,
	PART_ALL,
	PART_WALL,
	PARTS
};

static const char *const names[PARTS] = {
	"record", "gzip", "hash", "sign", "encrypt", "write", "reply", "all", "wall"
};

static int64_t samples[PARTS][SAMPLES_MAX];
static size_t counts[PARTS];
static int64_t asking; /* what it takes to ask for the time, which is a system call */

static void note(enum part part, int64_t ns)
{
	samples[part][counts[part]++] = ns > asking ? ns - asking : 0;
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static double median_us(int64_t *values, size_t n)
{
	qsort(values, n, sizeof *values, by_value);
	return n ? (double)values[n / 2] / 1000 : 0;
}

static void measure_asking(void)
{
	static int64_t took[2001];

	for (size_t i = 0; i < 2001; i++) {
		int64_t start = cpu_ns();

		took[i] = cpu_ns() - start;
	}
	asking = (int64_t)(median_us(took, 2001) * 1000);
}

/* ---- handshakes ---- */

static int64_t handshake(struct stream *s, const struct addr *to)
{
	int64_t start;
	enum err e = connect_any(s, to, 1, clock_mono_ns() + DEADLINE_NS);

	if (e != OK)
		fail("connect", err_text(e));
	start = cpu_ns();
	if (tls_start(s, 0, clock_mono_ns() + DEADLINE_NS) != OK)
		fail("handshake", tls_problem(0).n ? tls_problem(0).p : "failed");
	return cpu_ns() - start;
}

static void handshakes(int port, const char *ca, size_t n)
{
	static int64_t full[SAMPLES_MAX], resumed[SAMPLES_MAX], settings[SAMPLES_MAX];
	const struct tls_settings tls = { .host = S("localhost"), .roots = { ca } };
	struct stream s = { .fd = -1 };
	struct addr to;

	if (addr_resolve(S("127.0.0.1"), (uint16_t)port, &to) != OK)
		fail("port", "none");
	for (size_t i = 0; i < n; i++) {
		int64_t start;

		tls_forget();
		start = cpu_ns();
		if (tls_configure(0, &tls) != OK)
			fail("settings", tls_problem(0).p);
		settings[i] = cpu_ns() - start - asking;
		full[i] = handshake(&s, &to) - asking;
		stream_close(&s);
		resumed[i] = handshake(&s, &to) - asking;
		stream_close(&s);
	}
	if (tls_counts.full != n || tls_counts.resumed != n)
		fail("handshakes", "the peer resumes no session");
	printf("{\"settings\": %.3f, \"full\": %.3f, \"resumed\": %.3f}\n", median_us(settings, n), median_us(full, n),
	       median_us(resumed, n));
}

/* ---- batches ---- */

static void record(size_t spans)
{
	int64_t start = cpu_ns();

	for (size_t i = 0; i < spans; i++) {
		struct otel_span *span = otel_start("compose greeting");

		otel_set_str(span, "http.request.method", "GET", 3);
		otel_set_str(span, "url.path", "/hello/world/this/is/it", 23);
		otel_set_int(span, "http.response.status_code", 200);
		otel_set_bool(span, "faas.coldstart", true);
		otel_end(span);
	}
	note(PART_RECORD, cpu_ns() - start);
}

static struct batch batch_of(const struct signal_items *items)
{
	return (struct batch){
		.signal = SIGNAL_TRACES,
		.resource = &session.resource,
		.items = items,
		.count = &recorder.count,
		.source = S("bench"),
		.out = session_out,
		.deadline = clock_mono_ns() + DEADLINE_NS,
	};
}

/* As it leaves in a function. */
static void whole(const struct batch *b)
{
	int64_t wall = clock_mono_ns(), start = cpu_ns();

	otlp_ship(b, b->deadline);
	note(PART_ALL, cpu_ns() - start);
	note(PART_WALL, clock_mono_ns() - wall);
}

static enum err send_parts(struct sending *s, const struct buf *head)
{
	static char sealed[REGION_OUT_BYTES + REGION_SPOOL_BYTES];
	struct iovec iov[1 + ENVELOPE_PARTS_MAX] = { { head->p, head->n } };
	struct stream *stream = connection_stream(s->receiver);
	struct buf out = BUF(sealed);
	int64_t start = cpu_ns(), now;
	enum err e;

	memcpy(iov + 1, s->body.iov, (size_t)s->body.count * sizeof *iov);
	if (s->receiver->url.tls) {
		if (!tls_seal(stream, iov, 1 + s->body.count, &out))
			return ERR_TOO_LARGE;
		note(PART_ENCRYPT, (now = cpu_ns()) - start);
		start = now;
		e = stream_push_rest(stream, buf_str(&out), s->exchange.deadline);
	} else {
		e = stream_write(stream, iov, 1 + s->body.count, s->exchange.deadline);
	}
	note(PART_WRITE, cpu_ns() - start);
	return e;
}

/* The same in steps. The connection is there. */
static size_t in_parts(const struct batch *b)
{
	struct sending s;
	struct buf head;
	int64_t start = cpu_ns(), now;
	enum err e;

	if (!sending_start(&s, b, b->deadline) || !sending_next(&s) || !sending_body(&s))
		fail("batch", "cannot be sent");
	note(PART_GZIP, (now = cpu_ns()) - start);
	start = now;
	if (s.receiver->is_signed) {
		body_hash(&s.body);
		note(PART_HASH, (now = cpu_ns()) - start);
		start = now;
	}
	if (!exchange_head(&s.exchange, &head))
		fail("batch", s.exchange.no_keys);
	note(PART_SIGN, cpu_ns() - start);
	e = send_parts(&s, &head);
	start = cpu_ns();
	if (e == OK)
		e = exchange_reply(&s.exchange);
	note(PART_REPLY, cpu_ns() - start);
	if (e != OK || s.exchange.reply.head.status != 200)
		fail("batch", e == OK ? "refused" : err_text(e));
	return s.body.n;
}

static void batches(size_t spans, size_t n)
{
	static const struct lambda_hook_sandbox sandbox = { .function_name = { "bench", 5 } };
	static const struct lambda_hook_event event = { .request_id = { "id", 2 } };
	size_t raw = 0, sent = 0;
	uint64_t delivered;

	otel_hooks.init(&sandbox);
	otel_hooks.begin(&event);
	for (size_t i = 0; i < n + 1; i++) {
		struct signal_items items = { .count = 0 };
		struct batch b;

		record(spans);
		spool_items(&recorder.spool, &items);
		b = batch_of(&items);
		raw = recorder_spool().n;
		whole(&b);
		if (!i) /* the first one connects */
			memset(counts, 0, sizeof counts);
		sent = in_parts(&b);
		recorder_spool_empty();
	}
	delivered = recorder.count.delivered;
	if (delivered != spans * (n + 1))
		fail("batches", "not all spans were delivered");
	printf("{\"spans_bytes\": %zu, \"body_bytes\": %zu, \"handshakes\": %u", raw, sent,
	       tls_counts.full + tls_counts.resumed);
	for (enum part p = 0; p < PARTS; p++)
		printf(", \"%s\": %.3f", names[p], median_us(samples[p], counts[p]));
	puts("}");
}

int main(int argc, char **argv)
{
	size_t n = argc > 3 ? strtoul(argv[argc - 1], NULL, 10) : 0;

	if (!n || n >= SAMPLES_MAX)
		fail("usage", "export handshake PORT CA N, export batch SPANS N");
	measure_asking();
	if (argc == 5 && !strcmp(argv[1], "handshake"))
		handshakes(atoi(argv[2]), argv[3], n);
	else if (argc == 4 && !strcmp(argv[1], "batch"))
		batches(strtoul(argv[2], NULL, 10), n);
	else
		fail("usage", "export handshake PORT CA N, export batch SPANS N");
	return 0;
}
