// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "environment.h"
#include "ids.h"
#include "json.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>

static unsigned number_of(const struct environment *e)
{
	return e->current ? e->current->number : 0;
}

void environment_violation(struct environment *e, const char *format, ...)
{
	struct buf text = { 0 };
	va_list ap;

	va_start(ap, format);
	buf_vprintf(&text, format, ap);
	va_end(ap);
	violation_add(&e->function->violations, number_of(e), "%s", text.p);
	buf_free(&text);
}

/* ---- output ---- */

static void on_line(struct sandbox *s, enum sandbox_stream stream, const char *text, size_t n)
{
	struct environment *e = s->owner;
	struct function *f = e->function;

	if (e->current)
		log_add(&e->current->logs, &e->current->log_count, stream, text, n);
	else
		log_add(&e->record->logs, &e->record->log_count, stream, text, n);
	if (f->line)
		f->line(f, number_of(e), stream, text, n);
}

/* ---- freezing ---- */

static void on_thaw(struct loop_timer *t)
{
	sandbox_thaw(&((struct environment *)t->owner)->sandbox);
}

void environment_freeze_for(struct environment *e, uint64_t ns)
{
	sandbox_freeze(&e->sandbox);
	loop_after(e->function->loop, &e->thaw, ns);
}

void environment_rest(struct environment *e)
{
	if (e->function->config.freeze == FREEZE_IDLE && environment_idle(e))
		sandbox_freeze(&e->sandbox);
}

/* ---- the end of an invocation ---- */

/* What the platform tells the caller when the function did not. */
static void make_up_answer(struct environment *e, const char *type, const char *what)
{
	struct invocation *inv = e->current;
	char *message = must_print("RequestId: %s Error: %s", inv->id, what);

	inv->response.n = 0;
	json_open(&inv->response, NULL, '{');
	json_cstr(&inv->response, "errorType", type);
	json_cstr(&inv->response, "errorMessage", message);
	json_close(&inv->response, '}');
	free(message);
	free(inv->response_type);
	free(inv->error_type);
	inv->response_type = must_copy("application/json", 16);
	inv->error_type = must_copy(type, strlen(type));
}

void environment_complete(struct environment *e, enum invocation_outcome outcome)
{
	struct invocation *inv = e->current;
	const struct function_config *c = &e->function->config;
	char text[96];

	if (inv->outcome != INVOCATION_PENDING)
		return;
	inv->outcome = outcome;
	switch (outcome) {
	case INVOCATION_TOO_LARGE:
		snprintf(text, sizeof text, "Response payload size exceeded maximum allowed payload size (%u bytes).",
		         INVOCATION_PAYLOAD_MAX);
		make_up_answer(e, "Function.ResponseSizeTooLarge", text);
		break;
	case INVOCATION_REFUSED: make_up_answer(e, "Runtime.Refused", "the fault script refused the answer"); break;
	case INVOCATION_TIMED_OUT:
		snprintf(text, sizeof text, "Task timed out after %.2f seconds", (c->timeout_ms ? c->timeout_ms : 30000) / 1e3);
		make_up_answer(e, "Sandbox.Timedout", text);
		break;
	case INVOCATION_CRASHED:
		snprintf(text, sizeof text, "Runtime exited with error: %s", e->record->fate);
		make_up_answer(e, "Runtime.ExitError", text);
		break;
	default: break;
	}
	if (inv->answered)
		inv->answered(inv);
}

static void finish(struct environment *e)
{
	struct invocation *inv = e->current;

	e->current = NULL;
	loop_cancel(e->function->loop, &e->deadline);
	function_finished(e->function, inv);
}

void environment_settle(struct environment *e)
{
	if (e->stopping || e->state != ENVIRONMENT_READY || !e->waiting || !extensions_ready(e))
		return;
	if (e->current && e->current->next_ns)
		finish(e);
	if (e->current || e->stopping || !e->waiting)
		return;
	if (!e->record->announced) {
		e->record->announced = true;
		function_environment_ready(e);
	}
	if (e->retired && !e->stopping && !e->current)
		environment_stop(e);
	function_pump(e->function);
	if (!e->stopping)
		environment_rest(e);
}

bool environment_idle(const struct environment *e)
{
	return e->state == ENVIRONMENT_READY && e->waiting && !e->current && !e->stopping && !e->retired &&
	       extensions_ready(e);
}

