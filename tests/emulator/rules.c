// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "environment.h"
#include "json.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define CAUSE_MAX (64u << 10) /* the platform crops near there */

static bool is_one_of(const char *name, const char *const *list)
{
	for (; *list; list++)
		if (!strcasecmp(name, *list))
			return true;
	return false;
}

static bool header_known(const char *name, bool get, bool extension)
{
	static const char *const any[] = { "host", "user-agent", "accept", "connection", NULL };
	static const char *const post[] = {
		"content-type",
		"content-length",
		"transfer-encoding",
		"trailer",
		"lambda-runtime-invocation-id",
		"lambda-runtime-function-error-type",
		"lambda-runtime-function-xray-error-cause",
		"lambda-runtime-function-response-mode",
		NULL,
	};
	static const char *const next[] = { "lambda-runtime-features", NULL };
	static const char *const extensions[] = {
		"lambda-extension-name",
		"lambda-extension-identifier",
		"lambda-extension-accept-feature",
		"lambda-extension-function-error-type",
		"content-type",
		"content-length",
		NULL,
	};

	return is_one_of(name, any) || is_one_of(name, extension ? extensions : get ? next : post);
}

static void check_fields(struct environment *e, const struct http_request *r, const char *call, bool get,
                         bool extension)
{
	for (size_t i = 0; i < r->header_count; i++) {
		const char *name = r->headers[i].name;

		if (!strcasecmp(name, "expect"))
			environment_violation(e, "%s: sends `Expect: %s`; nobody answers 100 Continue here", call,
			                      r->headers[i].value);
		else if (!header_known(name, get, extension) && strcasecmp(name, "content-length") &&
		         strcasecmp(name, "transfer-encoding"))
			environment_violation(e, "%s: sends a header that the API does not know: %s", call, name);
		for (size_t k = 0; k < i; k++)
			if (!strcasecmp(name, r->headers[k].name))
				environment_violation(e, "%s: sends %s twice", call, name);
	}
}

void rules_request(struct environment *e, struct http_conn *c, const char *call, bool get)
{
	const struct http_request *r = &c->request;
	const char *host = http_header(r, "host");

	for (size_t i = 0; i < r->flaw_count; i++)
		environment_violation(e, "%s: %s", call, r->flaws[i]);
	if (c->pipelined)
		environment_violation(e, "%s: more bytes follow before the answer was given", call);
	if (strcmp(r->version, "HTTP/1.1"))
		environment_violation(e, "%s: speaks %s, not HTTP/1.1", call, r->version);
	if (host && strcmp(host, e->authority))
		environment_violation(e, "%s: Host is `%s`, AWS_LAMBDA_RUNTIME_API says `%s`", call, host, e->authority);
	check_fields(e, r, call, get, !strncmp(call, "extension", 9));
	if (get && (r->has_length || r->chunked))
		environment_violation(e, "%s: a GET with a %s", call, r->body_n ? "body" : "body announced");
	if (!get && !r->has_length && !r->chunked)
		environment_violation(e, "%s: a POST with neither Content-Length nor chunks", call);
	if (r->trailer_count && !http_header(r, "trailer"))
		environment_violation(e, "%s: trailers that no Trailer header announced", call);
	if (e->fatal)
		environment_violation(e, "%s: called after a 5xx; the process should have ended", call);
	if (e->state == ENVIRONMENT_FAILED && !(e->ack_lost && !strcmp(call, "init/error")))
		environment_violation(e, "%s: called after /init/error; the process should have ended", call);
}

void rules_attempt(struct environment *e, const struct http_request *r, const char *call)
{
	const char *echo = http_header(r, "lambda-runtime-invocation-id");

	if (e->sent_attempt_id && !echo)
		environment_violation(e, "%s: Lambda-Runtime-Invocation-Id is not echoed", call);
	else if (e->sent_attempt_id && strcmp(echo, e->current->attempt_id))
		environment_violation(e, "%s: Lambda-Runtime-Invocation-Id is `%s`, the event's was `%s`", call, echo,
		                      e->current->attempt_id);
	else if (!e->sent_attempt_id && echo)
		environment_violation(e, "%s: Lambda-Runtime-Invocation-Id `%s`, the event had none", call, echo);
}

void rules_response(struct environment *e, const struct http_request *r)
{
	const char *type = http_header(r, "content-type");

	rules_attempt(e, r, "response");
	if (!type || !*type)
		environment_violation(e, "response: no Content-Type");
	if (http_header(r, "lambda-runtime-function-error-type") ||
	    http_header(r, "lambda-runtime-function-xray-error-cause"))
		environment_violation(e, "response: carries an error header");
}

