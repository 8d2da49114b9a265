// SPDX-License-Identifier: MIT
/* run.h: the command `emulator run`: a function, a number of invocations, a report. */
#pragma once

#include "collector.h"
#include "options.h"
#include "otlp_receiver.h"
#include "xray_daemon.h"

struct run {
	struct options options;
	struct loop loop;
	struct function function;
	struct otlp_receiver otlp;
	struct xray_daemon xray;
	struct collector collector;
	struct invocation *invocations;
	unsigned n, started, finished, concurrency, pause_ms;
	unsigned failed_starts; /* of the process, one after the other */
	bool gave_up;           /* n is how many were begun */
	struct buf *events;     /* invocation i takes number i modulo event_count */
	size_t event_count;
	const char *json; /* a path, or "-"; NULL: none */
	bool quiet;
	struct loop_timer pause;
	struct ink_style style;
};

int run_main(int argc, char **argv); /* 0: all answered, nothing violated; 1: not so; 2: not understood */
void run_help(FILE *to);

/* report.c */
void report_invocation(struct run *r, struct invocation *inv);
void report_end(struct run *r);

/* report_json.c */
void report_json(const struct run *r, struct buf *out);
