// SPDX-License-Identifier: MIT
#pragma once

/*
 * lambda.h: functions on AWS Lambda, in C.
 *
 * A function is a C function that takes a struct lambda_call, reads the event from it and fills its reply. main() hands a table of
 * functions to lambda_run(), which speaks the Runtime API until the process ends. One thread; nothing is allocated on the heap.
 *
 * Everything reachable from a struct lambda_call is valid until the handler returns, unless it says otherwise. Any slice may be empty:
 * Lambda, its emulators and its proxies leave out what they do not know.
 *
 * Sources: the AWS Lambda developer guide, "Using the Lambda runtime API for custom runtimes".
 */

#include "lambda_field.h"
#include "lambda_str.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* 6 MiB and 100 bytes, what Lambda takes for a synchronous event and for a reply. */
#define LAMBDA_PAYLOAD_MAX 6291556

struct lambda_hooks; /* hooks.h: who watches the loop */

struct lambda_call {
	lambda_str event;        /* the payload, byte for byte */
	lambda_str content_type; /* of the event; usually application/json */

	lambda_str request_id; /* may repeat: a retry has the id of the first attempt */
	lambda_str invoked_function_arn;
	lambda_str trace_header;     /* Lambda-Runtime-Trace-Id: Root=1-...;Parent=...;Sampled=... */
	lambda_str client_context;   /* raw JSON */
	lambda_str cognito_identity; /* raw JSON */
	lambda_str tenant_id;
	int64_t deadline_ms; /* Unix time in milliseconds; 0 when none was sent */
	bool cold_start;     /* the first invocation of this process */

	/* The sandbox: the same in every call. */
	lambda_str function_name, function_version;
	lambda_str log_group, log_stream;
	lambda_str initialization_type; /* on-demand, provisioned-concurrency, ... */
	int64_t memory_mb;              /* 0 when unknown */
};

/* 0: the reply stands. Anything else: the invocation failed (see lambda_fail). */
typedef int lambda_handler(struct lambda_call *call);

struct lambda_function {
	const char *name; /* what _HANDLER is compared with */
	lambda_handler *handler;
};

struct lambda_app {
	const struct lambda_function *functions; /* ends with { NULL, NULL } */

	/*
	 * Runs once before the first event, with a call that has no event. Not 0: the failure is posted to /init/error with what
	 * lambda_fail() was given, and the process exits. May be NULL.
	 */
	lambda_handler *init;

	const struct lambda_hooks *hooks; /* NULL: nobody watches, and nothing of telemetry is linked */
};

/*
 * What hooks may want (metrics across invocations, some ways of sending spans) makes the process an internal extension, that is told of its end. SIGTERM
 * is then blocked but while lambda_run() waits, and a program that a handler starts inherits the mask: between fork() and exec() it should unblock it
 * by sigprocmask(), or posix_spawn() be given an empty one (POSIX_SPAWN_SETSIGMASK), else the program cannot be ended by SIGTERM.
 *
 * Picks the function named by _HANDLER, else by argv[1], and runs it for every event. When the table has one row, an absent or empty
 * name or "bootstrap" means that row. Returns the exit status of a process that cannot go on; a message on standard error has said why.
 */
int lambda_run(const struct lambda_app *app, int argc, char **argv);

/* Milliseconds until the deadline, by the wall clock; negative when it has passed, INT64_MAX when there is none. */
int64_t lambda_remaining_ms(const struct lambda_call *call);

/*
 * n bytes for the rest of this invocation, zeroed, aligned for any type; NULL when LAMBDA_SCRATCH_MAX is used up: enough for
 * the body of the largest event with its escapes or its base64 decoded.
 */
#define LAMBDA_SCRATCH_MAX LAMBDA_PAYLOAD_MAX
void *lambda_alloc(struct lambda_call *call, size_t n);

/* ---- the reply ---- */

/*
 * Appends to the reply, which may grow to LAMBDA_PAYLOAD_MAX bytes; one that does not fit fails the invocation as
 * Function.ResponseSizeTooLarge, whatever the handler returns.
 */
void lambda_write(struct lambda_call *call, const void *bytes, size_t n);
void lambda_puts(struct lambda_call *call, const char *text); /* NUL-terminated */
void lambda_printf(struct lambda_call *call, const char *format, ...) __attribute__((format(printf, 2, 3)));
void lambda_write_json(struct lambda_call *call, const char *text, size_t n); /* escaped, for inside a JSON string */
void lambda_write_base64(struct lambda_call *call, const void *bytes, size_t n);

/* The reply is these bytes, in place of all that was written: not copied, they must stay as they are until the next event. */
void lambda_borrow(struct lambda_call *call, const void *bytes, size_t n);

/* Default application/json. Not copied. Bytes that cannot stand in a header field make the invocation fail as Runtime.InvalidContentType. */
void lambda_content_type(struct lambda_call *call, const char *content_type);

/*
 * The invocation failed. type is yours ("NameTooLong") and reaches the caller in errorType; the message may be up to 4096 bytes, the rest is
 * cut. Always returns -1, so that a handler can end with: return lambda_fail(...). The first failure stands.
 */
int lambda_fail(struct lambda_call *call, const char *type, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* ---- the event, when it is JSON (lambda_json.h has the reader beneath, lambda_http.h what HTTP events mean) ---- */

/*
 * The value at path: requestContext.http.method, headers."x.y", Records[0].body. A string is given without quotes and with its escapes
 * decoded (in place where it has none, else into the invocation region); anything else as its JSON text. Empty when the path is absent,
 * the value is null, or the event is not JSON up to there.
 */
lambda_str lambda_get(struct lambda_call *call, const char *path);
bool lambda_get_int(struct lambda_call *call, const char *path, int64_t *out); /* false: absent, not whole, too large */
bool lambda_get_double(struct lambda_call *call, const char *path, double *out); /* false: absent, or not a number */
bool lambda_get_bool(struct lambda_call *call, const char *path, bool *out);     /* false: absent, or not a boolean */

/* ---- logs ---- */

enum lambda_level { LAMBDA_TRACE, LAMBDA_DEBUG, LAMBDA_INFO, LAMBDA_WARN, LAMBDA_ERROR, LAMBDA_FATAL };

/*
 * One record, one write to standard output: [LEVEL]\ttime\trequest id\tmessage, or a JSON object when AWS_LAMBDA_LOG_FORMAT is JSON. Records below
 * AWS_LAMBDA_LOG_LEVEL (default INFO) cost a comparison. A record is cut at LAMBDA_LOG_MAX bytes. Before lambda_run(), which reads these variables and
 * hands records to the hooks too, it is text from INFO on, and nobody else hears of it.
 */
#define LAMBDA_LOG_MAX 8192
void lambda_log(enum lambda_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same with fields of one's own (lambda_field.h): members of the JSON object, or key=value behind the message. */
void lambda_log_fields(enum lambda_level level, const struct lambda_field *fields, size_t count, const char *format,
                       ...) __attribute__((format(printf, 4, 5)));

#ifdef __cplusplus
}
#endif

#include "lambda_json.h"
#include "lambda_http.h"
#include "lambda_batch.h"
