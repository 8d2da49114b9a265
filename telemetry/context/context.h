// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"

/*
 * What another process says about the span that called us. Parsers are pure; one file a format. False: nothing usable, *out is as it was.
 */
struct context {
	unsigned char trace_id[16], span_id[8];
	unsigned char flags; /* W3C trace flags that are passed on: CONTEXT_SAMPLED, CONTEXT_RANDOM */
	bool has_span;       /* else only the trace id is known, and the span has no parent */
	bool silent;         /* the caller decided against recording */
	bool deferred;       /* the caller left the decision to us: flags do not say it */
	bool pass_through;   /* Lambda's own header while X-Ray tracing is off: it decides nothing, whatever flags say */
	bool debug;          /* B3: record it; goes on with the trace */
	str trace_state;     /* W3C tracestate, normalised; lives as long as the invocation */
	str lineage;         /* X-Ray's member of that name, by which Lambda sees loops: goes on with the trace */
};

#define CONTEXT_SAMPLED 1
#define CONTEXT_RANDOM 2 /* trace-context level 2: the last seven bytes of the trace id are random */

/* W3C trace-context level 2, section 3.2: 00-<32 hex>-<16 hex>-<2 hex>; white space around it is passed over. trace_state is left empty. */
bool traceparent_parse(str text, struct context *out);

/*
 * X-Ray's Root=1-<8 hex>-<24 hex>;Parent=<16 hex>;Sampled=<0|1|?> in any order, other members passed over. A Root without Parent is a trace id without
 * a parent; a decision that is absent or ? is deferred. silent says what the header says: who sent it is for the propagator to know.
 */
bool xray_parse(str text, struct context *out);

/* b3: <16 or 32 hex>-<16 hex>[-<0|1|d>[-<16 hex>]]. A decision alone, without ids, is no context. */
bool b3_parse(str text, struct context *out);

/* X-B3-TraceId, -SpanId, -Sampled (0, 1, false, true), -Flags (1: debug). Any may be empty. */
bool b3_parse_multi(str trace_id, str span_id, str sampled, str flags, struct context *out);
