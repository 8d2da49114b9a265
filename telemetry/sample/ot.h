// SPDX-License-Identifier: MIT
#pragma once

#include "context/tracestate.h"

/*
 * OpenTelemetry's own member of tracestate (specification, "TraceState: handling"): ot=key:value;key:value, 256 characters at most. th is the
 * threshold that a trace was kept by, rv the random number to use in place of the trace id's; others are passed on.
 */
struct ot {
	struct tracestate state;
	bool valid; /* else there is nothing to be read from it, and nothing to be put there */
	str text;   /* the member's value */
};

void ot_read(struct ot *ot, str trace_state);
str ot_get(const struct ot *ot, str key); /* empty: not there, or not a value that it may have */

/* The whole tracestate with that threshold, NULL for none, written to room. */
str ot_with_threshold(const struct ot *ot, const uint64_t *threshold, char *room, size_t n);
