// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"

/*
 * When spans and log records leave (LAMBDA_EXTENSION_SPAN_PROCESSOR_MODE):
 *
 *   sync      before the answer, which waits for it
 *   async     after each answer; not one byte before it
 *   finalize  after an answer when there are many of them, and when the sandbox ends
 *   adaptive  after each answer while invocations are rare, else after one of them now and then (adaptive.h)
 *   overlap   made ready after the answer, sent while the next invocation runs
 *
 * Metrics have an interval of their own, in every mode.
 */
enum flush_mode { FLUSH_SYNC, FLUSH_ASYNC, FLUSH_FINALIZE, FLUSH_ADAPTIVE, FLUSH_OVERLAP };

bool mode_parse(str name, enum flush_mode *mode); /* any case; false: it is none of them */
bool mode_defers(enum flush_mode mode);           /* something may stay behind an answer, on purpose */
str mode_name(enum flush_mode mode);

/* What the environment says; FLUSH_ASYNC is the default. said: a name that is none is warned of. */
enum flush_mode mode_setting(bool said);
