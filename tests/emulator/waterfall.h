// SPDX-License-Identifier: MIT
// A trace drawn for people: a tree by parent span id, each span's bar on one time axis, attributes and events below.
#pragma once
#include "ink.h"
#include "otlp_decode.h"

struct waterfall {
	struct ink_style style;
	char *resource; // as last shown: it is shown again only when it changes; freed by waterfall_free
};

void waterfall_print(struct waterfall *w, FILE *out, const struct span *const *spans, size_t n);
void waterfall_problems(const struct waterfall *w, FILE *out, const struct otlp *o); // a line each; none if all is well
void waterfall_free(struct waterfall *w);
