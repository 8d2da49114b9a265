// SPDX-License-Identifier: MIT
/* environment.h: one execution environment: a process, the Runtime API and the Extensions API it talks to, and the state
 * between them. Belongs to a function; private to the core.
 *
 *              first /next              event                /response, /error            /next
 *   INIT ----------------------> READY ---------> RUNNING -----------------------> ANSWERED ------> READY
 *     \--- /init/error --> FAILED         any state: exit, or killed by a deadline --> gone
 */
#pragma once

#include "function.h"
#include "http_server.h"

#define EXTENSIONS_MAX 10
#define EXTENSION_GRACE_NS (300 * (uint64_t)NS_PER_MS) /* the runtime's share between SIGTERM and SIGKILL */
#define FAILED_INIT_GRACE_NS (2 * (uint64_t)NS_PER_S)  /* to exit after /init/error */

enum environment_state {
	ENVIRONMENT_INIT,
	ENVIRONMENT_FAILED,
	ENVIRONMENT_READY,
	ENVIRONMENT_RUNNING,
	ENVIRONMENT_ANSWERED,
};

struct extension {
	char id[40], *name;
	bool wants_invoke, owes_next; /* owes_next: was given an INVOKE and has not come back */
	struct http_conn *waiting;
};

struct environment {
	struct function *function;
	struct environment *next;
	struct environment_record *record; /* outlives us, in the function's list */
	struct sandbox sandbox;
	struct http_server http;
	char *authority, *prefix; /* of AWS_LAMBDA_RUNTIME_API: what Host must say; "" or "/.rt/fn" */

	enum environment_state state;
	struct invocation *current; /* from being given until the next /next */
	struct http_conn *waiting;  /* the /next that has no answer yet */
	struct http_conn *carrier;  /* the connection that took the event */
	struct extension extensions[EXTENSIONS_MAX];
	unsigned extension_count;
	unsigned connections;

	bool handed_whole, nameless;           /* the event went out to its last byte; without a request id */
	bool event_reset;                      /* but a reset behind it may have lost it */
	bool sent_attempt_id;                  /* the event carried an invocation id to echo */
	bool ack_lost;                         /* a fault ate the acknowledgment: one repeat is no crime */
	bool gave_up_next;                     /* the process closed the connection of a waiting /next */
	bool fatal;                            /* a 5xx was answered: nothing may follow */
	bool too_large;                        /* 413 was answered to this invocation */
	unsigned forbidden, nameless_in_a_row; /* 403 on /next, events without id: two in a row end the process */
	uint64_t freeze_ns[3];                 /* before, amid, behind the reply that is on its way */

	struct loop_timer deadline, thaw, grace;
	bool stopping, retired, timed_out;
};

/* environment.c */
struct environment *environment_new(struct function *f); /* NULL: the record says why */
bool environment_idle(const struct environment *e);      /* can take an invocation now */
void environment_give(struct environment *e, struct invocation *inv);
void environment_stop(struct environment *e);
void environment_freeze_for(struct environment *e, uint64_t ns);
void environment_rest(struct environment *e); /* everybody waits: freeze if configured */
void environment_complete(struct environment *e, enum invocation_outcome outcome); /* the client has its answer */
void environment_settle(struct environment *e); /* after anything: are runtime and extensions all waiting? */
void environment_violation(struct environment *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* variables.c: what the process finds in its environment; free the array and each string. */
char **variables_new(const struct function_config *c, uint16_t port);
void variables_free(char **env);

/* function.c, called by the environment */
void function_environment_ready(struct environment *e);
void function_environment_gone(struct environment *e); /* frees it */
void function_finished(struct function *f, struct invocation *inv);
void function_pump(struct function *f);

/* runtime_api.c: the calls of the server; runtime_next.c and runtime_answer.c: the calls of the process */
void runtime_api_open(struct environment *e);
void runtime_api_next(struct environment *e, struct http_conn *c);
void runtime_api_deliver(struct environment *e); /* hands out the event that is current to the /next that waits */
void runtime_api_answer(struct environment *e, struct http_conn *c, const char *id, size_t id_n, bool error);
void runtime_api_refuse(struct environment *e, struct http_conn *c, const struct fault *f); /* status 0: too large */
void runtime_api_init_error(struct environment *e, struct http_conn *c);

/* extensions_api.c */
bool extensions_request(struct environment *e, struct http_conn *c, const char *path); /* false: not its path */
bool extensions_ready(const struct environment *e);
void extensions_invoke(struct environment *e);
void extensions_closed(struct environment *e, const struct http_conn *c);
void extensions_free(struct environment *e);

/* rules.c: each breach becomes a violation; what the call is for is in its name */
void rules_request(struct environment *e, struct http_conn *c, const char *call, bool get);
void rules_response(struct environment *e, const struct http_request *r);
void rules_attempt(struct environment *e, const struct http_request *r, const char *call);
void rules_error(struct environment *e, const struct http_request *r, const char *call);

/* reply.c */
struct reply {
	unsigned status;
	const char *fields, *body; /* complete header lines; bytes */
	size_t n;
	void (*before)(struct http_conn *c, void *environment); /* right before the first byte; may be NULL */
	void (*after)(struct http_conn *c, void *environment);  /* when the last byte is written */
};

/* Sends it, misshapen as f says. The connection's server must have the environment as owner. */
void reply_send(struct http_conn *c, const struct reply *r, const struct fault *f);
/* The reply that f->status asks for in place of the usual one. */
void reply_refuse(struct http_conn *c, const struct fault *f);
void reply_error(struct http_conn *c, unsigned status, const char *type, const char *message, const struct fault *f);
bool fault_hides(const struct fault *f, const char *field); /* the field will be missing or empty */
