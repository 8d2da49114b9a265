// SPDX-License-Identifier: MIT
/* Everything that was seen, for programs. Times are CLOCK_MONOTONIC in ns, 0 or absent where the step was not reached. */
#include "json.h"
#include "run.h"

#include <string.h>
#include <sys/wait.h>

static void stamp(struct buf *b, const char *key, uint64_t ns)
{
	if (ns)
		json_u64(b, key, ns);
}

static void put_logs(struct buf *b, const struct log_line *logs, size_t n)
{
	json_open(b, "logs", '[');
	for (size_t i = 0; i < n; i++) {
		json_open(b, NULL, '{');
		json_u64(b, "ns", logs[i].ns);
		json_cstr(b, "stream", logs[i].stream == SANDBOX_STDERR ? "stderr" : "stdout");
		json_string(b, "text", logs[i].text, logs[i].n);
		json_close(b, '}');
	}
	json_close(b, ']');
}

/* invocation 0: all of them */
static void put_violations(struct buf *b, const struct violations *v, bool all, unsigned invocation)
{
	json_open(b, "violations", '[');
	for (size_t i = 0; i < v->n; i++) {
		if (!all && v->list[i].invocation != invocation)
			continue;
		json_open(b, NULL, '{');
		json_u64(b, "invocation", v->list[i].invocation);
		json_u64(b, "ns", v->list[i].ns);
		json_cstr(b, "text", v->list[i].text);
		json_close(b, '}');
	}
	json_close(b, ']');
}

static void put_usage(struct buf *b, const char *key, const struct sandbox_usage *u)
{
	json_open(b, key, '{');
	json_u64(b, "rss_kb", u->rss_kb);
	json_u64(b, "minor_faults", u->minor_faults);
	json_u64(b, "major_faults", u->major_faults);
	json_u64(b, "cpu_ns", u->cpu_ns);
	json_close(b, '}');
}

static void put_exit(struct buf *b, const struct environment_record *r)
{
	json_open(b, "exit", '{');
	json_cstr(b, "fate", r->fate);
	json_bool(b, "stopped_by_us", r->stopped_by_us);
	if (r->exited && WIFEXITED(r->status))
		json_u64(b, "status", (uint64_t)WEXITSTATUS(r->status));
	else if (r->exited)
		json_u64(b, "signal", (uint64_t)WTERMSIG(r->status));
	json_close(b, '}');
}

static void put_environment(struct buf *b, const struct environment_record *r)
{
	json_open(b, NULL, '{');
	json_u64(b, "pid", (uint64_t)r->pid);
	stamp(b, "start_errno", (uint64_t)r->start_errno);
	stamp(b, "spawn_ns", r->spawn_ns);
	stamp(b, "exec_ns", r->exec_ns);
	stamp(b, "connect_ns", r->connect_ns);
	stamp(b, "first_next_ns", r->first_next_ns);
	stamp(b, "exit_ns", r->exit_ns);
	json_u64(b, "invocations", r->invocations);
	json_u64(b, "connections", r->connections);
	json_u64(b, "requests", r->requests);
	json_u64(b, "extensions", r->extensions);
	json_u64(b, "faults_before_exec", r->faults_before_exec);
	put_usage(b, "at_init", &r->at_init);
	put_usage(b, "at_end", &r->at_end);
	put_exit(b, r);
	if (r->init_error_type || r->init_error.n) {
		json_open(b, "init_error", '{');
		json_cstr(b, "type", r->init_error_type);
		json_string(b, "text", r->init_error.p, r->init_error.n);
		json_close(b, '}');
	}
	put_logs(b, r->logs, r->log_count);
	json_close(b, '}');
}

static void put_invocation(struct buf *b, const struct run *r, const struct invocation *inv)
{
	json_open(b, NULL, '{');
	json_u64(b, "number", inv->number);
	json_cstr(b, "request_id", inv->id);
	json_cstr(b, "invocation_id", inv->attempt_id);
	json_cstr(b, "trace", inv->trace_sent);
	json_cstr(b, "outcome", invocation_outcome_name(inv->outcome));
	json_bool(b, "cold", inv->cold);
	json_u64(b, "pid", (uint64_t)inv->pid);
	json_u64(b, "attempts", inv->attempts);
	json_cstr(b, "content_type", inv->response_type);
	json_u64(b, "response_bytes", inv->response.n);
	json_base64(b, "response_base64", inv->response.p, inv->response.n);
	json_cstr(b, "error_type", inv->error_type);
	json_cstr(b, "error_cause", inv->error_cause);
	stamp(b, "queued_ns", inv->queued_ns);
	stamp(b, "dispatched_ns", inv->dispatched_ns);
	stamp(b, "event_ns", inv->event_ns);
	stamp(b, "event_end_ns", inv->event_end_ns);
	stamp(b, "response_first_ns", inv->response_first_ns);
	stamp(b, "response_last_ns", inv->response_last_ns);
	stamp(b, "ack_ns", inv->ack_ns);
	stamp(b, "next_ns", inv->next_ns);
	stamp(b, "deadline_ms", inv->deadline_ms);
	json_u64(b, "export_bytes_before_answer", inv->outcome == INVOCATION_ANSWERED ? inv->exported : 0);
	put_logs(b, inv->logs, inv->log_count);
	put_violations(b, &r->function.violations, false, inv->number);
	json_close(b, '}');
}

void report_json(const struct run *r, struct buf *b)
{
	json_open(b, NULL, '{');
	json_open(b, "environments", '[');
	for (size_t i = 0; i < r->function.record_count; i++)
		put_environment(b, r->function.records[i]);
	json_close(b, ']');
	json_open(b, "invocations", '[');
	for (unsigned i = 0; i < r->n; i++)
		put_invocation(b, r, &r->invocations[i]);
	json_close(b, ']');
	put_violations(b, &r->function.violations, true, 0);
	otlp_receiver_json(&r->otlp, b, "otlp");
	json_close(b, '}');
	buf_puts(b, "\n");
}
