// SPDX-License-Identifier: MIT
/* function.h: what a Lambda function is to its callers: a configuration, a queue of invocations, and a few execution
 * environments (a process and its Runtime API each). An invocation takes an idle environment; with none idle another one
 * is started, up to max_environments; above that it waits. A crashed environment is replaced when the next invocation
 * needs one. Everything happens inside loop callbacks. */
#pragma once

#include "fault.h"
#include "invocation.h"

struct environment;

enum function_freeze { FREEZE_NEVER, FREEZE_IDLE }; /* FREEZE_IDLE: SIGSTOP while everybody waits, as Lambda does */

struct function_config {
	const char *bootstrap;                         /* path of the executable */
	char *const *args;                             /* after argv[0], NULL-terminated; NULL: none */
	const char *cwd;                               /* NULL: the folder of bootstrap */
	const char *name, *version, *region, *account; /* NULL: the handler's, $LATEST, us-east-1, 123456789012 */
	const char *handler;                           /* _HANDLER; NULL: bootstrap */
	unsigned memory_mb;                            /* 0: 128 */
	unsigned timeout_ms;                           /* 0: 30000; of one invocation, event to next /next */
	unsigned init_timeout_ms;                      /* 0: 10000 */
	unsigned max_environments;                     /* 0: 1 */
	const char *api;                               /* AWS_LAMBDA_RUNTIME_API with %p for the port; NULL: 127.0.0.1:%p.
	                                                   Also http://[::1]:%p/.rt/fn: path prefix and family follow it */
	const char *otlp_endpoint;                     /* OTEL_EXPORTER_OTLP_ENDPOINT, NULL: not set */
	const char *xray_address;                      /* AWS_XRAY_DAEMON_ADDRESS, NULL: not set, there is none */
	char *const *env;                              /* NULL-terminated "K=V" (sets, wins over all) or "K" (removes) */
	bool bare_env;                                 /* only AWS_LAMBDA_RUNTIME_API and `env` */
	bool no_invocation_id;                         /* as before July 2026 */
	enum function_freeze freeze;
	struct fault_plan *faults; /* NULL: none. It counts what was done already */
};

struct environment_record { /* what is left of an environment, living ones included */
	pid_t pid;
	int start_errno;                       /* not 0: it never ran */
	bool exited, stopped_by_us, announced; /* announced: ready was called */
	int status;
	char fate[48];
	char *init_error_type; /* header of /init/error */
	struct buf init_error; /* body */
	uint64_t spawn_ns, exec_ns, connect_ns, first_next_ns, exit_ns;
	unsigned long faults_before_exec;
	struct sandbox_usage at_init, at_end; /* at the first /next; when stopped by us */
	struct rusage usage;                  /* when exited */
	unsigned invocations, connections, requests, extensions;
	struct log_line *logs; /* written before the first event */
	size_t log_count;
};

struct function {
	struct loop *loop; /* filled by the owner, then function_open */
	struct function_config config;
	void *owner;
	void (*ready)(struct function *f, struct environment_record *r); /* first /next came; may be NULL */
	void (*gone)(struct function *f, struct environment_record *r);  /* exited, or failed to start; may be NULL */
	void (*line)(struct function *f, unsigned invocation, enum sandbox_stream stream, const char *text, size_t n);

	uint64_t (*exported)(struct function *f); /* bytes that have reached the receivers so far; may be NULL */

	struct violations violations;
	struct environment_record **records; /* one for each environment ever started, in order */
	size_t record_count;

	struct environment *environments; /* private from here on */
	struct invocation *queue, **queue_end;
	unsigned count;
	bool closing;
	void (*closed)(struct function *f);
};

void function_open(struct function *f);
void function_start(struct function *f); /* one environment, without waiting for an invocation */
void function_invoke(struct function *f, struct invocation *inv);
void function_renew(struct function *f);      /* the bootstrap changed: idle ones stop now, busy ones when done */
bool function_idle(const struct function *f); /* nothing queued, nothing running */
/* Ends all environments as Lambda does: SIGKILL, or SIGTERM and 300 ms first where an extension is registered. `closed`
 * (may be NULL) is called when the last is gone. */
void function_close(struct function *f, void (*closed)(struct function *f));
void function_free(struct function *f); /* after closed */
