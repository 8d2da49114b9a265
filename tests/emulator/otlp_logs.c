// SPDX-License-Identifier: MIT
#include "otlp_read.h"

enum { SEVERITY_MOST = 24 };

static void check_record(struct otlp *o, const struct log_record *r)
{
	if (!r->observed)
		otlp_problem(o, "a log record has no observed time");
	if (r->severity > SEVERITY_MOST)
		otlp_problem(o, "a log record's severity is %u", r->severity);
	if (r->trace_id.n)
		otlp_id(o, "a log record's trace_id", r->trace_id, 16);
	if (r->span_id.n)
		otlp_id(o, "a log record's span_id", r->span_id, 8);
}

void otlp_read_record(struct otlp *o, struct log_record *r, struct slice message)
{
	struct wire w = wire_of(message);
	struct field f;

	otlp_attributes(o, &r->attributes, message, 6, 0);
	while (!o->error && wire_next(&w, &f)) {
		switch (F(f.number, f.type)) {
		case F(1, F64):  r->time = f.value; break;
		case F(2, V):    r->severity = (unsigned)otlp_u32(o, "a severity", f.value); break;
		case F(3, B):    r->severity_text = otlp_text(o, "a severity's text", f.bytes); break;
		case F(5, B):    otlp_any_value(o, &r->body, f.bytes); break;
		case F(6, B):    break;
		case F(7, V):    r->attributes.dropped = otlp_u32(o, "dropped_attributes_count", f.value); break;
		case F(8, F32):  break;
		case F(9, B):    r->trace_id = f.bytes; break;
		case F(10, B):   r->span_id = f.bytes; break;
		case F(11, F64): r->observed = f.value; break;
		case F(12, B):   r->event_name = otlp_text(o, "an event's name", f.bytes); break;
		default:         otlp_other(o, "LogRecord", &f, 12);
		}
	}
	otlp_finish(o, &w);
	if (!o->error)
		check_record(o, r);
}
