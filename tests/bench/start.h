// SPDX-License-Identifier: MIT
/* start.h: one sandbox from exec to its death, and every step on its way in nanoseconds. */
#pragma once

#include "api.h"
#include "candidate.h"
#include "sandbox.h"
#include "sink.h"

#include <stdbool.h>

#define RSS_STEPS 16

/* What all starts have in common. One thread: it writes to the bootstrap, then sleeps in epoll_wait(2) until that has written back. */
struct bench {
	struct loop loop;
	struct api api;
	struct sink sink;
	struct buf event; /* what /next gives, each time */
	unsigned warm;    /* invocations after the first */
	unsigned memory_mb;
	unsigned patience_s;            /* a bootstrap that says nothing for so long has failed */
	int harness_cpu, bootstrap_cpu; /* equal: they share one core. -1: not pinned */
	int procs_fd;                   /* cgroup.procs of the group that bootstraps are in; 0: none */
	char **under;      /* what stands before the bootstrap's own command: strace, valgrind; NULL: nothing */
	bool cold;         /* the program's pages leave the page cache before each start */
	bool counted;      /* a run that is not timed: spans are decoded, threads looked at, the end is a gentle one */
	bool starts_only;  /* it ends at the first /next */
	bool still_cached; /* out: the kernel kept pages that it was asked to forget */
};

struct start_counts { /* all of it since exec, or between the first /next and the last */
	uint64_t requests, requests_after, bytes, connections, datagrams, datagram_bytes, stdout_bytes, signed_requests;
	struct sink_spans spans;
	uint64_t switches, switches_forced;
	unsigned threads;
	struct {
		unsigned invocations;
		unsigned long kb;
	} rss[RSS_STEPS];
	unsigned rss_count;
};

struct start {
	uint64_t connect_ns;    /* execve called -> first connection accepted */
	uint64_t next_ns;       /* execve called -> first byte of the first GET /next read */
	uint64_t init_ns;       /* first execve, an extension's maybe -> everybody waits */
	uint64_t first_ns;      /* event about to be written -> POST /response read to its end */
	uint64_t first_turn_ns; /* answer about to be acknowledged -> everybody waits again */
	uint64_t *warm_ns, *begun_ns,
		*turn_ns; /* of each later invocation, begun: answer's first byte; the caller brings room for bench.warm */
	struct sandbox_usage at_init,
		at_end; /* at the first and at the last /next; faults since execve; all processes together */
	struct start_counts counts;
	char why[300]; /* what went wrong, when it did */
};

bool bench_open(struct bench *b,
                uint16_t sink_port); /* 0: any. false: errno says why; the rest is the caller's to fill */

/* False: out->why says what the candidate did that a bootstrap should not. */
bool start_measure(struct bench *b, const struct candidate *c, struct start *out);
