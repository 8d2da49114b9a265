// SPDX-License-Identifier: MIT
#include "diag.h"

#include "base/clock.h"
#include "lambda_json.h"
#include "settings.h"

#include <string.h>
#include <unistd.h>

#define REQUEST_BYTES_MAX 64 /* a UUID has 36 */

static struct {
	size_t request_n;
	char request[REQUEST_BYTES_MAX];
} diag;

void diag_request(str id)
{
	diag.request_n = id.n < sizeof diag.request ? id.n : sizeof diag.request;
	if (diag.request_n)
		memcpy(diag.request, id.p, diag.request_n);
}

struct buf *diag_open(struct diag *d, enum diag_level level)
{
	d->level = level;
	d->text = BUF(d->room);
	return &d->text;
}

static str level_name(enum diag_level level)
{
	static const str names[] = { { "DEBUG", 5 }, { "INFO", 4 }, { "WARN", 4 }, { "ERROR", 5 } };

	return names[level];
}

/* One record is one line, whatever bytes came from outside. */
static void as_text(struct buf *b, const struct diag *d)
{
	size_t start;

	buf_putc(b, '[');
	buf_put(b, level_name(d->level));
	buf_put(b, S("]\t"));
	clock_rfc3339(b, clock_wall_ns());
	buf_putc(b, '\t');
	start = b->n;
	buf_put(b, diag.request_n ? (str){ diag.request, diag.request_n } : S("-"));
	buf_putc(b, '\t');
	buf_put(b, buf_str(&d->text));
	for (size_t i = start; i < b->n; i++)
		if ((unsigned char)b->p[i] < ' ' && b->p[i] != '\t')
			b->p[i] = ' ';
	buf_putc(b, '\n');
}

static void member(struct lambda_json_writer *w, const char *key, str value)
{
	lambda_json_put_key(w, key);
	lambda_json_put_str(w, value);
}

static void as_json(struct buf *b, const struct diag *d)
{
	char stamp[CLOCK_RFC3339_BYTES];
	struct buf time = BUF(stamp);
	struct lambda_json_writer w;

	clock_rfc3339(&time, clock_wall_ns());
	lambda_json_to_memory(&w, b->p, b->cap - 1);
	lambda_json_open_object(&w);
	member(&w, "timestamp", buf_str(&time));
	member(&w, "level", level_name(d->level));
	if (diag.request_n)
		member(&w, "requestId", (str){ diag.request, diag.request_n });
	member(&w, "message", buf_str(&d->text));
	lambda_json_close(&w);
	b->n = lambda_json_written(&w).n;
	buf_putc(b, '\n');
}

bool diag_wanted(enum diag_level level)
{
	str least = setting("OTEL_LOG_LEVEL");

	if (!least.n)
		least = setting("AWS_LAMBDA_LOG_LEVEL");
	if (str_ieq(least, S("FATAL")) || str_ieq(least, S("none")) || (level < DIAG_ERROR && str_ieq(least, S("ERROR"))))
		return false;
	if (level == DIAG_DEBUG)
		return str_ieq(least, S("DEBUG")) || str_ieq(least, S("TRACE"));
	return level > DIAG_INFO || !str_ieq(least, S("WARN"));
}

void diag_close(struct diag *d)
{
	char line[6 * (sizeof d->room + REQUEST_BYTES_MAX) + 256]; /* every byte escaped as \u00xx */
	struct buf b = BUF(line);

	if (!diag_wanted(d->level))
		return;
	if (str_ieq(setting("AWS_LAMBDA_LOG_FORMAT"), S("JSON")))
		as_json(&b, d);
	else
		as_text(&b, d);
	/* There is nobody to tell when it fails. */
	(void)!write(STDERR_FILENO, b.p, b.n);
}
