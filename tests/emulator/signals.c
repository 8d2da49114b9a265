// SPDX-License-Identifier: MIT
#include "signals.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "flow.h"
#include "value_text.h"

static void put_word(struct flow *f, struct slice s, enum ink i)
{
	if (!s.n)
		return;
	if (f->column > f->indent)
		flow_text(f, slice_of(" "), INK_PLAIN);
	flow_text(f, s, i);
}

static void put_real(struct flow *f, const char *key, double v)
{
	char text[40];

	snprintf(text, sizeof text, "%.10g", v);
	flow_pair(f, slice_of(key), slice_of(text), INK_CYAN);
}

static void put_value(struct flow *f, const struct data_point *p)
{
	char text[40];

	if (p->kind[0] == 'h' || p->kind[0] == 'e') {
		snprintf(text, sizeof text, "%" PRIu64, p->count);
		flow_pair(f, slice_of("count"), slice_of(text), INK_CYAN);
		if (p->has_sum)
			put_real(f, "sum", p->sum);
		if (p->has_min)
			put_real(f, "min", p->min);
		if (p->has_max)
			put_real(f, "max", p->max);
	} else if (p->is_int) {
		snprintf(text, sizeof text, "%" PRId64, p->integer);
		flow_pair(f, slice_of("value"), slice_of(text), INK_CYAN);
	} else {
		put_real(f, "value", p->real);
	}
}

static void put_point(const struct chart *c, const struct data_point *p)
{
	static const char *const temporalities[] = { "", "delta", "cumulative" };
	struct flow f = { .chart = c };

	flow_line(&f);
	put_word(&f, p->metric, INK_BOLD);
	put_word(&f, p->unit, INK_DIM);
	put_word(&f, slice_of(p->kind), INK_DIM);
	put_word(&f, slice_of(p->temporality < 3 ? temporalities[p->temporality] : "temporality?"), INK_DIM);
	put_value(&f, p);
	flow_attributes(&f, &p->attributes);
	flow_end(&f);
}

static void put_record(const struct chart *c, const struct log_record *r)
{
	static const char *const levels[] = { "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL" };
	struct flow f = { .chart = c };
	uint64_t ns = r->time ? r->time : r->observed;
	time_t seconds = (time_t)(ns / 1000000000);
	enum ink ink = r->severity > 16 ? INK_RED : r->severity > 12 ? INK_YELLOW : INK_GREEN;
	struct slice body = { 0 };
	char text[40];
	struct tm t;

	gmtime_r(&seconds, &t);
	snprintf(text, sizeof text, "%02d:%02d:%02d.%03u", t.tm_hour, t.tm_min, t.tm_sec, (unsigned)(ns / 1000000 % 1000));
	flow_line(&f);
	put_word(&f, slice_of(text), INK_DIM);
	put_word(&f, slice_of(r->severity && r->severity <= 24 ? levels[(r->severity - 1) / 4] : "-"), ink);
	put_word(&f, r->event_name, INK_BOLD);
	char *memory = NULL;
	if (r->body.type == VALUE_STRING)
		body = r->body.text;
	else if (r->body.type && (memory = value_text(&r->body, &body.n)))
		body.p = memory;
	put_word(&f, body, INK_PLAIN);
	flow_attributes(&f, &r->attributes);
	flow_end(&f);
	free(memory);
}

static void put_heading(const struct chart *c, const char *what, size_t n, const char *one)
{
	chart_ink(c, INK_BOLD, what);
	fprintf(c->out, "  %zu %s%s\n", n, one, n == 1 ? "" : "s");
}

void signals_print(const struct ink_style *style, FILE *out, const struct otlp *o)
{
	struct chart c = { .out = out, .style = style };

	if (o->n_records)
		put_heading(&c, "logs", o->n_records, "record");
	for (size_t i = 0; i < o->n_records; i++)
		put_record(&c, &o->records[i]);
	if (o->n_points)
		put_heading(&c, "metrics", o->n_points, "point");
	for (size_t i = 0; i < o->n_points; i++)
		put_point(&c, &o->points[i]);
}
