// SPDX-License-Identifier: MIT
#pragma once

#include "base/buf.h"
#include "export/ship.h"
#include "otlp/limits.h"

/*
 * A batch in runs that a receiver takes in one request: by bytes, count and time, cut between items, in their order, as full as may be. A metric that
 * is too much by itself goes in several runs of its data points; a span or record that is too large loses its largest attributes.
 *
 *   struct split s;
 *
 *   split_start(&s, batch, resource, &limits, json);
 *   while (split_next(&s, &room))
 *           send(&s.run);
 */
struct split_place {
	size_t scope, at; /* bytes into its items */
	size_t points;    /* of the metric there, that are behind us */
	size_t done;      /* items before this place */
};

struct split {
	const struct batch *batch;
	struct otlp_limits limits;
	bool json;
	size_t around, context;         /* bytes around all scopes; that each record counts with */
	struct split_place start, next; /* of the run, and behind it */

	struct signal_items run;
	bool too_large;  /* the run is one item that no request can hold */
	size_t left_out; /* attributes of it that were */
	struct split_open {
		size_t weight;
		int64_t earliest, latest;
	} open;
};

void split_start(struct split *s, const struct batch *batch, const struct resource *resource,
                 const struct otlp_limits *limits, bool json);

/* room is for what is not sent as it lies: from its n on. */
bool split_next(struct split *s, struct buf *room);

/* The run was too much: back to its beginning, and from there on at most half as many items a run. False: it is one item. */
bool split_halve(struct split *s);

/* Items of a metric whose other data points are in the runs before this one. */
size_t split_begun(const struct split *s);

/* The run as the batch has it, nothing left out; false: it is some points of a metric. */
bool split_original(const struct split *s, struct signal_items *out);

/* The run and all behind it, but what split_begun() counts. */
void split_rest(const struct split *s, struct signal_items *out);
