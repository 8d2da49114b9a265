// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"
#include "source.h"

/*
 * Finished spans or log records, in wire form and in the order in which they came, but that those of one scope in one invocation stand together: a
 * run. Mostly there is one run. An item that is not of the last run moves what stands behind its own; that is a few kilobytes.
 *
 * What an invocation has put here begins at the mark, and runs do not cross it: taking it all back is to move one pointer. Before the mark stands what
 * earlier invocations have left, the oldest first: some of it held, because an exporter had no time for it (struct batch, kept).
 */
#define SPOOL_ITEM_TAG 2 /* ScopeSpans.spans, ScopeLogs.log_records */

/* With a scope: this item is not for those who get the others, and stands in a run of its own. */
#define SPOOL_APART 0x80u

/* Those of one scope, one behind another: as ScopeSpans has them. */
struct run {
	uint32_t at; /* in the room */
	unsigned char scope;
};

struct spool {
	char *room;
	size_t cap;
	size_t n, items;
	struct run runs[SIGNAL_SCOPES_MAX];
	unsigned run_count;

	size_t mark_n, mark_items;
	unsigned mark_runs;

	size_t held;    /* the first ones: every exporter but the one that kept them has seen them */
	size_t pinned;  /* the first ones: they are on their way, and stay where they are */
	size_t evicted; /* that made room for later ones, and were not held; whoever looks sets it to 0 */
	size_t evicted_held;
};

void spool_reset(struct spool *s, char *room, size_t cap);

/*
 * Room for an item of n bytes, tag and length written: where its content goes. reserve: bytes that must be left behind it. Where there is no room, the
 * oldest of what stands before the mark makes some. NULL: there is none.
 */
char *spool_open(struct spool *s, size_t n, unsigned scope, size_t reserve);

void spool_mark(struct spool *s);      /* an invocation begins: what it puts here comes behind */
void spool_take_back(struct spool *s); /* what stands behind the mark has never been */

void spool_items(const struct spool *s, struct signal_items *items);
void spool_drop(struct spool *s, size_t count); /* the first ones: they are accounted for */

/* Those apart, and the others without them, of which none is pinned. False: there are none. */
bool spool_apart(const struct spool *s, struct signal_items *items);
void spool_drop_apart(struct spool *s);

/* Whether later invocations need what is here gone. */
bool spool_half_full(const struct spool *s);
