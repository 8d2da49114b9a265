// SPDX-License-Identifier: MIT
#pragma once

#include "otel.h"
#include "record/attr.h"

#include "trace.pb.h"

/*
 * One open span: a slot's state, and its bytes, which are a Span in wire form but for what span_close() adds. Pure: clock, ids and
 * nesting are the recorder's.
 */
struct slot {
	uint64_t keys;              /* of the attributes so far, a bit each by a hash: a key whose bit is not set is new */
	uint32_t n;                 /* bytes used */
	uint32_t end_at, fields_at; /* offsets: the end time, the first attribute or event */
	uint32_t status_at, status_n; /* status_n 0: none yet, or one without message, which the tail has room for */
	bool failed;
	uint32_t dropped_attributes, dropped_events;
	uint32_t flags;
	uint32_t generation; /* the recorder's */
};

#define SPAN_ID_AT (2 + 16 + 2) /* of the eight bytes: behind trace_id, and span_id's own tag and length */

struct span_start {
	const unsigned char *trace_id, *span_id, *parent_id; /* parent_id: NULL when there is none */
	str name;
	Span_SpanKind kind;
	uint32_t flags;
	int64_t time;
};

/* bytes: OTEL_SPAN_BYTES of them, the same ones until the span is closed. */
void span_open(struct slot *s, char *bytes, const struct span_start *start);

/*
 * As wire_text(), for what goes into a span: what cannot fit one is not looked at, and keeps its size, by which it is refused. So no sum of
 * sizes can wrap.
 */
void span_text(struct wire_text *t, const char *p, size_t n);

/* An attribute that does not fit leaves the span as it was, and is counted in it. One with a key that is there replaces it. */
void span_set(struct slot *s, char *bytes, const struct attr *a);

/* Status ERROR, in place of any before. Without its message when that does not fit. */
void span_fail(struct slot *s, char *bytes, str message);

/* An event named exception, as the semantic conventions have it. */
void span_exception(struct slot *s, char *bytes, int64_t time, str type, str message);

/* The span is bytes[0..s->n) now. unended: nobody ended it, which is marked. */
void span_close(struct slot *s, char *bytes, int64_t time, bool unended);
