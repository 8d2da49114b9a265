// SPDX-License-Identifier: MIT
#pragma once

#include "telemetry.h"

/* For tests of spans: fields, and finished spans by their names. */

enum {
	TRACE_ID = 1,
	SPAN_ID,
	TRACE_STATE,
	PARENT_ID,
	NAME,
	KIND,
	START,
	END,
	ATTRIBUTES,
	DROPPED_ATTRIBUTES,
	EVENTS,
	DROPPED_EVENTS,
	LINKS,
	DROPPED_LINKS,
	STATUS,
	FLAGS
};

static inline uint64_t number(str message, unsigned field)
{
	return pb_field(message, field, 0).value;
}

static inline void fresh_with(const char *a, const char *b)
{
	telemetry_start((const char *const[]){ a, b, NULL });
	telemetry_begin("{\"headers\":{\"traceparent\":\"" TRACEPARENT "\"}}", NULL);
}

static inline void fresh(void)
{
	fresh_with(NULL, NULL);
}

/* The finished span of that name. */
static inline str named(const char *name)
{
	for (int i = 0; i < (int)recorder.spool.items; i++)
		if (str_eq(pb_bytes(telemetry_span(i), NAME), str_of(name)))
			return telemetry_span(i);
	return (str){ 0 };
}

static inline bool is_marked(str span)
{
	return pb_field(pb_attribute(span, ATTRIBUTES, "mote.span.unended"), 2, 0).value == 1;
}

__attribute__((unused)) static const struct otel_context remote = {
	.trace_id = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 },
	.span_id = { 21, 22, 23, 24, 25, 26, 27, 28 },
	.flags = OTEL_SAMPLED,
	.remote = true,
	.trace_state = "a=1",
	.trace_state_n = 3,
};
