// SPDX-License-Identifier: MIT
#pragma once

#include "otel.h"
#include "record/attr.h"
#include "record/limits.h"

#include "trace.pb.h"

/*
 * One open span: a slot's state, and its bytes, which are a Span in wire form but for what span_close() adds. Pure: clock, ids, limits and
 * nesting are the recorder's.
 */
enum span_status { SPAN_UNSET, SPAN_FAILED, SPAN_OK };

struct slot {
	uint64_t keys; /* of the attributes so far, a bit each by a hash: a key whose bit is not set is new */
	uint32_t n;    /* bytes used */
	uint32_t state_at, name_at, end_at,
		fields_at; /* offsets: trace_state and name as fields, the end time, the first attribute or event */
	uint32_t status_at, status_n; /* status_n 0: none yet, or one without message, which the tail has room for */
	uint32_t attributes, events, links;
	uint32_t dropped_attributes, dropped_events, dropped_links;
	uint32_t flags;
	uint32_t name_room;                /* bytes kept for a name that is to come */
	uint32_t own_room, own_attributes; /* kept for what is to come besides */
	enum span_status status;
	bool renamed;

	/* the recorder's */
	uint32_t generation;
	unsigned char place; /* on the stack; ASIDE when it is not */
	unsigned char scope;
	bool mute;    /* has a context, and is not recorded */
	bool settled; /* an attribute that is there stays as it is */
};

#define SPAN_TRACE_ID_AT 2
#define SPAN_ID_AT (2 + 16 + 2) /* of the eight bytes: behind trace_id, and span_id's own tag and length */

struct span_start {
	const unsigned char *trace_id, *span_id, *parent_id; /* parent_id: NULL when there is none */
	str trace_state, name;
	Span_SpanKind kind;
	uint32_t flags;
	uint32_t name_room;                /* span_name_later() needs no more */
	uint32_t own_room, own_attributes; /* bytes and attributes that are nobody's until the slot's are 0 */
	int64_t time;
};

/* bytes: OTEL_SPAN_BYTES of them, the same ones until the span is closed. */
void span_open(struct slot *s, char *bytes, const struct span_start *start);

str span_trace_state(const struct slot *s, const char *bytes);
void span_rename(struct slot *s, char *bytes, str name); /* one that does not fit changes nothing */
void span_name_later(struct slot *s, char *bytes, str name,
                     Span_SpanKind kind); /* a name that was given meanwhile stays */

/*
 * As value_text(), for what goes into a span: what cannot fit one is not looked at, and keeps its size, by which it is refused. So no sum of
 * sizes can wrap.
 */
void span_text(struct wire_text *t, const char *p, size_t n, uint32_t chars);

/* An attribute that does not fit, or is one too many, leaves the span as it was, and is counted in it. One with a key that is there replaces it. */
void span_set(struct slot *s, char *bytes, const struct attr *a, uint32_t max);

/* Status ERROR, in place of any before, OK excepted. Without its message when that does not fit. */
void span_fail(struct slot *s, char *bytes, str message);
void span_succeed(struct slot *s, char *bytes);

struct span_exception {
	str type, message, stack; /* any may be empty */
};

/* An event named exception, as the semantic conventions have it. */
void span_exception(struct slot *s, char *bytes, int64_t time, const struct span_exception *what,
                    const struct limits *l);

void span_event(struct slot *s, char *bytes, int64_t time, str name, const struct otel_attr *attrs, size_t n,
                const struct limits *l);
void span_link(struct slot *s, char *bytes, const struct otel_link *link, const struct limits *l);

/* The span is bytes[0..s->n) now. unended: nobody ended it, which is marked. */
void span_close(struct slot *s, char *bytes, int64_t time, bool unended);

/* For span_event() and span_link(): whether n bytes more fit beside what a span must always have room for. */
bool span_has_room(const struct slot *s, size_t n);
