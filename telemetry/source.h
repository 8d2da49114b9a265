// SPDX-License-Identifier: MIT
#pragma once

#include "hooks.h"
#include "record/count.h"

/*
 * How metrics and logs take part in what hooks.c does, without being linked into a program that makes none.
 *
 * Each is one table of functions under a fixed name, defined in the file that every program of that signal needs anyway: what the first call of its
 * API ends up in. Here both names are weak, so that hooks.c draws neither in: a table that nothing else wanted is NULL. Spans need no table, every
 * program with hooks has them.
 *
 * The order of an invocation, all of it in hooks.c and session.c:
 *
 *   begin   trigger_detect()      what called, by the event's shape: name, kind, carrier; pure
 *           context_begin()       parent, tracestate and baggage, out of that carrier, by OTEL_PROPAGATORS
 *           recorder_begin()      sampler_decide(), then the invocation's span, recorded or not
 *           source->begin         and attributes and links of event, trigger and baggage
 *   end     trigger_result(), exception, source->end, recorder_end(), what the tail rule says
 *   flush   the answer is posted: spans and what has a spool, when the mode says so (flush/), then who collects: due -> collect -> exporters
 */
enum signal { SIGNAL_TRACES, SIGNAL_METRICS, SIGNAL_LOGS };
#define SIGNALS 3

/*
 * What one instrumentation scope made, in wire form. The three signals number alike: scope is field 1, what was made is field 2 and schema_url is
 * field 3 of ScopeSpans, ScopeMetrics and ScopeLogs; these are field 2 behind a resource in field 1; and that is field 1 of a request.
 */
struct signal_scope {
	str head;  /* the fields scope and schema_url */
	str items; /* spans, metrics or log_records, tag and length each */
};

#define SIGNAL_SCOPES_MAX 16

/* Handed to an exporter: stays where it is until reset. */
struct signal_items {
	struct signal_scope scopes[SIGNAL_SCOPES_MAX];
	size_t scope_count;
	size_t count; /* what is accounted for: spans, data points, log records */
};

struct batch; /* export/ship.h */
struct spool; /* record/spool.h */

struct signal_source {
	enum signal signal;
	struct count *count; /* what became of each; exporters add to it */

	/* A NULL member is passed over. Settings are best read when they are first wanted: what init does delays the cold start. */
	void (*init)(void);
	void (*begin)(const struct lambda_hook_event *event, int64_t wall_ns);
	void (*end)(const struct lambda_hook_result *result, int64_t wall_ns);

	/* Before what there is leaves: what could not be recorded, in the log. */
	void (*say)(void);

	/* Where it puts what it makes, ready to be sent. NULL: it collects. */
	struct spool *spool;

	/* Whether to collect. last: the process is about to end, or otel_flush() asks: everything that there is. */
	bool (*due)(int64_t wall_ns, bool last);

	/* False: there is nothing. items: all zero before; they stay where they are until the next call. */
	bool (*collect)(struct signal_items *items, int64_t wall_ns);

	/* Of what was collected the last n items come again with the next call; held: how many will. */
	void (*keep)(size_t n);
	size_t (*held)(void);

	/* The exporter that is for this signal alone, so that programs without the signal are without it: awsemf. */
	void (*own)(const struct batch *batch, int64_t deadline_mono_ns);
};

extern const struct signal_source metric_source __attribute__((weak));
extern const struct signal_source log_source __attribute__((weak));
