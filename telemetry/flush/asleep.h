// SPDX-License-Identifier: MIT
#pragma once

#include <stdint.h>

/*
 * Time asleep, told apart from time awake: the sandbox may be frozen from when the next event is asked for until it is there, and nowhere else. Between
 * the two both clocks are read. The monotonic one is believed, which goes on in a freeze as Lambda does it; where it stood still all the same (a
 * snapshot, a suspended machine) the wall clock has gone further by more than anybody adjusts a clock, and the difference was sleep, too.
 */
struct asleep {
	int64_t wall, mono; /* when the next event was asked for; 0: it has not been */
	int64_t unseen;     /* what the monotonic clock has missed, all in all */
};

void asleep_begin(struct asleep *a, int64_t wall_ns, int64_t mono_ns);
int64_t asleep_end(struct asleep *a, int64_t wall_ns, int64_t mono_ns); /* how long it was */

/* A clock that misses nothing. */
int64_t asleep_clock(const struct asleep *a, int64_t mono_ns);
