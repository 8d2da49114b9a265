// SPDX-License-Identifier: MIT
/* invocation.h: one event on its way through a function. The caller places it (must outlive `finished`), fills the first
 * part and hands it to function_invoke; the emulator fills the rest. `answered` is the moment the client has its answer;
 * `finished` comes when the environment asked for the next event or is gone, so everything about it (log lines, trace) has
 * arrived by then. Each is called exactly once, in that order. */
#pragma once

#include "buf.h"
#include "sandbox.h"
#include "violation.h"

#define INVOCATION_PAYLOAD_MAX 6291556u /* 6 MiB + 100, request and response alike */

enum invocation_outcome {
	INVOCATION_PENDING,
	INVOCATION_ANSWERED,    /* /response was accepted */
	INVOCATION_FAILED,      /* /error was accepted: error_type, response is the error JSON */
	INVOCATION_TOO_LARGE,   /* 413: Function.ResponseSizeTooLarge */
	INVOCATION_REFUSED,     /* a fault refused the answer with another status */
	INVOCATION_TIMED_OUT,   /* Sandbox.Timedout */
	INVOCATION_CRASHED,     /* the process ended: Runtime.ExitError */
	INVOCATION_INIT_FAILED, /* /init/error, or no process at all */
	INVOCATION_CANCELLED,   /* function_close came first */
};

struct log_line {
	uint64_t ns;
	enum sandbox_stream stream;
	char *text;
	size_t n;
};

struct invocation {
	const void *event; /* borrowed until finished */
	size_t event_n;
	const char *content_type; /* NULL: application/json */
	const char *request_id;   /* NULL: a new UUID. These are borrowed, or absent when NULL */
	const char *client_context, *cognito_identity, *tenant_id;
	const char *trace;                        /* NULL: a new sampled one; "": no header */
	const char *deadline;                     /* NULL: the real one; "": no header; else sent as it stands */
	void (*answered)(struct invocation *inv); /* may be NULL, like the next */
	void (*finished)(struct invocation *inv);
	void *owner;

	unsigned number; /* 1, 2, ... in the order of function_invoke */
	enum invocation_outcome outcome;
	char id[64], attempt_id[48], trace_sent[128]; /* request id, invocation id, trace header as sent */
	struct buf response;                          /* body of /response or /error; made up as Lambda does otherwise */
	char *response_type;                          /* Content-Type of it */
	char *error_type;                             /* header of /error, or the platform's own; NULL when all is well */
	char *error_cause;                            /* X-Ray cause header or NULL */
	bool cold;                                    /* the first of its environment */
	unsigned attempts;                            /* times the event was handed out (a broken /next repeats it) */
	struct log_line *logs;                        /* what the function wrote from the event to its next /next */
	size_t log_count;
	pid_t pid;                                    /* which environment */
	uint64_t queued_ns, dispatched_ns;            /* function_invoke; an environment was free */
	uint64_t event_ns, event_end_ns;              /* first byte about to be written; last byte written */
	uint64_t response_first_ns, response_last_ns; /* of the POST; the client has its answer at the last */
	uint64_t ack_ns, next_ns;                     /* acknowledgment written; the following /next was read */
	uint64_t deadline_ms;
	uint64_t exported; /* bytes of export that came between event and answer, all environments together */

	struct invocation *next; /* private */
};

const char *invocation_outcome_name(enum invocation_outcome o); /* "answered", "timed-out", ... */
void log_add(struct log_line **list, size_t *count, enum sandbox_stream stream, const char *text, size_t n);
void log_free(struct log_line **list, size_t *count);
void invocation_free(struct invocation *inv); /* what the emulator allocated in it; not the struct */
