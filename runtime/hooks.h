// SPDX-License-Identifier: MIT
#pragma once

#include "lambda_field.h"
#include "lambda_str.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * What the loop tells whoever watches it, and when. An application hands one table over in struct lambda_app; without one
 * the loop is complete. No hook can change what a function answers, none may block past the deadline it is given, and
 * every slice is valid only during the call, those of begin and end until answered has returned, those of init for ever.
 */

/* The sandbox as the environment describes it; any of it may be empty. */
struct lambda_hook_sandbox {
	lambda_str function_name, function_version, log_group, log_stream, initialization_type;
	int64_t memory_mb; /* 0: unknown */
};

/* One invocation as /next delivered it; any of it may be empty, request_id excepted. */
struct lambda_hook_event {
	lambda_str request_id, invoked_function_arn, trace_id; /* trace_id: the Lambda-Runtime-Trace-Id header */
	lambda_str client_context, content_type, body;
	int64_t deadline_ms; /* Unix time; 0: none was sent */
	bool cold_start;     /* the first invocation of this process */

	int64_t wall_ns, mono_ns; /* now: Unix time, CLOCK_MONOTONIC, so that nobody asks again. 0: unknown */

	/* CLOCK_MONOTONIC, of the process's life: lambda_run() was entered, and the first event was asked for. 0: unknown. */
	int64_t main_mono_ns, ready_mono_ns;
};

struct lambda_hook_result {
	bool failed;
	lambda_str error_type, error_message; /* when failed */
	lambda_str content_type, body;        /* the reply, when not */
	int64_t deadline_mono_ns;             /* as of flush: for what is done before the answer all the same */
};

/* One record of the function's own log, at a level that is wanted. */
struct lambda_hook_log {
	int level; /* of enum lambda_level */
	lambda_str message;
	const struct lambda_field *fields;
	size_t field_count;
};

struct ext;
extern const struct ext ext_without_events; /* ext.h */

struct lambda_hooks {
	/* Once, before the user's init and before the first /next: everything here delays the cold start. */
	void (*init)(const struct lambda_hook_sandbox *sandbox);

	/* Around the handler. */
	void (*begin)(const struct lambda_hook_event *event);
	void (*end)(const struct lambda_hook_result *result);

	/*
	 * The answer is posted. What the handler and the client need not wait for is done here, with event and reply still in
	 * place: between begin and end, and between end and this, every microsecond is one of the client's.
	 */
	void (*answered)(void);

	/*
	 * After that, and before the next event is asked for: the client waits no longer, the sandbox is
	 * not yet frozen. deadline_mono_ns: CLOCK_MONOTONIC time by which it must have returned.
	 */
	void (*flush)(int64_t deadline_mono_ns);

	/*
	 * Whether something may be left behind an answer that must not be lost: asked once, after the user's init and before the first event. Then
	 * the process registers as an extension, by ext, which is NULL where nothing ever is; granted says how that went, and without it nothing is
	 * to be left behind. shutdown comes when the sandbox ends, between two events, and returns by the deadline; the process ends after it.
	 */
	const struct ext *ext;
	bool (*defers)(void);
	void (*granted)(bool granted);
	void (*shutdown)(int64_t deadline_mono_ns);

	/* Ids for a log record, lower-case hex without NUL. False: there is no current span. */
	bool (*log_ids)(char trace_id[32], char span_id[16]);

	/* Before a record of lambda_log() is written. True: it need not be. NULL: nobody wants to know. */
	bool (*log)(const struct lambda_hook_log *log);
};
