// SPDX-License-Identifier: MIT
// POST /2015-03-31/functions/NAME/invocations, as the AWS CLI and the SDKs speak it.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base64.h"
#include "call.h"
#include "json.h"
#include "percent.h"

enum {
	ASYNC_PAYLOAD_MAX = 1 << 20,
	CLIENT_CONTEXT_MAX = 3583, // bytes of the base64 form
	TAIL_MAX = 4096,
};

static const char prefix[] = "/2015-03-31/functions/", suffix[] = "/invocations";

bool invoke_api_is(const struct http_request *r)
{
	const char *at = r->target;

	// Other calls of Lambda's API have other dates; none of them is a path that a function URL would get by chance.
	return strlen(at) > 22 && at[5] == '-' && at[8] == '-' && !strncmp(at + 11, "/functions/", 11) &&
	       strspn(at + 1, "0123456789") == 4;
}

// NAME, ACCOUNT:function:NAME or arn:aws:lambda:REGION:ACCOUNT:function:NAME, each with or without :QUALIFIER.
static bool names_function(const char *given, const char *name)
{
	const char *full = strstr(given, "function:");
	const char *at = full && (full == given || full[-1] == ':') ? full + 9 : given;
	size_t n = strcspn(at, ":");

	return n == strlen(name) && !strncmp(at, name, n) && (!at[n] || (at[n + 1] && !strchr(at + n + 1, ':')));
}

static unsigned long peak_kb(pid_t pid)
{
	char path[48], line[128];
	unsigned long kb = 0;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	FILE *status = fopen(path, "r");
	while (status && fgets(line, sizeof line, status))
		if (!strncmp(line, "VmHWM:", 6))
			kb = strtoul(line + 6, NULL, 10);
	if (status)
		fclose(status);
	return kb;
}

// The tail of the log as CloudWatch shows it, the platform's own lines around the function's.
static void log_tail(struct buf *tail, const struct call *call)
{
	const struct invocation *inv = &call->inv;
	const struct function *f = call->callers->function;
	const char *version = f->config.version ? f->config.version : "$LATEST";
	uint64_t end = inv->next_ns ? inv->next_ns : clock_ns(); // one that timed out or crashed has no next
	double ms = inv->event_ns ? (double)(end - inv->event_ns) / 1e6 : 0;
	unsigned memory = f->config.memory_mb ? f->config.memory_mb : 128;
	const struct environment_record *env = NULL;
	unsigned long kb;

	for (size_t i = 0; i < f->record_count; i++)
		if (f->records[i]->pid == inv->pid)
			env = f->records[i];
	kb = env ? (env->exited ? (unsigned long)env->usage.ru_maxrss : peak_kb(inv->pid)) : 0;
	for (size_t i = 0; inv->cold && env && i < env->log_count; i++)
		buf_printf(tail, "%.*s\n", (int)env->logs[i].n, env->logs[i].text);
	buf_printf(tail, "START RequestId: %s Version: %s\n", inv->id, version);
	for (size_t i = 0; i < inv->log_count; i++)
		buf_printf(tail, "%.*s\n", (int)inv->logs[i].n, inv->logs[i].text);
	buf_printf(
		tail,
		"END RequestId: %s\nREPORT RequestId: %s\tDuration: %.2f ms\tBilled Duration: %lu ms\tMemory Size: %u MB\t"
		"Max Memory Used: %lu MB\t",
		inv->id, inv->id, ms, (unsigned long)ms + 1, memory, kb / 1024 + 1);
	if (inv->cold && env && env->first_next_ns > env->spawn_ns)
		buf_printf(tail, "Init Duration: %.2f ms\t", (double)(env->first_next_ns - env->spawn_ns) / 1e6);
	buf_puts(tail, "\n");
}

static void common_fields(struct buf *fields, const struct call *call)
{
	const struct function_config *config = &call->callers->function->config;

	buf_printf(fields,
	           "Content-Type: application/json\r\nx-amzn-RequestId: %s\r\nX-Amz-Executed-Version: %s\r\n"
	           "X-Amzn-Trace-Id: %s\r\n",
	           call->id, config->version ? config->version : "$LATEST", call->trace);
}

static void reply(struct call *call, struct http_conn *conn)
{
	struct invocation *inv = &call->inv;
	struct buf fields = { 0 }, tail = { 0 };

	if (inv->outcome == INVOCATION_CANCELLED) {
		call->status = 503;
		call_refuse(conn, call->what, 503, "ServiceException", "The emulator is shutting down.");
		return;
	}
	call->status = 200;
	common_fields(&fields, call);
	if (inv->outcome != INVOCATION_ANSWERED)
		buf_puts(&fields, "X-Amz-Function-Error: Unhandled\r\n");
	if (call->at_end) {
		log_tail(&tail, call);
		size_t n = tail.n < TAIL_MAX ? tail.n : TAIL_MAX;
		buf_puts(&fields, "X-Amz-Log-Result: ");
		base64_encode(&fields, tail.p + tail.n - n, n);
		buf_puts(&fields, "\r\n");
	}
	call_answer(conn, 200, fields.p, inv->response.p, inv->response.n);
	buf_free(&fields);
	buf_free(&tail);
}

