// SPDX-License-Identifier: MIT
#pragma once

#include "context/context.h"
#include "record/count.h"
#include "record/id.h"
#include "record/span.h"
#include "record/spool.h"
#include "region.h"
#include "sample/sampler.h"
#include "source.h"

#include <assert.h>

/*
 * What telemetry remembers between two calls: the invocation, its open spans, and the spool of finished ones. One static instance, laid out for
 * the pages it touches (region.h).
 *
 * A span that is open has a slot. Those that nest are on the stack too, each one the child of the one below it; those with a parent of their
 * own choice are not. The first on the stack is the invocation's, recorded or not: it is what goes on to others. Outside an invocation
 * (otel_init()) it is whatever was opened first.
 */
#define ASIDE 0xff /* a slot's place: not on the stack */

struct recorder {
	bool running;     /* an invocation is: it has ids, and logs may name them */
	bool recording;   /* spans may be: the SDK is on, and somebody wants them */
	bool record_only; /* also those that are not sampled: for whoever counts them, and for nobody else */
	unsigned depth;   /* of the stack */
	uint32_t open;    /* slots that are taken, a bit each */
	unsigned char stack[OTEL_OPEN_MAX];
	uint32_t unended;       /* spans that somebody forgot to end, in this invocation */
	int64_t wall_less_mono; /* the wall clock is read once an invocation; spans measure by the clock that nobody sets */
	struct id_source ids;
	struct limits limits;
	struct count count;
	uint64_t unsampled;                      /* of those made: by record_only */
	void (*started)(struct otel_span *span); /* another span than the invocation's; NULL: nobody adds to it */
	bool (*exception)(struct otel_span *span,
	                  const struct span_exception *what); /* true: it need not be said on the span; NULL: no logs */
	struct otel_span *(*start_root)(const char *name,
	                                size_t name_n); /* outside an invocation; NULL: nothing is recorded there */

	struct spool spool; /* of finished ones; the tail rule may take back what stands behind its mark */
	int64_t began;
	bool failed; /* one of them is */
};

static_assert(OTEL_OPEN_MAX <= 32, "recorder.open has a bit for each");

struct open_span {
	struct slot slot;
	char bytes[OTEL_SPAN_BYTES];
};

extern struct recorder recorder;
extern struct open_span recorder_open[OTEL_OPEN_MAX];
extern char recorder_room[REGION_SPOOL_BYTES]; /* the spool: ScopeSpans.spans fields, ready to be sent */

void recorder_reset(void); /* as in a new process */

struct recorder_call {
	str name; /* this and its kind are what recorder_name() puts others in the place of */
	uint32_t name_room;
	uint32_t own_room, own_attributes; /* kept from the handler until recorder_settle() */
	const struct context *from;        /* NULL: nobody called */
	bool wanted;                       /* somebody exports spans */
	int64_t wall_ns, mono_ns;          /* now; 0: the clocks are asked */
};

/* Opens the invocation's span, recorded when the sampler says so. Closes what an invocation without end left behind. */
void recorder_begin(const struct recorder_call *call);

/* What the invocation's span is called and is, known when its handler has returned; an empty name is none. */
void recorder_name(str name, enum otel_kind kind);

/* Ends every open span but the invocation's, and marks it. */
void recorder_end_children(int64_t time);

/* Ends every open span, all but the invocation's marked. */
void recorder_end(int64_t time);

/* From here on an attribute that the span has stays as it is, and those that room was kept for have it. */
void recorder_settle(struct otel_span *span);

/* Counts links that were not even tried. */
void recorder_lose_links(struct otel_span *span, uint32_t n);

/* Takes back all spans since recorder_begin(), which has been ended, and counts them as dropped. */
void recorder_take_back(enum drop reason);

/* Of the innermost open span, recorded or not. False: there is none. */
bool recorder_ids(unsigned char trace_id[16], unsigned char span_id[8]);

int64_t recorder_now(void); /* wall time, as spans measure it */

/* ---- for the other files of this folder ---- */

struct open_span *recorder_find(const struct otel_span *span);      /* NULL: not open, or not recorded */
struct open_span *recorder_find_open(const struct otel_span *span); /* recorded or not */

/* Takes a slot and opens the span in it; NULL: all are taken. on_stack: it is the current one. */
struct open_span *recorder_push(const struct span_start *start, bool on_stack);
struct otel_span *recorder_handle(const struct open_span *o);
struct otel_span *recorder_inert(void);

/* Finished spans: recorder.spool.items of them. */
str recorder_spool(void); /* all of them, whatever their scope */
void recorder_spool_empty(void);

/* A span that is not recorded. */
static inline bool recorder_is_mute(const struct sampling *s)
{
	return !s->record && (s->never || !recorder.record_only);
}

/* False: no room. The invocation's span has its room kept. flags: the span's. */
bool recorder_put(const char *bytes, size_t n, unsigned scope, uint32_t flags, bool child);
