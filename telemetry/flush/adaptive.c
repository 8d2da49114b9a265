// SPDX-License-Identifier: MIT
#include "flush/adaptive.h"

#define WEIGHT_PERCENT 7 /* of the newest gap: half of the mean is of the last ten */

void adaptive_begin(struct adaptive *a, int64_t now, int64_t asleep)
{
	int64_t gap = now - a->began;

	if (!a->invocations)
		a->flushed = now;
	else if (a->invocations == 1)
		a->mean_gap = gap;
	else
		a->mean_gap += (gap - a->mean_gap) / 100 * WEIGHT_PERCENT;
	if (a->invocations <= ADAPTIVE_FIRST)
		a->invocations++;
	a->woken = asleep >= ADAPTIVE_IDLE_NS;
	a->began = now;
}

bool adaptive_due(const struct adaptive *a, int64_t now)
{
	return a->invocations <= ADAPTIVE_FIRST || a->mean_gap >= ADAPTIVE_RARE_NS || a->woken ||
	       now - a->flushed >= ADAPTIVE_EVERY_NS;
}

void adaptive_flushed(struct adaptive *a, int64_t now)
{
	a->flushed = now;
}
