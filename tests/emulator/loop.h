// SPDX-License-Identifier: MIT
/* loop.h: one thread, one poll(2), everything else is a callback. The owner embeds a loop_fd or a loop_timer, fills the
 * public fields and adds it; it stays the owner's memory. A callback may remove (and free) any descriptor or timer, its
 * own included. Removing does not close. */
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NS_PER_MS 1000000u
#define NS_PER_S 1000000000u

struct loop_fd {
	int fd;
	short events; /* POLLIN, POLLOUT; 0 still reports a hang-up */
	void (*ready)(struct loop_fd *self, short revents);
	void *owner;
	size_t slot; /* private */
};

struct loop_timer {
	void (*fire)(struct loop_timer *self); /* once; it may arm itself again */
	void *owner;
	uint64_t at_ns; /* private from here on */
	struct loop_timer *next;
	bool armed;
};

struct loop {
	bool stop;            /* set by loop_stop, or by anybody */
	bool spin;            /* poll without sleeping: a benchmark with a core to spare */
	struct loop_fd **fds; /* private from here on */
	struct pollfd *polls;
	size_t n, cap;
	bool holes;
	struct loop_timer *timers; /* sorted, soonest first */
};

uint64_t clock_ns(void); /* CLOCK_MONOTONIC */
uint64_t wall_ms(void);  /* CLOCK_REALTIME, milliseconds since 1970 */

void loop_add(struct loop *l, struct loop_fd *f);
void loop_events(struct loop *l, struct loop_fd *f, short events);
void loop_remove(struct loop *l, struct loop_fd *f);
void loop_after(struct loop *l, struct loop_timer *t, uint64_t ns); /* replaces an earlier arming */
void loop_cancel(struct loop *l, struct loop_timer *t);
void loop_turn(struct loop *l, uint64_t max_ns); /* one poll of at most max_ns, then the callbacks that are due */
void loop_run(struct loop *l);                   /* until stop */
void loop_stop(struct loop *l);
void loop_free(struct loop *l);
