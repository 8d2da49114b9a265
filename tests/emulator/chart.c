// SPDX-License-Identifier: MIT
#include "chart.h"

#include <stdio.h>
#include <string.h>

enum {
	NAME_LEAST = 16,
	BAR_LEAST = 16,
	DEPTH_DRAWN = 6, // deeper spans are not indented any further
};

const char *chart_sign(const struct chart *c, enum sign s)
{
	static const char *const signs[][2] = {
		[SIGN_FULL] = { "━", "=" },    [SIGN_LEFT] = { "╸", "=" },     [SIGN_RIGHT] = { "╺", "=" },
		[SIGN_EVENT] = { "◆", "*" },   [SIGN_TICK] = { "┬", "+" },     [SIGN_AXIS] = { "─", "-" },
		[SIGN_TEE] = { "├─ ", "+- " }, [SIGN_LAST] = { "└─ ", "`- " }, [SIGN_DOWN] = { "│  ", "|  " },
		[SIGN_ERROR] = { "✗", "!" },   [SIGN_LINK] = { "→", ">" },
	};

	return signs[s][c->style->ascii];
}

void chart_ink(const struct chart *c, enum ink i, const char *text)
{
	ink_on(c->out, c->style, i);
	fputs(text, c->out);
	ink_off(c->out, c->style, i);
}

void chart_pad(const struct chart *c, size_t used, size_t columns)
{
	for (; used < columns; used++)
		putc(' ', c->out);
}

// One unit for the whole trace, so that the column reads as one: microseconds with a decimal, or milliseconds with three.
unsigned chart_duration(char *to, size_t size, const struct chart *c, uint64_t ns)
{
	const char *unit = c->style->ascii ? "us" : "µs";
	int n = c->ms ? snprintf(to, size, "%.3f ms", (double)ns / 1e6)
	              : snprintf(to, size, "%.1f %s", (double)ns / 1e3, unit);

	return (unsigned)n - (!c->ms && !c->style->ascii); // µ is two bytes and one column
}

uint64_t span_length(const struct span *s)
{
	return s->start && s->end > s->start ? s->end - s->start : 0;
}

const char *kind_name(unsigned kind)
{
	static const char *const names[] = { "kind ?", "internal", "server", "client", "producer", "consumer" };

	return names[kind <= KIND_CONSUMER ? kind : KIND_UNSPECIFIED];
}

enum ink kind_ink(const struct span *s)
{
	static const enum ink inks[] = { INK_PLAIN, INK_GREEN, INK_CYAN, INK_MAGENTA, INK_YELLOW, INK_YELLOW };

	if (s->status == STATUS_ERROR)
		return INK_RED;
	return s->kind <= KIND_CONSUMER ? inks[s->kind] : INK_PLAIN;
}

// What stands left of a row: one step for each ancestor that has more to come. Returns the columns used.
unsigned chart_guides(const struct chart *c, const struct trace_row *row, bool below)
{
	unsigned depth = row->depth < DEPTH_DRAWN ? row->depth : DEPTH_DRAWN;

	ink_on(c->out, c->style, INK_DIM);
	for (unsigned d = 1; d <= depth; d++) {
		bool more = d < 64 && row->guides >> d & 1;
		if (d == depth && !below)
			fputs(chart_sign(c, row->last ? SIGN_LAST : SIGN_TEE), c->out);
		else
			fputs(more ? chart_sign(c, SIGN_DOWN) : "   ", c->out);
	}
	if (below)
		fputs(row->has_children && depth < DEPTH_DRAWN ? chart_sign(c, SIGN_DOWN) : "   ", c->out);
	ink_off(c->out, c->style, INK_DIM);
	return 3 * (depth + below);
}

double chart_half_columns(const struct chart *c, uint64_t time)
{
	double at = time > c->start ? (double)(time - c->start) : 0;

	return at / (double)c->length * 2 * c->bars;
}

