// SPDX-License-Identifier: MIT
// Columns from left to right: the tree with the span's name, kind, duration, and the bar, which takes what is left.
// A bar is drawn in half columns, at least one, so that the shortest span still shows where it was.
#include "waterfall.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "trace.h"
#include "value_text.h"

enum {
	NAME_LEAST = 16,
	BAR_LEAST = 16,
	DEPTH_DRAWN = 6,  // deeper spans are not indented any further
};

struct chart {
	FILE *out;
	const struct ink_style *style;
	uint64_t start, length;  // ns
	unsigned names, kinds, durations, bars;
	bool ms;                 // the unit is ms, not us
};

enum sign { SIGN_FULL, SIGN_LEFT, SIGN_RIGHT, SIGN_EVENT, SIGN_TICK, SIGN_AXIS, SIGN_TEE, SIGN_LAST, SIGN_DOWN, SIGN_ERROR, SIGN_LINK };

static const char *sign(const struct chart *c, enum sign s)
{
	static const char *const signs[][2] = {
		[SIGN_FULL] = { "━", "=" },   [SIGN_LEFT] = { "╸", "=" },   [SIGN_RIGHT] = { "╺", "=" }, [SIGN_EVENT] = { "◆", "*" },
		[SIGN_TICK] = { "┬", "+" },   [SIGN_AXIS] = { "─", "-" },   [SIGN_TEE] = { "├─ ", "+- " }, [SIGN_LAST] = { "└─ ", "`- " },
		[SIGN_DOWN] = { "│  ", "|  " }, [SIGN_ERROR] = { "✗", "!" }, [SIGN_LINK] = { "→", ">" },
	};

	return signs[s][c->style->ascii];
}

static void ink(const struct chart *c, enum ink i, const char *text)
{
	ink_on(c->out, c->style, i);
	fputs(text, c->out);
	ink_off(c->out, c->style, i);
}

static void pad(const struct chart *c, size_t used, size_t columns)
{
	for (; used < columns; used++)
		putc(' ', c->out);
}

// One unit for the whole trace, so that the column reads as one: microseconds with a decimal, or milliseconds with three.
static unsigned put_duration(char *to, size_t size, const struct chart *c, uint64_t ns)
{
	const char *unit = c->style->ascii ? "us" : "µs";
	int n = c->ms ? snprintf(to, size, "%.3f ms", (double)ns / 1e6) : snprintf(to, size, "%.1f %s", (double)ns / 1e3, unit);

	return (unsigned)n - (!c->ms && !c->style->ascii);  // µ is two bytes and one column
}

static uint64_t span_length(const struct span *s)
{
	return s->end > s->start ? s->end - s->start : 0;
}

static const char *kind_name(unsigned kind)
{
	static const char *const names[] = { "kind ?", "internal", "server", "client", "producer", "consumer" };

	return names[kind <= KIND_CONSUMER ? kind : KIND_UNSPECIFIED];
}

static enum ink kind_ink(const struct span *s)
{
	static const enum ink inks[] = { INK_PLAIN, INK_GREEN, INK_CYAN, INK_MAGENTA, INK_YELLOW, INK_YELLOW };

	if (s->status == STATUS_ERROR)
		return INK_RED;
	return s->kind <= KIND_CONSUMER ? inks[s->kind] : INK_PLAIN;
}

// What stands left of a row: one step for each ancestor that has more to come. Returns the columns used.
static unsigned put_guides(const struct chart *c, const struct trace_row *row, bool below)
{
	unsigned depth = row->depth < DEPTH_DRAWN ? row->depth : DEPTH_DRAWN;

	ink_on(c->out, c->style, INK_DIM);
	for (unsigned d = 1; d <= depth; d++) {
		bool more = d < 64 && row->guides >> d & 1;
		if (d == depth && !below)
			fputs(sign(c, row->last ? SIGN_LAST : SIGN_TEE), c->out);
		else
			fputs(more ? sign(c, SIGN_DOWN) : "   ", c->out);
	}
	if (below)
		fputs(row->has_children && depth < DEPTH_DRAWN ? sign(c, SIGN_DOWN) : "   ", c->out);
	ink_off(c->out, c->style, INK_DIM);
	return 3 * (depth + below);
}

static double half_columns(const struct chart *c, uint64_t time)
{
	double at = time > c->start ? (double)(time - c->start) : 0;

	return at / (double)c->length * 2 * c->bars;
}

