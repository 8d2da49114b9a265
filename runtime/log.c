// SPDX-License-Identifier: MIT
#include "log.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/format.h"
#include "base/late.h"
#include "hooks.h"
#include "lambda.h"

#include <string.h>
#include <unistd.h>

static const str names[] = { { "TRACE", 5 }, { "DEBUG", 5 }, { "INFO", 4 },
	                         { "WARN", 4 },  { "ERROR", 5 }, { "FATAL", 5 } };

static struct {
	const struct lambda_hooks *hooks;
	str request;
	enum log_level least;
	bool json;
} log_to = { .least = LOG_INFO };

void log_start(str format, str level, const struct lambda_hooks *hooks)
{
	log_to.hooks = hooks;
	log_to.json = str_ieq(format, S("JSON"));
	log_to.least = LOG_INFO;
	for (int i = LOG_TRACE; i <= LOG_FATAL; i++)
		if (str_ieq(level, names[i]))
			log_to.least = (enum log_level)i;
}

/* An id that would crowd out the message is left out. */
void log_request(str id)
{
	log_to.request = id.n < LAMBDA_LOG_MAX / 4 ? id : (str){ 0 };
}

/* CloudWatch makes an event of every line, and other people's bytes must not forge one: a record has one line. */
static void fold(char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] == '\n')
			p[i] = '\r';
}

/* What of n bytes are whole characters: one whose end was cut off is left out. */
static size_t whole(const char *p, size_t n)
{
	for (size_t back = 1; back <= 3 && back <= n; back++) {
		unsigned char c = (unsigned char)p[n - back];

		if (c >= 0xc0)
			return back < (c >= 0xf0 ? 4u : c >= 0xe0 ? 3u : 2u) ? n - back : n;
		if (c < 0x80)
			break;
	}
	return n;
}

static str as_text(char *room, size_t size, enum log_level level, str message, const struct log_fields *fields)
{
	struct buf b = { .p = room, .cap = size - 1 }; /* one byte for the line end */
	size_t start;

	buf_putc(&b, '[');
	buf_put(&b, names[level]);
	buf_put(&b, S("]\t"));
	clock_rfc3339(&b, clock_wall_ns());
	buf_putc(&b, '\t');
	start = b.n;
	buf_put(&b, log_to.request.n ? log_to.request : S("-"));
	buf_putc(&b, '\t');
	if (message.n > b.cap - b.n)
		message.n = whole(message.p, b.cap - b.n);
	buf_put(&b, message);
	if (fields)
		fields->text(&b, fields);
	fold(room + start, b.n - start);
	room[b.n++] = '\n';
	return buf_str(&b);
}

static bool json_once(struct lambda_json_writer *w, enum log_level level, str message, const struct log_fields *fields)
{
	char stamp[CLOCK_RFC3339_BYTES], trace_id[32], span_id[16];
	struct buf time = BUF(stamp);

	clock_rfc3339(&time, clock_wall_ns());
	lambda_json_open_object(w);
	lambda_json_put_key(w, "timestamp"); /* Lambda wants RFC 3339 and a level it knows, or it sets both itself */
	lambda_json_put_str(w, buf_str(&time));
	lambda_json_put_key(w, "level");
	lambda_json_put_str(w, names[level]);
	if (log_to.request.n) {
		lambda_json_put_key(w, "requestId");
		lambda_json_put_str(w, log_to.request);
	}
	lambda_json_put_key(w, "message");
	lambda_json_put_str(w, message);
	if (log_to.hooks && log_to.hooks->log_ids && log_to.hooks->log_ids(trace_id, span_id)) {
		lambda_json_put_key(w, "trace_id");
		lambda_json_put_str(w, (str){ trace_id, sizeof trace_id });
		lambda_json_put_key(w, "span_id");
		lambda_json_put_str(w, (str){ span_id, sizeof span_id });
	}
	if (fields)
		fields->json(w, fields);
	lambda_json_close(w);
	return lambda_json_done(w);
}

/* An object that is cut is none: a record that does not fit loses its fields first, then half of its message, as often as it takes. */
static str as_json(char *room, size_t size, enum log_level level, str message, const struct log_fields *fields)
{
	struct lambda_json_writer w;
	str out;

	for (;; message.n /= 2) {
		lambda_json_to_memory(&w, room, size - 1);
		if (json_once(&w, level, message, fields))
			break;
		lambda_json_to_memory(&w, room, size - 1);
		if (json_once(&w, level, message, NULL))
			break;
		if (!message.n)
			log_to.request.n /= 2;
	}
	out = lambda_json_written(&w);
	room[out.n++] = '\n';
	return out;
}

static str message_of(const char *format, va_list args)
{
	static char text[LAMBDA_LOG_MAX] LATE;
	size_t n = format_text(text, sizeof text, format, args);

	return (str){ text, n < sizeof text ? n : sizeof text };
}

static void put_record(int fd, enum log_level level, str message, const struct log_fields *fields)
{
	static char room[LAMBDA_LOG_MAX] LATE;
	str out = (log_to.json ? as_json : as_text)(room, sizeof room, level, message, fields);

	/* One write is one record. There is nobody to tell when it fails. */
	(void)!write(fd, out.p, out.n);
}

void log_user(enum log_level level, const struct log_fields *fields, const char *format, va_list args)
{
	struct lambda_hook_log log = { .level = (int)level, .message = message_of(format, args) };

	if (fields) {
		log.fields = fields->field;
		log.field_count = fields->count;
	}
	if (!log_to.hooks || !log_to.hooks->log || !log_to.hooks->log(&log))
		put_record(STDOUT_FILENO, level, log.message, fields);
}

bool log_wants(enum log_level level)
{
	return level >= log_to.least && level <= LOG_FATAL;
}

void lambda_log(enum lambda_level level, const char *format, ...)
{
	va_list args;

	if (!log_wants((enum log_level)level))
		return;
	va_start(args, format);
	log_user((enum log_level)level, NULL, format, args);
	va_end(args);
}

void log_line(enum log_level level, const char *format, ...)
{
	va_list args;

	if (!log_wants(level))
		return;
	va_start(args, format);
	put_record(STDOUT_FILENO, level, message_of(format, args), NULL);
	va_end(args);
}

void log_fatal(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_record(STDERR_FILENO, LOG_FATAL, message_of(format, args), NULL);
	va_end(args);
}
