// SPDX-License-Identifier: MIT
#include "base/base64.h"
#include "base/buf.h"
#include "base/late.h"
#include "export/cut.h"
#include "export/envelope.h"
#include "export/gzip.h"
#include "export/line.h"
#include "lambda_json.h"
#include "settings.h"
#include "version.h"

#include <assert.h>
#include <string.h>

/*
 * The line of otlp-stdout-span-exporter and its forwarders: a JSON object on standard output, __otel_otlp_stdout first, the request as base64 of gzip.
 * Whoever reads the function's log ships it. endpoint is the constant that those forwarders expect, for the signal. Headers are left out: they hold
 * keys, and this is a log.
 */
#define SOURCE_BYTES_MAX 256
#define LINE_END_BYTES_MAX 64

/* What is cut to fit a line is compressed, or stored, without fail: there is room for it in one piece, and for what comes of it. */
static_assert(LINE_BYTES_MAX < REGION_GZIP_IN_BYTES && GZIP_BYTES(LINE_BYTES_MAX / 4 * 3) < REGION_OUT_BYTES / 8 * 7,
              "a line's worth can be compressed");

/* Any one span fits a line: four thirds for base64, the rest for the names. */
static_assert((OTEL_SPAN_BYTES + ENVELOPE_BYTES_MAX) / 3 * 4 + 8192 < LINE_BYTES_MAX,
              "a span may be too large for a line");

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
	buf_put(&line, S(",\"endpoint\":\"http://localhost:4318"));
	buf_put(&line, ship_path(b->signal));
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

static int level_ready LATE; /* one more than the level; 0: the settings have not been asked yet */

void stdout_line_forget(void)
{
	level_ready = 0;
}

/* Behind the line's head; then moved away, for the text to take its place. */
static str compressed(const struct batch *b, const struct buf *line, const struct signal_items *run)
{
	char *to = line->p + line->n;
	struct envelope e;
	size_t n;

	if (!level_ready)
		level_ready = 1 + gzip_line_level();
	envelope_make(&e, b->resource, run);
	n = gzip_make(e.parts, e.part_count, to, REGION_OUT_BYTES - line->n, level_ready - 1);
	return (str){ memcpy(gzip_room(), to, n), n };
}

static void write_line(const struct batch *b, struct buf line, const struct signal_items *run, int64_t deadline)
{
	str gzip = compressed(b, &line, run);

	base64_encode(line.p + line.n, gzip.p, gzip.n);
	line.n += base64_size(gzip.n);
	line.cap = REGION_OUT_BYTES;
	line_end(&line);
	line_ship(b, buf_str(&line), run, S("stdout line"), deadline);
}

/* The most bytes that, with head bytes before them, make a line even if they cannot be compressed: base64 and gzip undone. */
static size_t most(size_t head)
{
	size_t n = (LINE_BYTES_MAX - head - LINE_END_BYTES_MAX) / 4 * 3;

	return n - (GZIP_BYTES(n) - n);
}

void stdout_line_ship(const struct batch *b, int64_t deadline)
{
	struct buf head = line_head(b);
	struct cut cut = { .batch = b, .most = most(head.n) - cut_around(b) };

	while (cut_next(&cut))
		if (cut.too_large)
			ship_undelivered(b, &cut.run, DROP_SIZE, S("stdout line"), S("larger than a log event may be"));
		else
			write_line(b, head, &cut.run, deadline);
}
