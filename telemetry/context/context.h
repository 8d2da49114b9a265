// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"

/*
 * What another process says about the span that called us. Parsers are pure; one file a format. False: nothing usable, *out is as it was.
 */
struct context {
	unsigned char trace_id[16], span_id[8];
	bool has_span;       /* else only the trace id is known, and the span has no parent */
	bool silent;         /* the caller decided against recording, and we follow */
	unsigned char flags; /* W3C trace flags that are passed on: CONTEXT_SAMPLED, CONTEXT_RANDOM */
};

#define CONTEXT_SAMPLED 1
#define CONTEXT_RANDOM 2 /* trace-context level 2: the last seven bytes of the trace id are random */

/* W3C trace-context level 2, section 3.2: 00-<32 hex>-<16 hex>-<2 hex>; white space around it is passed over. */
bool traceparent_parse(str text, struct context *out);

/*
 * X-Ray's Root=1-<8 hex>-<24 hex>;Parent=<16 hex>;Sampled=<0|1|?> in any order, other members passed over. Lambda sends Sampled=0 whenever X-Ray
 * tracing is off for the function, which says nothing about OpenTelemetry: it does not silence. A Root without Parent is a trace id without a parent.
 */
bool xray_parse(str text, struct context *out);

/*
 * The traceparent header of an HTTP event: a member of headers or multiValueHeaders, its name in any case. Empty when there is none, or more
 * than one: then W3C wants the trace restarted (3.2). A value with escapes is no traceparent.
 */
str event_traceparent(str event);
