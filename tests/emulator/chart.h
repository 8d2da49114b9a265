// SPDX-License-Identifier: MIT
// The columns of a waterfall, from left to right: the tree with the span's name, kind, duration, and the bar, which takes
// what is left. A bar is drawn in half columns, at least one, so that the shortest span still shows where it was.
#pragma once
#include "ink.h"
#include "trace.h"

struct chart {
	FILE *out;
	const struct ink_style *style;
	uint64_t start, length; // ns
	unsigned names, kinds, durations, bars;
	bool ms; // the unit is ms, not us
};

enum sign {
	SIGN_FULL,
	SIGN_LEFT,
	SIGN_RIGHT,
	SIGN_EVENT,
	SIGN_TICK,
	SIGN_AXIS,
	SIGN_TEE,
	SIGN_LAST,
	SIGN_DOWN,
	SIGN_ERROR,
	SIGN_LINK,
};

struct chart chart_of(const struct ink_style *style, FILE *out, const struct trace *t);
const char *chart_sign(const struct chart *c, enum sign s);
void chart_ink(const struct chart *c, enum ink i, const char *text);
void chart_pad(const struct chart *c, size_t used, size_t columns);
unsigned chart_duration(char *to, size_t size, const struct chart *c, uint64_t ns);    // columns
unsigned chart_guides(const struct chart *c, const struct trace_row *row, bool below); // columns used
double chart_half_columns(const struct chart *c, uint64_t time);
void chart_bar(const struct chart *c, const struct span *s);
void chart_axis(const struct chart *c);
uint64_t span_length(const struct span *s);
const char *kind_name(unsigned kind);
enum ink kind_ink(const struct span *s);
