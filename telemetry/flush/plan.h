// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* What leaves when, between two events: the mode as the loop's hooks carry it out. */

void plan_forget(void); /* as in a new process */
void plan_read(void);   /* the settings: once the first event is there */

/*
 * Before the first event: whether something is going to be left behind answers, so that the end of the sandbox must be told. Reads two variables, and
 * says nothing. plan_granted(): it will be told, or not, and then nothing is left behind.
 */
bool plan_defers(void);
void plan_granted(bool granted);

void plan_begin(void); /* the event is there, the handler waits */

bool plan_before_answer(void); /* mode sync: plan_flush() comes before the answer */
void plan_flush(int64_t deadline_mono_ns);
void plan_wait(void); /* the next event is about to be asked for */

/* Everything, now: true when none of it was dropped. */
bool plan_last(int64_t deadline_mono_ns);