// Decoded and checked; NULL and a refusal in why where it is not what the SDKs send.
static char *client_context(const struct http_request *r, const char **why)
{
	const char *given = http_header(r, "x-amz-client-context"), *cause;
	struct buf text = { 0 };

	if (!given || !*given)
		return NULL;
	if (strlen(given) > CLIENT_CONTEXT_MAX)
		*why = "Client context must be at most 3583 bytes of Base64.";
	else if (!base64_decode(&text, given, strlen(given)))
		*why = "Client context must be a valid Base64-encoded JSON object.";
	struct json *j = *why ? NULL : json_parse(text.p ? text.p : "", text.n, &cause);
	if (!*why && (!j || j->kind != JSON_OBJECT))
		*why = "Client context must be a valid Base64-encoded JSON object.";
	json_free(j);
	for (size_t i = 0; i < text.n && !*why; i++) // it becomes a header field; in JSON, white space says the same
		if ((unsigned char)text.p[i] < 0x20)
			text.p[i] = ' ';
	if (!*why)
		return text.p;
	buf_free(&text);
	return NULL;
}

static bool is(const char *header, const char *value)
{
	return header && !strcasecmp(header, value);
}

static bool check_payload(struct http_conn *conn, const char *what, bool async)
{
	const struct http_request *r = &conn->request;
	size_t most = async ? ASYNC_PAYLOAD_MAX : INVOCATION_PAYLOAD_MAX;
	const char *cause = NULL;
	char why[200];

	if (r->body_n > most) {
		snprintf(why, sizeof why, "Request must be smaller than %zu bytes for the InvokeFunction operation", most);
		call_refuse(conn, what, 413, "RequestTooLargeException", why);
		return false;
	}
	struct json *j = r->body_n ? json_parse(r->body, r->body_n, &cause) : NULL;
	json_free(j);
	if (r->body_n && !j) {
		snprintf(why, sizeof why, "Could not parse request body into json: %s", cause);
		call_refuse(conn, what, 400, "InvalidRequestContentException", why);
		return false;
	}
	return true;
}

// false: the request was refused and answered. *name is the function's part of the path, decoded.
static bool check_target(struct http_conn *conn, struct buf *name)
{
	struct callers *c = conn->server->owner;
	const struct http_request *r = &conn->request;
	const char *query = strchr(r->target, '?');
	size_t n = query ? (size_t)(query - r->target) : strlen(r->target);
	char why[300];

	if (n <= sizeof prefix - 1 + sizeof suffix - 1 || strncmp(r->target, prefix, sizeof prefix - 1) != 0 ||
	    strncmp(r->target + n - (sizeof suffix - 1), suffix, sizeof suffix - 1) != 0) {
		call_refuse(conn, r->target, 404, "UnknownOperationException",
		            "Of Lambda's API the emulator has Invoke alone.");
		return false;
	}
	percent_decode(name, r->target + sizeof prefix - 1, n - (sizeof prefix - 1) - (sizeof suffix - 1), false);
	if (strcmp(r->method, "POST") != 0) {
		call_refuse(conn, r->target, 405, "MethodNotAllowedException", "Invoke is a POST.");
		return false;
	}
	if (!names_function(name->p, c->function_name)) {
		snprintf(why, sizeof why, "Function not found: %.*s:%.100s", (int)(strrchr(c->arn, ':') - c->arn), c->arn,
		         name->p);
		call_refuse(conn, r->target, 404, "ResourceNotFoundException", why);
		return false;
	}
	return true;
}

static void answer_without_body(struct call *call, int status)
{
	struct http_conn *conn = call->conn;
	struct buf fields = { 0 };

	call->status = status;
	common_fields(&fields, call);
	call_leave(call);
	call_answer(conn, status, fields.p, "", 0);
	buf_free(&fields);
}

static void run_dry(struct call *call)
{
	call->callers->noted(call->callers, call->what, 204, NULL);
	answer_without_body(call, 204);
	call_free(call);
}

static void invoke(struct http_conn *conn, const char *name)
{
	const struct http_request *r = &conn->request;
	const char *type = http_header(r, "x-amz-invocation-type"), *log = http_header(r, "x-amz-log-type");
	const char *tenant = http_header(r, "x-amz-tenant-id"), *why = NULL;
	bool async = is(type, "Event"), dry = is(type, "DryRun");
	char *what = must_print("%s %s", async ? "invoke later" : dry ? "dry run" : "invoke", name);

	if ((type && !async && !dry && !is(type, "RequestResponse")) || (log && !is(log, "None") && !is(log, "Tail"))) {
		call_refuse(conn, what, 400, "InvalidParameterValueException",
		            "X-Amz-Invocation-Type is RequestResponse, Event or DryRun; X-Amz-Log-Type is None or Tail.");
		free(what);
		return;
	}
	char *context = client_context(r, &why);
	if (why) {
		call_refuse(conn, what, 400, "InvalidRequestContentException", why);
	} else if (check_payload(conn, what, async)) {
		struct call *call = call_new(conn, what, reply);
		call->client_context = context;
		context = NULL;
		call->tenant_id = tenant && *tenant ? must_copy(tenant, strlen(tenant)) : NULL;
		call->at_end = is(log, "Tail") && !async;
		// Lambda makes an empty payload an empty object.
		buf_add(&call->event, r->body_n ? r->body : "{}", r->body_n ? r->body_n : 2);
		if (dry)
			run_dry(call);
		if (async)
			answer_without_body(call, 202);
		if (!dry)
			call_start(call);
	}
	free(context);
	free(what);
}

void invoke_api(struct http_conn *conn)
{
	struct buf name = { 0 };

	if (check_target(conn, &name))
		invoke(conn, name.p);
	buf_free(&name);
}
