// SPDX-License-Identifier: MIT
#include "flow.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "value_text.h"

void flow_line(struct flow *f)
{
	if (f->column)
		putc('\n', f->chart->out);
	if (f->row)
		f->indent = chart_guides(f->chart, f->row, true);
	else
		chart_pad(f->chart, 0, f->indent = 2);
	f->column = f->indent;
}

void flow_end(struct flow *f)
{
	if (f->column)
		putc('\n', f->chart->out);
	f->column = 0;
}

// Text longer than a line is broken at the edge, never cut: a stack trace or an ARN has to be readable to its end.
void flow_text(struct flow *f, struct slice s, enum ink i)
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

struct slice slice_of(const char *text)
{
	return (struct slice){ text, strlen(text) };
}

void flow_pair(struct flow *f, struct slice key, struct slice value, enum ink i)
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

void flow_attributes(struct flow *f, const struct attributes *a)
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