void chart_bar(const struct chart *c, const struct span *s)
{
	unsigned halves = 2 * c->bars, from = (unsigned)chart_half_columns(c, s->start);
	double end = chart_half_columns(c, s->end);
	unsigned to = (unsigned)end + ((double)(unsigned)end < end);

	if (from >= halves)
		from = halves - 1;
	if (to <= from)
		to = from + 1;
	chart_pad(c, 0, from / 2);
	ink_on(c->out, c->style, kind_ink(s));
	for (unsigned i = from / 2; 2 * i < to; i++) {
		bool left = 2 * i >= from, right = 2 * i + 1 < to;
		fputs(chart_sign(c, left && right ? SIGN_FULL : left ? SIGN_LEFT : SIGN_RIGHT), c->out);
	}
	ink_off(c->out, c->style, kind_ink(s));
	putc('\n', c->out);
}

static unsigned most(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

struct chart chart_of(const struct ink_style *style, FILE *out, const struct trace *t)
{
	struct chart c = { .out = out, .style = style, .start = t->start, .names = NAME_LEAST };
	char text[40];

	c.length = t->end > t->start ? t->end - t->start : 1;
	c.ms = c.length >= 1000000;
	for (size_t i = 0; i < t->n; i++) {
		const struct trace_row *r = &t->rows[i];
		unsigned depth = r->depth < DEPTH_DRAWN ? r->depth : DEPTH_DRAWN;
		size_t columns = text_columns(r->span->name, c.style);
		c.names = most(c.names, 3 * depth + (columns < 100 ? (unsigned)columns : 100));
		c.kinds = most(c.kinds, (unsigned)strlen(kind_name(r->span->kind)));
		c.durations = most(c.durations, chart_duration(text, sizeof text, &c, span_length(r->span)));
		for (size_t e = 0; e < r->span->n_events; e++)
			c.durations = most(c.durations,
			                   1 + chart_duration(text, sizeof text, &c, r->span->events[e].time - c.start));
	}
	unsigned fixed = 2 + c.kinds + 1 + c.durations + 2;
	unsigned shared = style->width - (fixed < style->width ? fixed : style->width);
	unsigned names_most = most(NAME_LEAST, shared / 2);
	c.names = c.names < names_most ? c.names : names_most;
	c.bars = most(BAR_LEAST, shared - (c.names < shared ? c.names : shared));
	return c;
}

// A tick about every 10 columns, at a step of 1, 2 or 5 times a power of ten.
void chart_axis(const struct chart *c)
{
	double unit = c->ms ? 1e6 : 1e3, total = (double)c->length / unit, step = 1e-3;
	unsigned ticks = c->bars / 10, at = 0;

	for (int i = 0; total / step > (ticks ? ticks : 1); i++)
		step *= i % 3 == 1 ? 2.5 : 2;
	chart_pad(c, 0, c->names + 2 + c->kinds + 1 + c->durations + 2);
	ink_on(c->out, c->style, INK_DIM);
	for (unsigned i = 0; at < c->bars; i++) {
		char label[40];
		unsigned from = (unsigned)(step * i / total * c->bars), n;
		if (from >= c->bars)
			break;
		for (; at < from; at++)
			fputs(chart_sign(c, SIGN_AXIS), c->out);
		n = (unsigned)snprintf(label, sizeof label, "%g%s", step * i,
		                       i                 ? ""
		                       : c->ms           ? " ms"
		                       : c->style->ascii ? " us"
		                                         : " µs");
		n -= !i && !c->ms && !c->style->ascii;
		if (n + 1 > c->bars - at)
			break;
		fputs(chart_sign(c, SIGN_TICK), c->out);
		fputs(label, c->out);
		at += 1 + n;
	}
	for (; at < c->bars; at++)
		fputs(chart_sign(c, SIGN_AXIS), c->out);
	ink_off(c->out, c->style, INK_DIM);
	putc('\n', c->out);
}
