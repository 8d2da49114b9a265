// SPDX-License-Identifier: MIT
#include "waterfall.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "trace.h"

static void put_hex(char *to, size_t size, struct slice id)
{
	size_t n = id.n < (size - 1) / 2 ? id.n : (size - 1) / 2;

	*to = 0;
	for (size_t i = 0; i < n; i++)
		snprintf(to + 2 * i, 3, "%02x", (unsigned char)id.p[i]);
}

static void put_event(const struct chart *c, const struct trace_row *row, const struct span_event *e)
{
	unsigned used = chart_guides(c, row, true), at = (unsigned)chart_half_columns(c, e->time) / 2;
	unsigned name_columns = c->names + 2 + c->kinds;
	char offset[40];

	chart_ink(c, INK_YELLOW, chart_sign(c, SIGN_EVENT));
	putc(' ', c->out);
	used += 2;
	used += (unsigned)text_print(c->out, e->name, c->style, used < name_columns ? name_columns - used : 8);
	unsigned columns = chart_duration(offset, sizeof offset, c, e->time > c->start ? e->time - c->start : 0);
	chart_pad(c, used, name_columns + 1 + c->durations - (columns + 1 < c->durations ? columns + 1 : c->durations));
	fprintf(c->out, "+%s", offset);
	chart_pad(c, 0, 2 + (at < c->bars ? at : c->bars - 1));
	chart_ink(c, INK_YELLOW, chart_sign(c, SIGN_EVENT));
	putc('\n', c->out);

	struct flow f = { .chart = c, .row = row };
	flow_attributes(&f, &e->attributes);
	flow_end(&f);
}

static void put_link(const struct chart *c, const struct trace_row *row, const struct span_link *l)
{
	struct flow f = { .chart = c, .row = row };
	char ids[2][40];

	put_hex(ids[0], sizeof ids[0], l->trace_id);
	put_hex(ids[1], sizeof ids[1], l->span_id);
	flow_line(&f);
	flow_text(&f, slice_of(chart_sign(c, SIGN_LINK)), INK_MAGENTA);
	flow_text(&f, slice_of(" link"), INK_PLAIN);
	flow_pair(&f, slice_of("trace"), slice_of(ids[0]), INK_PLAIN);
	flow_pair(&f, slice_of("span"), slice_of(ids[1]), INK_PLAIN);
	flow_attributes(&f, &l->attributes);
	flow_end(&f);
}

static void put_status(struct flow *f, const struct span *s)
{
	if (s->status == STATUS_OK)
		flow_pair(f, slice_of("status"), slice_of("ok"), INK_GREEN);
	if (s->status != STATUS_ERROR)
		return;
	flow_line(f);
	flow_text(f, slice_of(chart_sign(f->chart, SIGN_ERROR)), INK_RED);
	flow_text(f, slice_of(" error"), INK_RED);
	if (s->status_message.n) {
		flow_text(f, slice_of(": "), INK_RED);
		flow_text(f, s->status_message, INK_RED);
	}
	flow_end(f);
}

static void put_place(struct flow *f, const struct trace_row *row)
{
	char parent[40], why[120];

	put_hex(parent, sizeof parent, row->span->parent_span_id);
	if (row->place == ROW_ORPHAN && (row->span->flags & 0x300) == 0x300)
		snprintf(why, sizeof why, "continues remote span %s", parent);
	else if (row->place == ROW_ORPHAN)
		snprintf(why, sizeof why, "parent %s is not among these spans", parent);
	else if (row->place == ROW_CIRCLE)
		snprintf(why, sizeof why, "parent %s leads back to this span", parent);
	else
		return;
	flow_line(f);
	flow_text(f, slice_of(why), INK_DIM);
	flow_end(f);
}

static void put_dropped(struct flow *f, const char *what, uint32_t n)
{
	char count[24];

	snprintf(count, sizeof count, "%" PRIu32, n);
	if (n)
		flow_pair(f, slice_of(what), slice_of(count), INK_YELLOW);
}

