// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * When to try again. A function waits for it, and is paid for by the millisecond: a receiver gets four tries within a second, unless it names a later
 * time itself and that is still within the limit. Then what there is is kept for the next invocation, or dropped.
 */
#define RETRY_TRIES 4
#define RETRY_FIRST_NS 100000000 /* doubled each time, and 20 % more or less */

struct retry {
	int64_t limit; /* CLOCK_MONOTONIC: nothing begins that would not end before */
	unsigned tries;
	bool clock, keys; /* the two kinds of refusals that are tried again once, each */
};

/*
 * How long to wait before the next try, in ns; -1: there is none. after_s: what the receiver asked for, -1: nothing. random: any number.
 */
int64_t retry_wait(struct retry *r, int64_t after_s, int64_t now, uint64_t random);