void environment_give(struct environment *e, struct invocation *inv)
{
	const struct function_config *c = &e->function->config;

	e->current = inv;
	inv->exported = e->function->exported ? e->function->exported(e->function) : 0;
	inv->dispatched_ns = clock_ns();
	inv->pid = e->sandbox.pid;
	inv->cold = !e->record->invocations++;
	if (inv->request_id)
		snprintf(inv->id, sizeof inv->id, "%s", inv->request_id);
	else
		id_uuid(inv->id);
	if (!c->no_invocation_id)
		id_uuid(inv->attempt_id);
	if (inv->trace)
		snprintf(inv->trace_sent, sizeof inv->trace_sent, "%s", inv->trace);
	else
		id_trace(inv->trace_sent);
	loop_after(e->function->loop, &e->deadline, (c->timeout_ms ? c->timeout_ms : 30000) * (uint64_t)NS_PER_MS);
	runtime_api_deliver(e);
	if (e->extension_count && e->current == inv)
		extensions_invoke(e);
}

/* ---- the end of the process ---- */

void environment_stop(struct environment *e)
{
	if (e->stopping)
		return;
	e->stopping = e->record->stopped_by_us = true;
	sandbox_measure(&e->sandbox, &e->record->at_end);
	loop_cancel(e->function->loop, &e->thaw);
	if (!e->extension_count) {
		sandbox_signal(&e->sandbox, SIGKILL);
		return;
	}
	sandbox_thaw(&e->sandbox);
	sandbox_signal(&e->sandbox, SIGTERM);
	loop_after(e->function->loop, &e->grace, EXTENSION_GRACE_NS);
}

static void on_grace(struct loop_timer *t)
{
	sandbox_signal(&((struct environment *)t->owner)->sandbox, SIGKILL);
}

static void on_deadline(struct loop_timer *t)
{
	struct environment *e = t->owner;

	if (e->state == ENVIRONMENT_FAILED)
		environment_violation(e, "init/error: the process goes on living after it");
	else if (e->state == ENVIRONMENT_INIT)
		environment_violation(e, "init: no /next within the time for init");
	else if (e->current && e->current->ack_ns)
		environment_violation(e, "next: still not asked for when the deadline of %s passed", e->current->id);
	e->timed_out = true;
	if (e->current)
		environment_complete(e, INVOCATION_TIMED_OUT);
	environment_stop(e);
}

static bool runtime_api_withheld(const struct function_config *c)
{
	for (char *const *v = c->env; v && *v; v++)
		if (!strncmp(*v, "AWS_LAMBDA_RUNTIME_API", 22))
			return true;
	return false;
}

static void judge_exit(struct environment *e)
{
	bool told = e->fatal || e->forbidden > 1 || e->nameless_in_a_row > 1 || e->state == ENVIRONMENT_FAILED;
	bool zero = WIFEXITED(e->sandbox.status) && !WEXITSTATUS(e->sandbox.status);
	const char *fate = e->record->fate;

	if (e->stopping)
		return;
	if (told) {
		if (zero)
			environment_violation(e, "exit: status 0, but it had to give up; that must be non-zero");
	} else if (e->state == ENVIRONMENT_INIT) {
		if (!runtime_api_withheld(&e->function->config))
			environment_violation(e, "exit: ended during init (%s) without POST /init/error", fate);
	} else if (e->state == ENVIRONMENT_READY && !e->current) {
		environment_violation(e, "exit: ended (%s) while waiting for an event", fate);
	} else if (e->state == ENVIRONMENT_ANSWERED || e->state == ENVIRONMENT_READY) {
		environment_violation(e, "exit: ended (%s) instead of asking for the next event", fate);
	}
}

static void on_exit_of(struct sandbox *s)
{
	struct environment *e = s->owner;
	struct environment_record *r = e->record;

	r->exited = true;
	r->exit_ns = s->exit_ns;
	r->status = s->status;
	r->usage = s->usage;
	sandbox_fate(s, r->fate);
	judge_exit(e);
	e->stopping = true;
	loop_cancel(e->function->loop, &e->deadline);
	loop_cancel(e->function->loop, &e->thaw);
	loop_cancel(e->function->loop, &e->grace);
	if (e->current) {
		environment_complete(e, e->timed_out       ? INVOCATION_TIMED_OUT
		                        : r->stopped_by_us ? INVOCATION_CANCELLED
		                                           : INVOCATION_CRASHED);
		finish(e);
	}
	http_server_close(&e->http);
	function_environment_gone(e);
}

