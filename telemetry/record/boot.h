// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"
#include "hooks.h"
#include "otel.h"

/*
 * What happened before the first invocation, as spans of its trace, children of its span:
 *
 *   init              from the process's start, as the kernel has it, to the first event's arrival
 *     init.exec       to lambda_run(): the kernel's part, the loader's, main()'s
 *     init.function   to the first GET /next: settings and the user's init
 *     init.next       until the event came; with provisioned concurrency that is long
 *
 * What this needs to know it asks once the first event has been answered, and so the cold start does not wait for it.
 */
void boot_note(const struct lambda_hook_event *event); /* each invocation: the first is of interest */
void boot_wanted(const struct otel_context *parent);   /* the invocation's span was recorded, and is kept */
void boot_spans(void);                                 /* with the answer posted */

/* Of /proc/self/stat: when the process started, in ticks since boot. False: it is not what proc(5) says. */
bool boot_start_ticks(str stat, uint64_t *ticks);
