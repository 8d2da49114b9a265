// SPDX-License-Identifier: MIT
// Spans of one trace in the order in which a reader wants them: a parent before its children, siblings by start time.
// Spans may come from several requests; they are borrowed and must outlive the rows.
#pragma once
#include "otlp_decode.h"

enum row_place {
	ROW_ROOT,   // no parent id
	ROW_CHILD,  // below its parent
	ROW_ORPHAN, // its parent is not among the spans given: remote, not exported yet, or lost
	ROW_CIRCLE, // its parents lead back to itself
};

struct trace_row {
	const struct span *span;
	enum row_place place;
	unsigned depth;
	bool last; // no sibling follows
	bool has_children;
	uint64_t guides; // bit d: an ancestor at depth d has a sibling still to come
};

struct trace {
	struct slice id;
	uint64_t start, end; // the earliest and the latest time of its spans and events
	struct trace_row *rows;
	size_t n;
};

struct traces {
	struct trace *at;
	size_t n;
	void *memory; // private
};

bool traces_of(struct traces *t, const struct span *const *spans, size_t n); // false: out of memory
void traces_free(struct traces *t);
