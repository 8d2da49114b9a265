// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * How spans, log records and metrics leave: batches are made of what the spools hold and what metrics collect, and what an exporter kept stays where it
 * is, ahead of what is yet to come. When is plan.h's question.
 */

/* What the spools hold. may_keep: an exporter without time may leave some of it here. False: some of it was dropped. */
bool leave_spooled(int64_t deadline_mono_ns, bool may_keep);

/* Metrics that are due; last: all that there are. What does not fit in one batch comes with the next; what there is no time for waits. */
bool leave_collected(int64_t deadline_mono_ns, bool last, bool may_keep);

/* Overlap: made ready, begun when the next event is there, and ended after the answer to it. leave_ready() sends what cannot be made ready. */
void leave_ready(int64_t deadline_mono_ns);
void leave_push(void);
void leave_finish(int64_t deadline_mono_ns, bool may_keep);

bool leave_many(void);       /* so much that it should leave before more comes */
bool leave_held(void);       /* some exporter has kept something */
void leave_say_held(void);   /* how much, and the totals */
void leave_say_totals(void); /* at level debug */
void leave_forget(void);     /* as in a new process */
