// SPDX-License-Identifier: MIT
/* The Extensions API, for internal extensions: the process under test registers itself, nobody else is there. */
#define _GNU_SOURCE
#include "environment.h"
#include "ids.h"
#include "json.h"

#include <stdlib.h>
#include <string.h>

static void refuse(struct environment *e, struct http_conn *c, const char *type, const char *message)
{
	struct fault none = { 0 };

	environment_violation(e, "extension: %s: %s", type, message);
	reply_error(c, 403, type, message, &none);
}

static const char *events_fault(struct environment *e, struct extension *x, const struct http_request *r)
{
	const char *why, *name;
	struct json *j = json_parse(r->body, r->body_n, &why);
	const struct json *events = json_get(j, "events");
	const char *fault = NULL;

	(void)e;
	if (!j)
		fault = "the body is not JSON";
	else if (j->kind != JSON_OBJECT || (events && events->kind != JSON_ARRAY))
		fault = "the body is not {\"events\":[...]}";
	else if (json_get(j, "configurationKeys"))
		fault = "configurationKeys are for external extensions";
	for (events = !fault && events ? events->child : NULL; events; events = events->next) {
		name = events->kind == JSON_STRING ? events->text : "";
		if (!strcmp(name, "INVOKE"))
			x->wants_invoke = true;
		else
			fault = !strcmp(name, "SHUTDOWN") ? "SHUTDOWN is for external extensions" : "unknown event";
	}
	json_free(j);
	return fault;
}

static void on_register(struct environment *e, struct http_conn *c)
{
	const struct function_config *config = &e->function->config;
	const char *name = http_header(&c->request, "lambda-extension-name"), *why;
	const char *feature = http_header(&c->request, "lambda-extension-accept-feature");
	struct extension *x = &e->extensions[e->extension_count];
	struct buf body = { 0 };
	char fields[128];
	struct fault f;

	rules_request(e, c, "extension/register", false);
	if (e->state != ENVIRONMENT_INIT) {
		refuse(e, c, "Extension.RegistrationClosed", "register before the first /next");
		return;
	}
	if (!name || !*name) {
		refuse(e, c, "Extension.InvalidExtensionName", "no Lambda-Extension-Name");
		return;
	}
	for (unsigned i = 0; i < e->extension_count; i++) {
		if (!strcmp(e->extensions[i].name, name)) {
			refuse(e, c, "Extension.AlreadyRegistered", name);
			return;
		}
	}
	if (e->extension_count == EXTENSIONS_MAX) {
		refuse(e, c, "Extension.TooManyExtensions", "ten at most");
		return;
	}
	*x = (struct extension){ 0 };
	if ((why = events_fault(e, x, &c->request))) {
		refuse(e, c, "Extension.InvalidEventType", why);
		return;
	}
	fault_take(config->faults, FAULT_REGISTER, 1, &f);
	if (f.status && f.status / 100 != 2) {
		reply_refuse(c, &f);
		fault_free(&f);
		return;
	}
	x->name = must_copy(name, strlen(name));
	id_uuid(x->id);
	e->record->extensions = ++e->extension_count;
	snprintf(fields, sizeof fields, "Content-Type: application/json\r\nLambda-Extension-Identifier: %s\r\n", x->id);
	json_open(&body, NULL, '{');
	json_cstr(&body, "functionName", config->name ? config->name : "emulated");
	json_cstr(&body, "functionVersion", config->version ? config->version : "$LATEST");
	json_cstr(&body, "handler", config->handler ? config->handler : "bootstrap");
	if (feature && strstr(feature, "accountId"))
		json_cstr(&body, "accountId", config->account ? config->account : "123456789012");
	json_close(&body, '}');
	struct reply r = { .status = 200, .fields = fields, .body = body.p, .n = body.n };
	reply_send(c, &r, &f);
	buf_free(&body);
	fault_free(&f);
}

static struct extension *who(struct environment *e, struct http_conn *c)
{
	const char *id = http_header(&c->request, "lambda-extension-identifier");

	if (!id || !*id) {
		refuse(e, c, "Extension.MissingExtensionIdentifier", "no Lambda-Extension-Identifier");
		return NULL;
	}
	for (unsigned i = 0; i < e->extension_count; i++)
		if (!strcmp(e->extensions[i].id, id))
			return &e->extensions[i];
	refuse(e, c, "Extension.UnknownExtensionIdentifier", id);
	return NULL;
}

