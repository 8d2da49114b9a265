// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"

/*
 * What the rest of telemetry sees of metrics. Nobody but metric_signal (source.h) names these functions, so
 * that a program without instruments links none of them.
 */

/*
 * Reads the standard variables. Not enabled: instruments do nothing from now on. start: since when something
 * could have been measured.
 */
void metric_init(bool enabled, int64_t start);

/*
 * Whether to collect: OTEL_METRIC_EXPORT_INTERVAL has passed since the last collection, somebody asked for
 * one, one has not come to its end, or last: this is the last chance.
 */
bool metric_due(int64_t wall_ns, bool last);

/*
 * A collection, begun once for each time that metric_due() was true: metric_collect_on() until it is false,
 * and after each a metric_collect(), which writes as many ScopeMetrics.metrics fields of one scope
 * (record/scope.h) as fit in room, and adds to *points how many data points those have. What is written has
 * left: delta points begin anew.
 */
bool metric_collect_on(int64_t wall_ns);
size_t metric_collect(char *room, size_t n, size_t *points, unsigned *scope);

/* ---- inside metric/ ---- */

bool metric_enabled(void);
bool metric_started(void); /* false: main() has not come to lambda_run() or otel_init(), and measured nothing */
void metric_observe(void); /* runs the callbacks */
void metric_observe_waiting(void);
void metric_collect_reset(int64_t interval_ns, int64_t now);

/* Why a measurement did not come to be what was meant. */
enum metric_ignored {
	METRIC_OVERFLOW,  /* it is in the overflow point */
	METRIC_NO_STREAM, /* no room for another metric */
	METRIC_NEGATIVE,  /* a counter only grows */
	METRIC_NO_NUMBER, /* NaN or infinite */
	METRIC_MISUSED,   /* add on a gauge, a double for ints, ... */
	METRIC_UNFIT,     /* a point larger than all the room for it */
	METRIC_EXEMPLAR,  /* it is in its point, and would have been an exemplar too */
	METRIC_IGNORED_REASONS
};

/* faas.c and self.c: what the runtime and the SDK measure of themselves. */
struct lambda_hook_event;
struct lambda_hook_result;
void metric_faas_begin(const struct lambda_hook_event *event, int64_t wall_ns);
void metric_faas_end(const struct lambda_hook_result *result, int64_t wall_ns);
void metric_self(void);

/* Counts one; the first of each reason is said. */
void metric_ignored(enum metric_ignored reason, str name);
uint64_t metric_ignored_count(enum metric_ignored reason);
