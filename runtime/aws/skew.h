// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"

/*
 * How far the service's clock is from ours. A signature is good for some minutes of the service's time, so it
 * is made for that time, which every answer tells. Times are CLOCK_REALTIME in nanoseconds.
 */
struct skew {
	int64_t ns; /* service minus ours, 0 at first: sign for now + ns */
};

#define SKEW_ROUND_TRIP_MAX_S 900 /* a slower answer (a freeze was in between) says too little about its Date */
#define SKEW_TOLERANCE_S 240      /* services take 5 minutes, some more: less than 4 cannot be why one refused */

/*
 * To be called with the Date of every answer, so that a clock that was set right counts at once. aged: the
 * answer has an Age, so it came from a cache, and its date is old. False: nothing was learned.
 */
bool skew_learn(struct skew *skew, str date, bool aged, int64_t sent, int64_t received);

/*
 * Whether a request that was signed with the skew used is worth signing again, now that an answer refused it
 * with this code and was learned from.
 */
bool skew_refused(const struct skew *skew, str code, int64_t used);