static void put_row(const struct chart *c, const struct trace_row *row)
{
	const struct span *s = row->span;
	unsigned used = chart_guides(c, row, false);
	char duration[40];

	ink_on(c->out, c->style, INK_BOLD);
	used += (unsigned)text_print(c->out, s->name.n ? s->name : slice_of("(no name)"), c->style,
	                             c->names > used ? c->names - used : 1);
	ink_off(c->out, c->style, INK_BOLD);
	chart_pad(c, used, c->names + 2);
	chart_ink(c, kind_ink(s), kind_name(s->kind));
	chart_pad(c, strlen(kind_name(s->kind)), c->kinds + 1);
	chart_pad(c, chart_duration(duration, sizeof duration, c, span_length(s)), c->durations);
	fputs(duration, c->out);
	fputs("  ", c->out);
	chart_bar(c, s);

	struct flow f = { .chart = c, .row = row };
	put_place(&f, row);
	put_status(&f, s);
	flow_attributes(&f, &s->attributes);
	if (s->trace_state.n)
		flow_pair(&f, slice_of("tracestate"), s->trace_state, INK_PLAIN);
	put_dropped(&f, "events dropped", s->dropped_events);
	put_dropped(&f, "links dropped", s->dropped_links);
	flow_end(&f);
	for (size_t i = 0; i < s->n_events; i++)
		put_event(c, row, &s->events[i]);
	for (size_t i = 0; i < s->n_links; i++)
		put_link(c, row, &s->links[i]);
}

static void put_heading(const struct chart *c, const struct trace *t)
{
	char id[40], length[40];
	size_t errors = 0;
	bool cold = false;

	for (size_t i = 0; i < t->n; i++) {
		const struct value *v = attributes_get(&t->rows[i].span->attributes, "faas.coldstart");
		errors += t->rows[i].span->status == STATUS_ERROR;
		cold |= v && v->type == VALUE_BOOL && v->yes;
	}
	put_hex(id, sizeof id, t->id);
	chart_duration(length, sizeof length, c, c->length);
	chart_ink(c, INK_BOLD, "trace ");
	fprintf(c->out, "%s  %zu span%s  %s", id, t->n, t->n == 1 ? "" : "s", length);
	if (cold) {
		fputs("  ", c->out);
		chart_ink(c, INK_BADGE, c->style->colour ? " COLD START " : "COLD START");
	}
	if (errors) {
		ink_on(c->out, c->style, INK_RED);
		fprintf(c->out, "  %zu error%s", errors, errors == 1 ? "" : "s");
		ink_off(c->out, c->style, INK_RED);
	}
	putc('\n', c->out);
}

static void put_resource(struct waterfall *w, FILE *out, const struct span *s)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	if (!to)
		return;
	struct chart c = { .out = to, .style = &w->style };
	struct flow f = { .chart = &c };
	chart_ink(&c, INK_BOLD, "resource\n");
	flow_attributes(&f, &s->resource->attributes);
	if (s->scope->name.n)
		flow_pair(&f, slice_of("scope"), s->scope->name, INK_PLAIN);
	if (s->scope->version.n)
		flow_pair(&f, slice_of("scope.version"), s->scope->version, INK_PLAIN);
	flow_attributes(&f, &s->scope->attributes);
	flow_end(&f);
	fclose(to);
	if (w->resource && !strcmp(w->resource, text)) {
		free(text);
		return;
	}
	fputs(text, out);
	free(w->resource);
	w->resource = text;
}

void waterfall_problems(const struct waterfall *w, FILE *out, const struct otlp *o)
{
	struct chart c = { .out = out, .style = &w->style };

	for (size_t i = 0; i < o->n_problems && i < OTLP_PROBLEMS; i++) {
		chart_ink(&c, INK_YELLOW, "! against OTLP: ");
		text_print(out, slice_of(o->problems[i]), c.style, OTLP_PROBLEM_SIZE);
		putc('\n', out);
	}
	if (o->n_problems > OTLP_PROBLEMS)
		fprintf(out, "! and %zu more\n", o->n_problems - OTLP_PROBLEMS);
}

void waterfall_print(struct waterfall *w, FILE *out, const struct span *const *spans, size_t n)
{
	struct traces traces;

	if (!traces_of(&traces, spans, n)) {
		fputs("no memory to draw the trace\n", out);
		return;
	}
	for (size_t i = 0; i < traces.n; i++) {
		const struct trace *t = &traces.at[i];
		struct chart c = chart_of(&w->style, out, t);
		put_heading(&c, t);
		put_resource(w, out, t->rows[0].span);
		chart_axis(&c);
		for (size_t r = 0; r < t->n; r++)
			put_row(&c, &t->rows[r]);
	}
	traces_free(&traces);
}

void waterfall_free(struct waterfall *w)
{
	free(w->resource);
	w->resource = NULL;
}
