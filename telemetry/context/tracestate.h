// SPDX-License-Identifier: MIT
#pragma once

#include "base/buf.h"

/*
 * W3C trace-context level 2, section 3.3: key=value,key=value, the most recent first. Members are slices of what was read; of equal keys the first counts;
 * a list with a member that is none, or with more than 32, is none.
 */
#define TRACESTATE_MEMBERS_MAX 32

struct tracestate {
	struct tracestate_member {
		str key, value;
	} member[TRACESTATE_MEMBERS_MAX];
	unsigned n, seen; /* seen: with those that came twice */
};

/* Appends what one header says: several are one list. False: the whole list is invalid. */
bool tracestate_read(struct tracestate *t, str text);

str tracestate_get(const struct tracestate *t, str key); /* empty: not there */

/* A value of our own goes to the front (3.5); the last one leaves when there are 32 others. False: no such key or value can be. */
bool tracestate_set(struct tracestate *t, str key, str value);
void tracestate_remove(struct tracestate *t, str key);

/* What fits max bytes: members over 128 characters leave first, then those at the end (3.3.1.5). */
void tracestate_write(const struct tracestate *t, struct buf *out, size_t max);
