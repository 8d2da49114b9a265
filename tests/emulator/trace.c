// SPDX-License-Identifier: MIT
// Nodes are sorted by trace and start time. Parents are found in an index sorted by trace and span id; children hang on
// their parent as a list. The walk climbs by parent instead of recursing, so that a chain of any length is harmless,
// and a span whose parents form a circle, which no root reaches, is started from by itself.
#include "trace.h"

#include <stdlib.h>
#include <string.h>

enum { GUIDES = 64 };

struct node {
	const struct span *span;
	size_t order; // as given; qsort is not stable
	struct node *parent, *child, *sibling;
	bool seen;
};

static int by_slice(struct slice a, struct slice b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;

	return c ? c : (a.n > b.n) - (a.n < b.n);
}

static int by_start(const void *x, const void *y)
{
	const struct node *a = x, *b = y;
	int c = by_slice(a->span->trace_id, b->span->trace_id);

	if (c)
		return c;
	if (a->span->start != b->span->start)
		return a->span->start < b->span->start ? -1 : 1;
	return (a->order > b->order) - (a->order < b->order);
}

static int by_id(const void *x, const void *y)
{
	const struct node *const *a = x, *const *b = y;
	int c = by_slice((*a)->span->trace_id, (*b)->span->trace_id);

	return c ? c : by_slice((*a)->span->span_id, (*b)->span->span_id);
}

static struct node *find_parent(struct node **index, size_t n, const struct node *of)
{
	struct span wanted = { .trace_id = of->span->trace_id, .span_id = of->span->parent_span_id };
	struct node key = { .span = &wanted };
	struct node *k = &key, **found;

	if (!wanted.span_id.n)
		return NULL;
	found = bsearch(&k, index, n, sizeof *index, by_id);
	return found ? *found : NULL;
}

static void link_parents(struct node *nodes, struct node **index, size_t n)
{
	for (size_t i = 0; i < n; i++)
		index[i] = &nodes[i];
	qsort(index, n, sizeof *index, by_id);
	for (size_t i = n; i--;) { // backwards: the list then starts with the earliest
		struct node *parent = find_parent(index, n, &nodes[i]);
		nodes[i].parent = parent;
		if (parent) {
			nodes[i].sibling = parent->child;
			parent->child = &nodes[i];
		}
	}
}

static struct node *unseen(struct node *n)
{
	while (n && n->seen)
		n = n->sibling;
	return n;
}

static void add_row(struct trace *t, struct node *n, enum row_place place, unsigned depth, uint64_t guides, bool last)
{
	n->seen = true;
	t->rows[t->n++] = (struct trace_row){
		.span = n->span,
		.place = place,
		.depth = depth,
		.last = last,
		.has_children = unseen(n->child) != NULL,
		.guides = guides,
	};
}

static void add_tree(struct trace *t, struct node *root, enum row_place place)
{
	struct node *at = root, *next;
	unsigned depth = 0;
	uint64_t guides = 0;

	add_row(t, root, place, 0, 0, true);
	for (;;) {
		if ((next = unseen(at->child))) {
			depth++;
		} else {
			while (at != root && !(next = unseen(at->sibling))) {
				at = at->parent;
				depth--;
			}
			if (at == root)
				return;
		}
		bool last = !unseen(next->sibling);
		if (depth < GUIDES) {
			guides &= ((uint64_t)1 << depth) - 1;
			guides |= last ? 0 : (uint64_t)1 << depth;
		}
		add_row(t, next, ROW_CHILD, depth, guides, last);
		at = next;
	}
}

static void extend(struct trace *t, uint64_t time)
{
	if (time && (!t->start || time < t->start))
		t->start = time;
	if (time > t->end)
		t->end = time;
}

static void add_trace(struct trace *t, struct node *nodes, size_t n)
{
	t->id = nodes->span->trace_id;
	for (size_t i = 0; i < n; i++) {
		extend(t, nodes[i].span->start);
		extend(t, nodes[i].span->end);
		for (size_t e = 0; e < nodes[i].span->n_events; e++)
			extend(t, nodes[i].span->events[e].time);
	}
	for (size_t i = 0; i < n; i++)
		if (!nodes[i].parent)
			add_tree(t, &nodes[i], nodes[i].span->parent_span_id.n ? ROW_ORPHAN : ROW_ROOT);
	for (size_t i = 0; i < n; i++)
		if (!nodes[i].seen)
			add_tree(t, &nodes[i], ROW_CIRCLE);
}

bool traces_of(struct traces *t, const struct span *const *spans, size_t n)
{
	struct node *nodes = calloc(n + 1, sizeof *nodes), **index = calloc(n + 1, sizeof *index);
	struct trace_row *rows = calloc(n + 1, sizeof *rows);

	*t = (struct traces){ .at = calloc(n + 1, sizeof *t->at), .memory = rows };
	bool ok = nodes && index && rows && t->at;
	for (size_t i = 0; ok && i < n; i++)
		nodes[i] = (struct node){ .span = spans[i], .order = i };
	if (ok) {
		qsort(nodes, n, sizeof *nodes, by_start);
		link_parents(nodes, index, n);
	}
	for (size_t i = 0, end; ok && i < n; i = end) {
		for (end = i + 1; end < n && !by_slice(nodes[i].span->trace_id, nodes[end].span->trace_id);)
			end++;
		t->at[t->n].rows = rows + i;
		add_trace(&t->at[t->n++], nodes + i, end - i);
	}
	free(index);
	free(nodes);
	if (!ok)
		traces_free(t);
	return ok;
}

void traces_free(struct traces *t)
{
	free(t->memory);
	free(t->at);
	*t = (struct traces){ 0 };
}
