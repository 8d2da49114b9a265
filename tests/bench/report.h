// SPDX-License-Identifier: MIT
/* report.h: every sample of a run as JSON. What can be said about them is for those who read it (figures.py). */
#pragma once

#include "start.h"

#include <stdint.h>
#include <stdio.h>

struct round {
	uint64_t connect_ns, next_ns, init_ns, first_ns, first_turn_ns;
	uint64_t *warm_ns, *turn_ns, begun_ns; /* begun: the median of the warm ones */
	struct sandbox_usage at_init, at_end;
};

struct result {
	struct candidate candidate;
	const char *not_measured; /* NULL: it was */
	struct round *rounds;
	size_t round_count;
	uint64_t invocations;
	struct start_counts counts; /* of all rounds together; what a counted run alone has: of the last */
};

struct run {
	struct bench *bench;
	struct result *results;
	size_t count;
	unsigned rounds, warm_up;
	uint64_t seed, ns;
	const char *quota_refused; /* NULL: there is one, or none was asked for */
	unsigned quota_mb;
};

void report_json(const struct run *r, FILE *to);
