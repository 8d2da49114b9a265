// SPDX-License-Identifier: MIT
#include "flush/asleep.h"

#define ADJUSTED_MAX_NS 1000000000 /* a step of the wall clock that is no sleep */

void asleep_begin(struct asleep *a, int64_t wall_ns, int64_t mono_ns)
{
	a->wall = wall_ns;
	a->mono = mono_ns;
}

int64_t asleep_end(struct asleep *a, int64_t wall_ns, int64_t mono_ns)
{
	int64_t slept = mono_ns - a->mono, wall = wall_ns - a->wall;

	if (!a->mono)
		return 0;
	a->mono = 0;
	if (wall - slept > ADJUSTED_MAX_NS) {
		a->unseen += wall - slept;
		slept = wall;
	}
	return slept;
}

int64_t asleep_clock(const struct asleep *a, int64_t mono_ns)
{
	return mono_ns + a->unseen;
}