/* ^(Runtime|Function)\.[A-Z][a-zA-Z]+$: anything else is rewritten to Unknown by the platform. */
static bool error_type_kept(const char *s)
{
	if (strncmp(s, "Runtime.", 8) && strncmp(s, "Function.", 9))
		return false;
	s = strchr(s, '.') + 1;
	if (!isupper((unsigned char)*s) || !s[1])
		return false;
	while (isalpha((unsigned char)*s))
		s++;
	return !*s;
}

static void check_error_body(struct environment *e, const struct http_request *r, const char *call)
{
	const char *why, *type = http_header(r, "content-type");
	struct json *j = json_parse(r->body, r->body_n, &why);
	const struct json *stack = json_get(j, "stackTrace");

	if (!type || (strcasecmp(type, "application/json") && strcasecmp(type, "application/vnd.aws.lambda.error+json")))
		environment_violation(e, "%s: Content-Type is `%s`, neither application/json nor Lambda's own", call,
		                      type ? type : "(absent)");
	if (!j)
		environment_violation(e, "%s: the body is not JSON: %s", call, why);
	else if (!json_text(j, "errorMessage") || !json_text(j, "errorType"))
		environment_violation(e, "%s: the body has no errorMessage and errorType that are strings", call);
	else if (!*json_text(j, "errorType"))
		environment_violation(e, "%s: errorType is empty", call);
	if (stack && stack->kind != JSON_ARRAY)
		environment_violation(e, "%s: stackTrace is not an array", call);
	for (stack = stack ? stack->child : NULL; stack; stack = stack->next)
		if (stack->kind != JSON_STRING)
			environment_violation(e, "%s: stackTrace holds something that is not a string", call);
	json_free(j);
}

/* {working_directory, exceptions: [{message, type, stack: [{path, line, label}]}], paths: [...]}, at least one of them */
static const char *cause_fault(const struct json *j)
{
	const struct json *exceptions = json_get(j, "exceptions"), *paths = json_get(j, "paths");
	bool something = json_text(j, "working_directory") && *json_text(j, "working_directory");

	if (j->kind != JSON_OBJECT)
		return "is not an object";
	if ((exceptions && exceptions->kind != JSON_ARRAY) || (paths && paths->kind != JSON_ARRAY))
		return "has exceptions or paths that are not arrays";
	if (json_get(j, "working_directory") && !json_text(j, "working_directory"))
		return "has a working_directory that is not a string";
	something |= (exceptions && exceptions->child) || (paths && paths->child);
	if (!something)
		return "says nothing: no working_directory, exceptions or paths";
	for (const struct json *x = exceptions ? exceptions->child : NULL; x; x = x->next) {
		const struct json *stack = json_get(x, "stack");

		if (x->kind != JSON_OBJECT || !json_text(x, "message") || !json_text(x, "type"))
			return "has an exception without message and type";
		if (stack && stack->kind != JSON_ARRAY)
			return "has a stack that is not an array";
		for (stack = stack ? stack->child : NULL; stack; stack = stack->next)
			if (stack->kind != JSON_OBJECT)
				return "has a stack frame that is not an object";
	}
	for (const struct json *x = paths ? paths->child : NULL; x; x = x->next)
		if (x->kind != JSON_STRING)
			return "has a path that is not a string";
	return NULL;
}

static void check_cause(struct environment *e, const struct http_request *r, const char *call)
{
	const char *cause = http_header(r, "lambda-runtime-function-xray-error-cause"), *why;
	struct json *j;

	if (!cause)
		return;
	if (strlen(cause) > CAUSE_MAX)
		environment_violation(e, "%s: the X-Ray cause has %zu bytes, the platform keeps %u", call, strlen(cause),
		                      CAUSE_MAX);
	for (const char *s = cause; *s; s++) {
		if ((unsigned char)*s < 0x20 || (unsigned char)*s == 0x7f) {
			environment_violation(e, "%s: a control byte in the X-Ray cause", call);
			break;
		}
	}
	j = json_parse(cause, strlen(cause), &why);
	if (!j)
		environment_violation(e, "%s: the X-Ray cause is not JSON: %s", call, why);
	else if ((why = cause_fault(j)))
		environment_violation(e, "%s: the X-Ray cause %s", call, why);
	json_free(j);
}

void rules_error(struct environment *e, const struct http_request *r, const char *call)
{
	const char *type = http_header(r, "lambda-runtime-function-error-type");

	if (!type)
		environment_violation(e, "%s: no Lambda-Runtime-Function-Error-Type", call);
	else if (!error_type_kept(type))
		environment_violation(e, "%s: error type `%s` does not match (Runtime|Function).[A-Z][a-zA-Z]+", call, type);
	if (http_header(r, "lambda-runtime-function-response-mode"))
		environment_violation(e, "%s: carries a response mode", call);
	check_error_body(e, r, call);
	check_cause(e, r, call);
}