static void put_bar(const struct chart *c, const struct span *s)
{
	unsigned halves = 2 * c->bars, from = (unsigned)half_columns(c, s->start);
	double end = half_columns(c, s->end);
	unsigned to = (unsigned)end + ((double)(unsigned)end < end);

	if (from >= halves)
		from = halves - 1;
	if (to <= from)
		to = from + 1;
	pad(c, 0, from / 2);
	ink_on(c->out, c->style, kind_ink(s));
	for (unsigned i = from / 2; 2 * i < to; i++) {
		bool left = 2 * i >= from, right = 2 * i + 1 < to;
		fputs(sign(c, left && right ? SIGN_FULL : left ? SIGN_LEFT : SIGN_RIGHT), c->out);
	}
	ink_off(c->out, c->style, kind_ink(s));
	putc('\n', c->out);
}

// A row of the detail below a span: pairs side by side as long as they fit.
struct flow {
	const struct chart *chart;
	const struct trace_row *row;  // NULL: indented by two, below a heading
	unsigned column;              // 0: the line is not begun
	unsigned indent;
};

static void flow_line(struct flow *f)
{
	if (f->column)
		putc('\n', f->chart->out);
	if (f->row)
		f->indent = put_guides(f->chart, f->row, true);
	else
		pad(f->chart, 0, f->indent = 2);
	f->column = f->indent;
}

static void flow_end(struct flow *f)
{
	if (f->column)
		putc('\n', f->chart->out);
	f->column = 0;
}

// Text longer than a line is broken at the edge, never cut: a stack trace or an ARN has to be readable to its end.
static void flow_text(struct flow *f, struct slice s, enum ink i)
{
	const struct chart *c = f->chart;
	struct glyph g;

	ink_on(c->out, c->style, i);
	while (s.n) {
		s = glyph_next(s, c->style, &g);
		if (f->column + g.columns > c->style->width) {
			ink_off(c->out, c->style, i);
			flow_line(f);
			ink_on(c->out, c->style, i);
		}
		fputs(g.text, c->out);
		f->column += g.columns;
	}
	ink_off(c->out, c->style, i);
}

static struct slice slice_of(const char *text)
{
	return (struct slice){ text, strlen(text) };
}

static void flow_pair(struct flow *f, struct slice key, struct slice value, enum ink i)
{
	const struct ink_style *style = f->chart->style;
	size_t needs = text_columns(key, style) + 1 + text_columns(value, style);

	if (!f->column || (f->column > f->indent && needs + 2 > style->width - f->column)) {
		flow_line(f);
	} else if (f->column > f->indent) {
		fputs("  ", f->chart->out);
		f->column += 2;
	}
	flow_text(f, key, INK_DIM);
	flow_text(f, slice_of("="), INK_DIM);
	flow_text(f, value, i);
}

static void flow_attributes(struct flow *f, const struct attributes *a)
{
	char count[24];

	for (size_t i = 0; i < a->n; i++) {
		const struct value *v = &a->at[i].value;
		struct slice text = { 0 };
		char *memory = value_text(v, &text.n);
		text.p = memory ? memory : "";
		bool cold = slice_is(a->at[i].key, "faas.coldstart") && v->type == VALUE_BOOL && v->yes;
		flow_pair(f, a->at[i].key, text, cold ? INK_CYAN : INK_PLAIN);
		free(memory);
	}
	if (a->dropped) {
		snprintf(count, sizeof count, "%" PRIu32, a->dropped);
		flow_pair(f, slice_of("attributes dropped"), slice_of(count), INK_YELLOW);
	}
}

static void put_hex(char *to, size_t size, struct slice id)
{
	size_t n = id.n < (size - 1) / 2 ? id.n : (size - 1) / 2;

	*to = 0;
	for (size_t i = 0; i < n; i++)
		snprintf(to + 2 * i, 3, "%02x", (unsigned char)id.p[i]);
}

