// SPDX-License-Identifier: MIT
#pragma once

#include "base/buf.h"
#include "hooks.h"
#include "region.h"
#include "sample/tail.h"
#include "semconv/resource.h"

/*
 * What a process has of telemetry, whoever drives it: lambda_run() through hooks.c, or a program through program.c. One static instance.
 *
 * A start that somebody waits for does as little as it can. Variables that say what becomes of spans are read by session_settings(), when the first is
 * about to be made; the resource is encoded by session_describe(), when the first batch is, with the answer already posted.
 */
#define FUNCTION_NAME_MAX 256 /* Lambda's limit is 64, 140 in an ARN */
#define VERSION_MAX 64

struct session {
	bool enabled; /* OTEL_SDK_DISABLED does not say otherwise */
	bool read;    /* the settings are */
	bool described;
	bool wanted; /* spans are exported */
	bool said_unended;
	uint64_t said_dropped; /* of the spans that were dropped */
	str service_name;      /* OTEL_SERVICE_NAME */
	struct resource resource;
	struct lambda_hook_sandbox sandbox;
	struct tail tail;
	struct buf name, version; /* the function's, or what the program calls itself; copies */
	char name_room[FUNCTION_NAME_MAX], version_room[VERSION_MAX];
};

extern struct session session;
extern char session_out[REGION_OUT_BYTES]; /* to make something in: an exporter, most of all */

/* sandbox: NULL outside Lambda; its slices stay. name, version: what to be called where the environment says nothing. */
void session_start(const struct lambda_hook_sandbox *sandbox, str name, str version);
void session_settings(void);
void session_describe(void);

str session_name(void); /* OTEL_SERVICE_NAME, else name; may be empty */

/* The same moments for metrics and logs (source.h). */
void session_sources_begin(const struct lambda_hook_event *event);
void session_sources_end(const struct lambda_hook_result *result, int64_t wall_ns);

/* What has been lost since this was last asked, of any signal: attributes mote.dropped.<items>.<reason> of the span, for those who may miss it. */
struct otel_span;
void session_report(struct otel_span *span);

/* What could not be recorded, in the log: before what was recorded leaves. */
void session_say(void);

/* Sends all that there is: spans, log records, metrics. False: some of it was dropped. Returns by the deadline. When it leaves otherwise: flush/plan.h. */
bool session_flush(int64_t deadline_mono_ns);
