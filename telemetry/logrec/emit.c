// SPDX-License-Identifier: MIT
#include "base/clock.h"
#include "logrec/logrec.h"
#include "record/scope.h"

#include "logs.pb.h"

/*
 * One record, fields in the order of their numbers:
 *
 *   time severity severity_text body attributes dropped flags trace_id span_id observed_time event_name
 */
#define FIXED_BYTES (2 * (1 + 8) + 2)          /* both times, severity */
#define CONTEXT_BYTES (1 + 4 + 2 + 16 + 2 + 8) /* flags, trace id, span id */
#define TEXT_BYTES_MAX 1024                    /* of a name: what is longer is cut */

struct record {
	const struct otel_record *of;
	struct otel_context context;
	bool has_context;
	struct wire_text severity_text, event_name;
	size_t body, attrs;
	uint32_t dropped;
};

static str severity_name(unsigned severity)
{
	static const str names[] = { { "TRACE", 5 }, { "DEBUG", 5 }, { "INFO", 4 },
		                         { "WARN", 4 },  { "ERROR", 5 }, { "FATAL", 5 } };

	return severity >= 1 && severity <= 24 ? names[(severity - 1) / 4] : (str){ 0 };
}

static void text(struct wire_text *t, const char *p, size_t n)
{
	value_text(t, p, n, TEXT_BYTES_MAX / 4);
}

static void prepare(struct record *r, const struct otel_record *of)
{
	str severity = of->severity_text ? (str){ of->severity_text, of->severity_text_n } : severity_name(of->severity);

	r->of = of;
	r->has_context = otel_context_of(of->span ? of->span : otel_current(), &r->context);
	text(&r->severity_text, severity.p, severity.n);
	text(&r->event_name, of->event_name, of->event_name_n);
	r->body = of->body.type == OTEL_EMPTY ? 0 : value_size(&of->body, VALUE_UNLIMITED);
	r->attrs = attrs_size(of->attrs, of->attr_count, LogRecord_attributes_tag, logrec.limits, &r->dropped);
}

/* VALUE_TOO_LARGE: no record can be as large. */
static size_t record_size(const struct record *r)
{
	size_t n;

	if (r->body > OTEL_LOG_BYTES_MAX || r->attrs > OTEL_LOG_BYTES_MAX)
		return VALUE_TOO_LARGE;
	n = FIXED_BYTES + r->attrs + wire_optional_size(LogRecord_severity_text_tag, &r->severity_text) +
	    wire_optional_size(LogRecord_event_name_tag, &r->event_name);
	if (r->of->body.type != OTEL_EMPTY)
		n += wire_bytes_size(LogRecord_body_tag, r->body);
	if (r->dropped)
		n += 1 + wire_varint_size(r->dropped);
	return n + (r->has_context ? CONTEXT_BYTES : 0);
}

static char *put_context(char *p, const struct otel_context *c)
{
	p = wire_fixed32(wire_tag(p, LogRecord_flags_tag, WIRE_FIXED32), c->flags);
	p = wire_length(p, LogRecord_trace_id_tag, 16);
	memcpy(p, c->trace_id, 16);
	p = wire_length(p + 16, LogRecord_span_id_tag, 8);
	memcpy(p, c->span_id, 8);
	return p + 8;
}

static char *put_record(char *p, const struct record *r)
{
	const struct otel_record *of = r->of;
	int64_t now = clock_wall_ns();

	p = wire_fixed64(wire_tag(p, LogRecord_time_unix_nano_tag, WIRE_FIXED64),
	                 (uint64_t)(of->time_ns ? of->time_ns : now));
	p = wire_int(p, LogRecord_severity_number_tag, (unsigned)of->severity & 127);
	p = wire_optional(p, LogRecord_severity_text_tag, &r->severity_text);
	if (of->body.type != OTEL_EMPTY)
		p = value_put(wire_length(p, LogRecord_body_tag, r->body), &of->body, VALUE_UNLIMITED);
	p = attrs_put(p, of->attrs, of->attr_count, LogRecord_attributes_tag, logrec.limits);
	if (r->dropped)
		p = wire_int(p, LogRecord_dropped_attributes_count_tag, r->dropped);
	if (r->has_context)
		p = put_context(p, &r->context);
	p = wire_fixed64(wire_tag(p, LogRecord_observed_time_unix_nano_tag, WIRE_FIXED64), (uint64_t)now);
	return wire_optional(p, LogRecord_event_name_tag, &r->event_name);
}

void otel_emit(const struct otel_record *of)
{
	struct record r;
	size_t n;
	char *p;

	if (!logrec_wanted())
		return;
	logrec.count.made++;
	prepare(&r, of);
	n = record_size(&r);
	if (n > OTEL_LOG_BYTES_MAX)
		logrec.count.dropped[DROP_SIZE]++;
	else if (!(p = spool_open(&log_spool, n, scope_index(of->scope), 0)))
		logrec.count.dropped[DROP_SPOOL]++;
	else
		put_record(p, &r);
}

bool otel_log_enabled(void)
{
	return logrec_wanted();
}
