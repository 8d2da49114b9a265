// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"

/*
 * Whether an invocation's trace is kept, decided when all of it is known: MOTE_TRACES_TAIL, a list of what keeps one.
 *
 *   error          a span of it failed
 *   duration=MS    the invocation took at least so long, in milliseconds
 *   ratio=R        its trace id is among so many, from 0 to 1 (ratio.h)
 *
 * Unset, every trace is kept.
 */
struct tail {
	bool decides; /* else all are kept */
	bool error;
	int64_t duration_ns; /* INT64_MAX: no matter how long */
	uint64_t threshold;  /* of the ratio */
};

/* False: it is wrong, and *out is as it was. Pure. */
bool tail_parse(str text, struct tail *out);

void tail_read(struct tail *out);

bool tail_keeps(const struct tail *t, bool failed, int64_t took_ns, const unsigned char trace_id[16]);
