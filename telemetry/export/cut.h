// SPDX-License-Identifier: MIT
#pragma once

#include "export/ship.h"

/*
 * A batch in runs that fit what carries them: a line, a datagram, a request. Cut between items, in their order, as full as may be.
 *
 *   struct cut cut = { .batch = b, .most = 49104 - cut_around(b) };
 *
 *   while (cut_next(&cut))
 *           send(&cut.run);
 */
struct cut {
	const struct batch *batch;
	size_t most;                                        /* what a run may weigh without what is around all scopes */
	size_t (*weigh_item)(enum signal signal, str item); /* NULL: bytes in wire form */
	size_t (*weigh_scope)(enum signal signal, str head);
	size_t scope, at; /* where the next run begins */

	struct signal_items run;
	bool too_large; /* the run is one item that does not fit by itself */
};

bool cut_next(struct cut *c);

/* All items but the first n. */
void cut_behind(enum signal signal, const struct signal_items *all, size_t n, struct signal_items *rest);

/* Around all scopes, in wire form. */
size_t cut_around(const struct batch *b);

/* Spans and log records are one each; a metric has so many data points. */
size_t cut_count(enum signal signal, str item);