static void on_event_next(struct environment *e, struct http_conn *c)
{
	struct extension *x;

	rules_request(e, c, "extension/event/next", true);
	if (!(x = who(e, c)))
		return;
	if (x->waiting)
		environment_violation(e, "extension/event/next: asked again while one is waiting");
	x->waiting = c;
	x->owes_next = false;
	environment_settle(e);
}

static void on_error(struct environment *e, struct http_conn *c, const char *call)
{
	struct reply r = {
		.status = 202, .fields = "Content-Type: application/json\r\n", .body = "{\"status\":\"OK\"}\n", .n = 16
	};
	struct fault none = { 0 };
	const char *type;

	rules_request(e, c, call, false);
	if (!who(e, c))
		return;
	type = http_header(&c->request, "lambda-extension-function-error-type");
	if (!type || !*type)
		environment_violation(e, "%s: no Lambda-Extension-Function-Error-Type", call);
	else
		environment_violation(e, "%s: the extension ended the environment: %s", call, type);
	reply_send(c, &r, &none);
	environment_stop(e);
}

bool extensions_request(struct environment *e, struct http_conn *c, const char *path)
{
	const char *method = c->request.method;

	if (!strcmp(method, "POST") && !strcmp(path, "/register"))
		on_register(e, c);
	else if (!strcmp(method, "GET") && !strcmp(path, "/event/next"))
		on_event_next(e, c);
	else if (!strcmp(method, "POST") && !strcmp(path, "/init/error"))
		on_error(e, c, "extension/init/error");
	else if (!strcmp(method, "POST") && !strcmp(path, "/exit/error"))
		on_error(e, c, "extension/exit/error");
	else
		return false;
	return true;
}

bool extensions_ready(const struct environment *e)
{
	for (unsigned i = 0; i < e->extension_count; i++)
		if (!e->extensions[i].waiting)
			return false;
	return true;
}

void extensions_invoke(struct environment *e)
{
	const struct function_config *config = &e->function->config;
	const struct invocation *inv = e->current;
	struct buf body = { 0 };

	json_open(&body, NULL, '{');
	json_cstr(&body, "eventType", "INVOKE");
	json_u64(&body, "deadlineMs", inv->deadline_ms);
	json_cstr(&body, "requestId", inv->id);
	char *arn = must_print("arn:aws:lambda:%s:%s:function:%s", config->region ? config->region : "us-east-1",
	                       config->account ? config->account : "123456789012",
	                       config->name ? config->name : "emulated");
	json_cstr(&body, "invokedFunctionArn", arn);
	free(arn);
	json_open(&body, "tracing", '{');
	json_cstr(&body, "type", "X-Amzn-Trace-Id");
	json_cstr(&body, "value", inv->trace_sent);
	json_close(&body, '}');
	json_close(&body, '}');
	for (unsigned i = 0; i < e->extension_count; i++) {
		struct extension *x = &e->extensions[i];
		struct http_conn *c = x->waiting;
		char fields[128], id[40];
		struct fault f;

		if (!x->wants_invoke || !c)
			continue;
		id_uuid(id);
		snprintf(fields, sizeof fields, "Content-Type: application/json\r\nLambda-Extension-Event-Identifier: %s\r\n",
		         id);
		struct reply r = { .status = 200, .fields = fields, .body = body.p, .n = body.n };
		fault_take(config->faults, FAULT_EVENT_NEXT, inv->number, &f);
		x->waiting = NULL;
		x->owes_next = true;
		if (f.status && f.status / 100 != 2)
			reply_refuse(c, &f);
		else
			reply_send(c, &r, &f);
		fault_free(&f);
	}
	buf_free(&body);
}

void extensions_closed(struct environment *e, const struct http_conn *c)
{
	for (unsigned i = 0; i < e->extension_count; i++)
		if (e->extensions[i].waiting == c)
			e->extensions[i].waiting = NULL;
}

void extensions_free(struct environment *e)
{
	for (unsigned i = 0; i < e->extension_count; i++)
		free(e->extensions[i].name);
}
