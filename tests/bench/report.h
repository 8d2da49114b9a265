// SPDX-License-Identifier: MIT
/* report.h: what a run has found, for people as a table and for programs as JSON. */
#pragma once

#include "sample.h"
#include "start.h"

#include <stdint.h>
#include <stdio.h>

struct result {
	const struct candidate *candidate;
	char *path; /* of its own copy of the bootstrap */
	uint64_t file_bytes;
	struct sample init, first; /* us, one a round */
	struct sample warm, turn;  /* us, the median of each round */
	struct sample warm_all, turn_all;
	struct sample faults_init, faults, rss_init, rss; /* counts and kB, one a round; faults: until the end */
	uint64_t invocations, stdout_bytes, sink_bytes, sink_requests;
};

struct run {
	const struct bench *bench;
	struct result *results; /* the floor first */
	size_t count;
	unsigned rounds;
	uint64_t seed, ns;
};

void report_text(const struct run *r, FILE *to);
void report_json(const struct run *r, FILE *to);
