// SPDX-License-Identifier: MIT
// The detail below a span, or below a heading: pairs side by side as long as they fit, text broken at the edge.
#pragma once
#include "chart.h"

struct flow {
	const struct chart *chart;
	const struct trace_row *row; // NULL: indented by two, below a heading
	unsigned column;             // 0: the line is not begun
	unsigned indent;
};

void flow_line(struct flow *f); // begins one
void flow_end(struct flow *f);
void flow_text(struct flow *f, struct slice s, enum ink i);
void flow_pair(struct flow *f, struct slice key, struct slice value, enum ink i);
void flow_attributes(struct flow *f, const struct attributes *a);
struct slice slice_of(const char *text);
