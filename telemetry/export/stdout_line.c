// SPDX-License-Identifier: MIT
#include "base/buf.h"
#include "base/clock.h"
#include "export/envelope.h"
#include "export/gzip.h"
#include "export/ship.h"
#include "lambda_json.h"
#include "settings.h"
#include "version.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <unistd.h>

/*
 * The line of otlp-stdout-span-exporter and its forwarders: a JSON object on standard output, __otel_otlp_stdout first, the request as base64 of gzip.
 * Whoever reads the function's log ships it. endpoint is the constant that those forwarders expect. Headers are left out: they hold keys,
 * and this is a log.
 *
 * A line must fit one CloudWatch log event, 262 144 bytes with 26 of the service's own: what does not goes into several, cut between spans.
 */
#define LINE_BYTES_MAX (REGION_OUT_BYTES - 1024)
#define SOURCE_BYTES_MAX 256
#define LINE_END_BYTES_MAX 64

/* Any one span fits a line: four thirds for base64, the rest for the names. */
static_assert((OTEL_SPAN_BYTES + ENVELOPE_BYTES_MAX) / 3 * 4 + 8192 < LINE_BYTES_MAX,
              "a span may be too large for a line");

static const char endpoint[] = "http://localhost:4318/v1/traces";

/* Up to the payload, its quote included. */
static struct buf line_head(const struct batch *b)
{
	struct buf line = { .p = b->out, .cap = LINE_BYTES_MAX };
	char room[6 * SOURCE_BYTES_MAX + 2];
	struct lambda_json_writer source;

	lambda_json_to_memory(&source, room, sizeof room);
	lambda_json_put_str(&source, b->source.n > SOURCE_BYTES_MAX ? (str){ b->source.p, SOURCE_BYTES_MAX } : b->source);
	buf_put(&line, S("{\"__otel_otlp_stdout\":\"" MOTE_VERSION "\",\"source\":"));
	buf_put(&line, lambda_json_written(&source));
	buf_put(&line, S(",\"endpoint\":\""));
	buf_put(&line, (str){ endpoint, sizeof endpoint - 1 });
	buf_put(&line, S("\",\"method\":\"POST\",\"content-type\":\"application/"
	                 "x-protobuf\",\"content-encoding\":\"gzip\",\"payload\":\""));
	return line;
}

/*
 * Behind the payload. A level only when one is asked for (OTLP_STDOUT_SPAN_EXPORTER_LOG_LEVEL): Lambda drops lines below the function's log level, and
 * counts those without one as INFO.
 */
static void line_end(struct buf *line)
{
	static const char *const levels[] = { "DEBUG", "INFO", "WARN", "ERROR" };
	str wanted = setting("OTLP_STDOUT_SPAN_EXPORTER_LOG_LEVEL");
	int i = 0;

	if (str_ieq(wanted, S("WARNING")))
		wanted.n = 4;
	while (i < 4 && !str_ieq(wanted, str_of(levels[i])))
		i++;
	buf_put(line, S("\",\"base64\":true"));
	if (i < 4) {
		buf_put(line, S(",\"level\":\""));
		buf_put(line, str_of(levels[i]));
		buf_putc(line, '"');
	}
	buf_put(line, S("}\n"));
}

/* Standard output usually blocks, here as for every log line: then the deadline is the reader's to keep. */
static bool write_all(str line, int64_t deadline)
{
	while (line.n) {
		ssize_t n = write(STDOUT_FILENO, line.p, line.n);
		struct pollfd p = { .fd = STDOUT_FILENO, .events = POLLOUT };
		int64_t left = deadline - clock_mono_ns();

		if (n >= 0) {
			line = (str){ line.p + n, line.n - (size_t)n };
		} else if (errno == EAGAIN) {
			if (left <= 0 || poll(&p, 1, left / 1000000 >= 1000 ? 1000 : (int)(left / 1000000) + 1) < 0)
				return false;
		} else if (errno != EINTR) {
			return false;
		}
	}
	return true;
}

static void write_line(const struct batch *b, struct buf line, str spans, size_t count, int64_t deadline)
{
	struct envelope e;
	struct gzip_text g;

	envelope_make(&e, b->resource, spans);
	gzip_text_start(&g, line.p + line.n, e.n);
	for (int i = 0; i < ENVELOPE_PARTS; i++)
		gzip_text_feed(&g, e.parts[i]);
	line.n = (size_t)(gzip_text_end(&g) - line.p);
	line.cap = REGION_OUT_BYTES;
	line_end(&line);
	if (write_all(buf_str(&line), deadline))
		b->count->handed_over += count;
	else
		ship_dropped(b, DROP_WRITE, count, S("stdout line"), S("standard output takes no more"));
}

/* Whether spans of n bytes and all that goes around them fit a line that begins with head bytes. */
static bool fits(const struct batch *b, size_t head, size_t n)
{
	const struct resource *r = b->resource;
	size_t all = r->resource.n + r->scope.n + r->scope_url.n + r->url.n + n + 2 * (1 + 5); /* two tags and lengths */

	return gzip_text_size(all) <= LINE_BYTES_MAX - head - LINE_END_BYTES_MAX;
}

void stdout_line_ship(const struct batch *b, int64_t deadline)
{
	struct buf head = line_head(b);
	str rest = b->spans, span, line = { rest.p, 0 };
	size_t count = 0;

	while (envelope_next_span(&rest, &span)) {
		if (count && !fits(b, head.n, line.n + span.n)) {
			write_line(b, head, line, count, deadline);
			line = (str){ span.p, 0 };
			count = 0;
		}
		line.n += span.n;
		count++;
	}
	write_line(b, head, line, count, deadline);
}