static void put_event(const struct chart *c, const struct trace_row *row, const struct span_event *e)
{
	unsigned used = put_guides(c, row, true), at = (unsigned)half_columns(c, e->time) / 2;
	unsigned name_columns = c->names + 2 + c->kinds;
	char offset[40];

	ink(c, INK_YELLOW, sign(c, SIGN_EVENT));
	putc(' ', c->out);
	used += 2;
	used += (unsigned)text_print(c->out, e->name, c->style, used < name_columns ? name_columns - used : 8);
	unsigned columns = put_duration(offset, sizeof offset, c, e->time > c->start ? e->time - c->start : 0);
	pad(c, used, name_columns + 1 + c->durations - (columns + 1 < c->durations ? columns + 1 : c->durations));
	fprintf(c->out, "+%s", offset);
	pad(c, 0, 2 + (at < c->bars ? at : c->bars - 1));
	ink(c, INK_YELLOW, sign(c, SIGN_EVENT));
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
	flow_text(&f, slice_of(sign(c, SIGN_LINK)), INK_MAGENTA);
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
	flow_text(f, slice_of(sign(f->chart, SIGN_ERROR)), INK_RED);
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
	unsigned used = put_guides(c, row, false);
	char duration[40];

	ink_on(c->out, c->style, INK_BOLD);
	used += (unsigned)text_print(c->out, s->name.n ? s->name : slice_of("(no name)"), c->style,
				     c->names > used ? c->names - used : 1);
	ink_off(c->out, c->style, INK_BOLD);
	pad(c, used, c->names + 2);
	ink(c, kind_ink(s), kind_name(s->kind));
	pad(c, strlen(kind_name(s->kind)), c->kinds + 1);
	pad(c, put_duration(duration, sizeof duration, c, span_length(s)), c->durations);
	fputs(duration, c->out);
	fputs("  ", c->out);
	put_bar(c, s);

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

static unsigned most(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

static struct chart chart_of(const struct waterfall *w, FILE *out, const struct trace *t)
{
	struct chart c = { .out = out, .style = &w->style, .start = t->start, .names = NAME_LEAST };
	char text[40];

	c.length = t->end > t->start ? t->end - t->start : 1;
	c.ms = c.length >= 1000000;
	for (size_t i = 0; i < t->n; i++) {
		const struct trace_row *r = &t->rows[i];
		unsigned depth = r->depth < DEPTH_DRAWN ? r->depth : DEPTH_DRAWN;
		size_t columns = text_columns(r->span->name, c.style);
		c.names = most(c.names, 3 * depth + (columns < 100 ? (unsigned)columns : 100));
		c.kinds = most(c.kinds, (unsigned)strlen(kind_name(r->span->kind)));
		c.durations = most(c.durations, put_duration(text, sizeof text, &c, span_length(r->span)));
		for (size_t e = 0; e < r->span->n_events; e++)
			c.durations = most(c.durations, 1 + put_duration(text, sizeof text, &c, r->span->events[e].time - c.start));
	}
	unsigned fixed = 2 + c.kinds + 1 + c.durations + 2;
	unsigned shared = w->style.width - (fixed < w->style.width ? fixed : w->style.width);
	unsigned names_most = most(NAME_LEAST, shared / 2);
	c.names = c.names < names_most ? c.names : names_most;
	c.bars = most(BAR_LEAST, shared - (c.names < shared ? c.names : shared));
	return c;
}

// A tick about every 10 columns, at a step of 1, 2 or 5 times a power of ten.
static void put_axis(const struct chart *c)
{
	double unit = c->ms ? 1e6 : 1e3, total = (double)c->length / unit, step = 1e-3;
	unsigned ticks = c->bars / 10, at = 0;

	for (int i = 0; total / step > (ticks ? ticks : 1); i++)
		step *= i % 3 == 1 ? 2.5 : 2;
	pad(c, 0, c->names + 2 + c->kinds + 1 + c->durations + 2);
	ink_on(c->out, c->style, INK_DIM);
	for (unsigned i = 0; at < c->bars; i++) {
		char label[40];
		unsigned from = (unsigned)(step * i / total * c->bars), n;
		if (from >= c->bars)
			break;
		for (; at < from; at++)
			fputs(sign(c, SIGN_AXIS), c->out);
		n = (unsigned)snprintf(label, sizeof label, "%g%s", step * i, i ? "" : c->ms ? " ms" : c->style->ascii ? " us" : " µs");
		n -= !i && !c->ms && !c->style->ascii;
		if (n + 1 > c->bars - at)
			break;
		fputs(sign(c, SIGN_TICK), c->out);
		fputs(label, c->out);
		at += 1 + n;
	}
	for (; at < c->bars; at++)
		fputs(sign(c, SIGN_AXIS), c->out);
	ink_off(c->out, c->style, INK_DIM);
	putc('\n', c->out);
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
	put_duration(length, sizeof length, c, c->length);
	ink(c, INK_BOLD, "trace ");
	fprintf(c->out, "%s  %zu span%s  %s", id, t->n, t->n == 1 ? "" : "s", length);
	if (cold) {
		fputs("  ", c->out);
		ink(c, INK_BADGE, c->style->colour ? " COLD START " : "COLD START");
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
	ink(&c, INK_BOLD, "resource\n");
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
		ink(&c, INK_YELLOW, "! against OTLP: ");
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
		struct chart c = chart_of(w, out, t);
		put_heading(&c, t);
		put_resource(w, out, t->rows[0].span);
		put_axis(&c);
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
