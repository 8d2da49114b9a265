// SPDX-License-Identifier: MIT
#pragma once

#include "base/buf.h"
#include "context/context.h"
#include "context/propagator.h"

/*
 * Whether a trace is recorded, asked where it enters this process: children follow. By OTEL_TRACES_SAMPLER and its argument, one row each in
 * sampler.c; the default is parentbased_always_on. What Lambda passes through while X-Ray tracing is off (context.h) is no parent's decision.
 */
struct sampling {
	bool record;
	bool never;          /* always_off has said so: not even for those who want what is not sampled */
	unsigned char flags; /* W3C's, to go on with the trace */
	str trace_state;     /* the parent's, or in room: what the probability samplers have to say is in it */
	char room[TRACESTATE_BYTES_MAX];
};

/* from: NULL when nobody called. trace_id: the parent's when there is one, else a new one, whose last seven bytes are random. */
void sampler_decide(struct sampling *s, const struct context *from, const unsigned char trace_id[16]);

void sampler_forget(void); /* settings: as in a new process */