/* ---- the beginning ---- */

/* "http://[::]:%p/.rt/fn" or "127.0.0.1:%p": where to listen, what Host will say, what paths begin with. */
static void read_api(struct environment *e, const char *api, char host[static 64])
{
	size_t n;

	if (!strncasecmp(api, "http://", 7))
		api += 7;
	n = strcspn(api, "/");
	e->authority = must_copy(api, n);
	e->prefix = must_copy(api + n, strlen(api + n));
	while (*e->prefix && e->prefix[strlen(e->prefix) - 1] == '/')
		e->prefix[strlen(e->prefix) - 1] = 0;
	if (*api == '[')
		snprintf(host, 64, "%.*s", (int)strcspn(api + 1, "]"), api + 1);
	else if (strspn(api, "0123456789.") == strcspn(api, ":"))
		snprintf(host, 64, "%.*s", (int)strcspn(api, ":"), api);
	else
		snprintf(host, 64, "127.0.0.1"); /* a name: localhost, or one out of /etc/hosts */
}

static void fill_port(char **authority, uint16_t port)
{
	char *at = strstr(*authority, "%p"), *whole;

	if (!at)
		return;
	*at = 0;
	whole = must_print("%s%u%s", *authority, port, at + 2);
	free(*authority);
	*authority = whole;
}

static int start_process(struct environment *e)
{
	const struct function_config *c = &e->function->config;
	char path[PATH_MAX], folder[PATH_MAX], **argv, **env;
	struct function_config with_cwd = *c;
	size_t n = 0;
	int failed;

	if (!realpath(c->bootstrap, path))
		return errno;
	snprintf(folder, sizeof folder, "%s", path);
	strrchr(folder, '/')[folder[1] && strrchr(folder, '/') == folder] = 0;
	with_cwd.cwd = c->cwd ? c->cwd : folder;
	while (c->args && c->args[n])
		n++;
	argv = must_alloc(n + 2, sizeof *argv);
	argv[0] = path;
	for (size_t i = 0; i < n; i++)
		argv[i + 1] = c->args[i];
	env = variables_new(&with_cwd, e->http.port);
	e->sandbox.loop = e->function->loop;
	e->sandbox.owner = e;
	e->sandbox.line = on_line;
	e->sandbox.exited = on_exit_of;
	failed = sandbox_start(&e->sandbox, path, argv, env, with_cwd.cwd);
	variables_free(env);
	free(argv);
	return failed;
}

struct environment *environment_new(struct function *f)
{
	struct environment *e = must_alloc(1, sizeof *e);
	const char *api = f->config.api ? f->config.api : "127.0.0.1:%p";
	char host[64];
	int failed;

	e->function = f;
	e->record = must_alloc(1, sizeof *e->record);
	f->records = must_grow(f->records, f->record_count + 1, sizeof *f->records);
	f->records[f->record_count++] = e->record;
	e->deadline = (struct loop_timer){ .fire = on_deadline, .owner = e };
	e->thaw = (struct loop_timer){ .fire = on_thaw, .owner = e };
	e->grace = (struct loop_timer){ .fire = on_grace, .owner = e };
	read_api(e, api, host);
	runtime_api_open(e);
	failed = http_listen(&e->http, host, 0) ? 0 : errno;
	fill_port(&e->authority, e->http.port);
	if (!failed)
		failed = start_process(e);
	if (failed) {
		e->record->start_errno = failed;
		snprintf(e->record->fate, sizeof e->record->fate, "%s", strerror(failed));
		http_server_close(&e->http);
		function_environment_gone(e);
		return NULL;
	}
	e->record->pid = e->sandbox.pid;
	e->record->spawn_ns = e->sandbox.spawn_ns;
	e->record->exec_ns = e->sandbox.exec_ns;
	e->record->faults_before_exec = e->sandbox.faults_before_exec;
	loop_after(f->loop, &e->deadline,
	           (f->config.init_timeout_ms ? f->config.init_timeout_ms : 10000) * (uint64_t)NS_PER_MS);
	return e;
}
