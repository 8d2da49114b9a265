// SPDX-License-Identifier: MIT
/* start.h: one process from exec to its death, and every step on its way in nanoseconds. */
#pragma once

#include "buf.h"
#include "candidate.h"
#include "sandbox.h"
#include "sink.h"

#include <stdbool.h>

/* What all starts have in common. One thread: it writes to the bootstrap, then sleeps in recv(2) until that has written back. */
struct bench {
	struct loop loop;
	struct sink sink;
	struct buf event; /* what /next gives, each time */
	int listener;     /* the Runtime API */
	char address[32];
	unsigned warm;                  /* invocations after the first */
	int harness_cpu, bootstrap_cpu; /* equal: they share one core. -1: not pinned */
};

struct start {
	uint64_t init_ns;  /* execve called -> first byte of the first GET /next read */
	uint64_t first_ns; /* event about to be written -> POST /response read to its end */
	uint64_t *warm_ns; /* the same for each later invocation; the caller brings room for bench.warm */
	uint64_t *turn_ns; /* answer about to be acknowledged -> first byte of the next GET /next read */
	struct sandbox_usage at_init, at_end; /* at the first and at the last /next; faults since execve */
	uint64_t stdout_bytes, sink_bytes, sink_requests;
	char why[256]; /* what went wrong, when it did */
};

bool bench_open(struct bench *b); /* false: errno says why; the event, counts and CPUs are the caller's to fill */

/* False: out->why says what the candidate did that a bootstrap should not. */
bool start_measure(struct bench *b, const struct candidate *c, const char *path, struct start *out);
