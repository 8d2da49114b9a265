// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "loop.h"
#include "buf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

uint64_t clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

uint64_t wall_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / NS_PER_MS;
}

void loop_add(struct loop *l, struct loop_fd *f)
{
	if (l->n == l->cap) {
		l->cap = l->cap ? 2 * l->cap : 16;
		l->fds = must_grow(l->fds, l->cap, sizeof *l->fds);
		l->polls = must_grow(l->polls, l->cap, sizeof *l->polls);
	}
	f->slot = l->n++;
	l->fds[f->slot] = f;
	l->polls[f->slot] = (struct pollfd){ .fd = f->fd, .events = f->events };
}

void loop_events(struct loop *l, struct loop_fd *f, short events)
{
	f->events = events;
	l->polls[f->slot].events = events;
}

/* Slots keep their place until the turn is over: callbacks may remove anything, also what poll has just reported. */
void loop_remove(struct loop *l, struct loop_fd *f)
{
	l->fds[f->slot] = NULL;
	l->polls[f->slot].fd = -1;
	l->polls[f->slot].revents = 0;
	l->holes = true;
}

static void close_holes(struct loop *l)
{
	size_t to = 0;

	for (size_t i = 0; i < l->n; i++) {
		if (!l->fds[i])
			continue;
		l->fds[to] = l->fds[i];
		l->polls[to] = l->polls[i];
		l->fds[to]->slot = to;
		to++;
	}
	l->n = to;
	l->holes = false;
}

void loop_after(struct loop *l, struct loop_timer *t, uint64_t ns)
{
	struct loop_timer **at = &l->timers;
	uint64_t now = clock_ns();

	loop_cancel(l, t);
	t->at_ns = ns > UINT64_MAX - now ? UINT64_MAX : now + ns;
	t->armed = true;
	while (*at && (*at)->at_ns <= t->at_ns)
		at = &(*at)->next;
	t->next = *at;
	*at = t;
}

void loop_cancel(struct loop *l, struct loop_timer *t)
{
	if (!t->armed)
		return;
	for (struct loop_timer **at = &l->timers; *at; at = &(*at)->next) {
		if (*at == t) {
			*at = t->next;
			break;
		}
	}
	t->armed = false;
}

static void fire_due(struct loop *l)
{
	uint64_t now = l->timers ? clock_ns() : 0;

	while (l->timers && l->timers->at_ns <= now) {
		struct loop_timer *t = l->timers;

		l->timers = t->next;
		t->armed = false;
		t->fire(t);
	}
}

void loop_turn(struct loop *l, uint64_t max_ns)
{
	struct timespec wait;
	int ready;

	if (l->timers) {
		uint64_t now = clock_ns(), left = l->timers->at_ns > now ? l->timers->at_ns - now : 0;

		if (left < max_ns)
			max_ns = left;
	}
	if (l->spin)
		max_ns = 0;
	wait.tv_sec = (time_t)(max_ns / NS_PER_S);
	wait.tv_nsec = (long)(max_ns % NS_PER_S);
	ready = ppoll(l->polls, l->n, max_ns == UINT64_MAX ? NULL : &wait, NULL);
	if (ready < 0 && errno != EINTR) {
		perror("emulator: poll");
		exit(1);
	}
	if (ready > 0) {
		for (size_t i = 0, n = l->n; i < n; i++) {
			short revents = l->polls[i].revents;

			if (l->fds[i] && revents) {
				l->polls[i].revents = 0;
				l->fds[i]->ready(l->fds[i], revents);
			}
		}
	}
	fire_due(l);
	if (l->holes)
		close_holes(l);
}

void loop_run(struct loop *l)
{
	while (!l->stop)
		loop_turn(l, UINT64_MAX);
}

void loop_stop(struct loop *l)
{
	l->stop = true;
}

void loop_free(struct loop *l)
{
	free(l->fds);
	free(l->polls);
	*l = (struct loop){ 0 };
}
