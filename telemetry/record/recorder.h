// SPDX-License-Identifier: MIT
#pragma once

#include "context/context.h"
#include "record/count.h"
#include "record/id.h"
#include "record/span.h"
#include "region.h"

/*
 * What telemetry remembers between two calls: the invocation, the stack of its open spans, and the spool of finished ones. One static instance,
 * laid out for the pages it touches (region.h).
 */
struct recorder {
	bool running;   /* an invocation is: it has ids, and logs may name them */
	bool recording; /* and spans */
	unsigned char trace_flags;
	unsigned char trace_id[16], span_id[8]; /* span_id: of the invocation */
	unsigned depth;         /* open spans: the first is the invocation's, each one the child of the one before it */
	uint32_t unended;       /* spans that somebody forgot to end, in this invocation */
	int64_t wall_less_mono; /* the wall clock is read once an invocation; spans measure by the clock that nobody sets */
	struct id_source ids;
	struct count count;
	size_t spool_start; /* before it: what every batch begins with, for the life of the process */
	size_t spool_n, spool_spans;
};

struct open_span {
	struct slot slot;
	char bytes[OTEL_SPAN_BYTES];
};

extern struct recorder recorder;
extern struct open_span recorder_open[OTEL_OPEN_MAX];
extern char recorder_room[REGION_SPOOL_BYTES]; /* the spool: ScopeSpans.spans fields, ready to be sent */

/* As in a new process, with spool[0..start) taken. */
void recorder_reset(size_t start);

/*
 * Opens the invocation's span, kind SERVER. from: NULL when nobody called; enabled: false makes an invocation with ids and without spans. Closes
 * what an invocation without end left behind.
 */
void recorder_begin(str name, const struct context *from, bool enabled);

/* Ends every open span, those above the invocation's marked. */
void recorder_end(void);

/* Of the innermost open span. False outside an invocation. */
bool recorder_ids(unsigned char trace_id[16], unsigned char span_id[8]);

str recorder_spool(void); /* finished spans; recorder.spool_spans is how many */
void recorder_spool_empty(void);
