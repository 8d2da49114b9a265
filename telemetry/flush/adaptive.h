// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * When it pays to send after an answer. Where invocations are rare, what is kept back may stay so for long, and the time after an answer is nobody's:
 * so everything leaves at once. Where they come one upon the other, several share one export. All times are the caller's, nanoseconds by a clock that
 * goes on while the sandbox sleeps; nothing is armed, and the question is only asked after an answer.
 */
#define ADAPTIVE_FIRST 20                     /* invocations of a sandbox that tell nothing yet */
#define ADAPTIVE_RARE_NS INT64_C(60000000000) /* the mean gap from which on invocations count as rare */
#define ADAPTIVE_IDLE_NS INT64_C(300000000000)
#define ADAPTIVE_EVERY_NS INT64_C(20000000000)

struct adaptive {
	unsigned invocations;
	int64_t began;    /* the last one */
	int64_t mean_gap; /* from one to the next, those of late having the most weight */
	int64_t flushed;
	bool woken; /* this one ended a long sleep */
};

void adaptive_begin(struct adaptive *a, int64_t now, int64_t asleep);
bool adaptive_due(const struct adaptive *a, int64_t now);
void adaptive_flushed(struct adaptive *a, int64_t now);
