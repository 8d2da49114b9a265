// SPDX-License-Identifier: MIT

/*
 * table: functions that do what no sensible function does, so that tests can see how the runtime takes it. One binary, several rows, an
 * init that fails when MOTE_TEST_INIT says so.
 */
#include "lambda.h"
#include "otel.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void member(struct lambda_call *call, const char *name, lambda_str value)
{
	lambda_printf(call, ",\"%s\":\"", name);
	lambda_write_json(call, value.p, value.n);
	lambda_puts(call, "\"");
}

/* Everything that a call says, the event as its size. */
static int describe(struct lambda_call *call)
{
	const char *trace = getenv("_X_AMZN_TRACE_ID"), *proxy = getenv("http_proxy");

	lambda_printf(call,
	              "{\"event_size\":%zu,\"deadline_ms\":%lld,\"remaining_ms\":%lld,\"cold_start\":%s,\"memory_mb\":%lld",
	              call->event.n, (long long)call->deadline_ms, (long long)lambda_remaining_ms(call),
	              call->cold_start ? "true" : "false", (long long)call->memory_mb);
	lambda_printf(call, ",\"trace_variable\":%s", trace ? "true" : "false");
	if (trace)
		member(call, "trace_value", (lambda_str){ trace, strlen(trace) });
	if (proxy)
		member(call, "http_proxy", (lambda_str){ proxy, strlen(proxy) });
	member(call, "content_type", call->content_type);
	member(call, "request_id", call->request_id);
	member(call, "invoked_function_arn", call->invoked_function_arn);
	member(call, "trace_header", call->trace_header);
	member(call, "client_context", call->client_context);
	member(call, "cognito_identity", call->cognito_identity);
	member(call, "tenant_id", call->tenant_id);
	member(call, "function_name", call->function_name);
	member(call, "function_version", call->function_version);
	member(call, "log_group", call->log_group);
	member(call, "log_stream", call->log_stream);
	member(call, "initialization_type", call->initialization_type);
	lambda_puts(call, "}");
	return 0;
}

/* A reply of "size" bytes, written in pieces of a prime number of bytes. */
static int size(struct lambda_call *call)
{
	char piece[4093];
	int64_t left = 0;

	lambda_get_int(call, "size", &left);
	memset(piece, 'x', sizeof piece);
	for (; left > 0; left -= (int64_t)sizeof piece)
		lambda_write(call, piece, left < (int64_t)sizeof piece ? (size_t)left : sizeof piece);
	return 0;
}

static int text(struct lambda_call *call)
{
	static char type[2048];
	lambda_str value = lambda_get(call, "type");

	if (value.n < sizeof type)
		memcpy(type, value.p, value.n);
	type[value.n < sizeof type ? value.n : 0] = 0;
	lambda_content_type(call, type);
	lambda_puts(call, "as you like");
	return 0;
}

static int fail(struct lambda_call *call)
{
	char type[512];
	lambda_str name = lambda_get(call, "type"), message = lambda_get(call, "message");

	if (!name.n || name.n >= sizeof type)
		return 1; /* without a word */
	memcpy(type, name.p, name.n);
	type[name.n] = 0;
	return lambda_fail(call, type, "%.*s", (int)message.n, message.p);
}

/* Until somebody writes into the FIFO "path": a test decides how long a function runs, and knows that it does. */
static int wait(struct lambda_call *call)
{
	char path[1024], byte;
	lambda_str value = lambda_get(call, "path");
	int fd;

	if (!value.n || value.n >= sizeof path)
		return lambda_fail(call, "NoPath", "the event has no path to wait on");
	memcpy(path, value.p, value.n);
	path[value.n] = 0;
	if ((fd = open(path, O_RDONLY)) < 0)
		return lambda_fail(call, "NoPath", "cannot open %s", path);
	(void)!read(fd, &byte, 1);
	close(fd);
	lambda_puts(call, "{\"waited\":true}");
	return 0;
}

static int logs(struct lambda_call *call)
{
	static const struct lambda_field fields[] = {
		{ "orders", LAMBDA_FIELD_INT, { .integer = -7 } },
		{ "ratio", LAMBDA_FIELD_DOUBLE, { .number = 0.5 } },
		{ "paid", LAMBDA_FIELD_BOOL, { .boolean = true } },
	};
	lambda_str message = lambda_get(call, "message");

	for (int level = LAMBDA_TRACE; level <= LAMBDA_FATAL; level++)
		lambda_log((enum lambda_level)level, "level %d", level);
	lambda_log(LAMBDA_ERROR, "%.*s", (int)message.n, message.p);
	lambda_log_fields(LAMBDA_ERROR, fields, sizeof fields / sizeof *fields, "with fields");
	lambda_puts(call, "{}");
	return 0;
}

static int leave(struct lambda_call *call)
{
	(void)call;
	_exit(7);
}

/* More spans than any region holds: what is lost has to be counted. */
static int spans(struct lambda_call *call)
{
	int64_t count = 0;

	lambda_get_int(call, "count", &count);
	for (int64_t i = 0; i < count; i++) {
		struct otel_span *span = otel_start("one of many");

		otel_set_int(span, "index", i);
		otel_end(span);
	}
	lambda_printf(call, "{\"spans\":%lld}", (long long)count);
	return 0;
}

static int init(struct lambda_call *call)
{
	const char *how = getenv("MOTE_TEST_INIT");

	if (!how)
		return 0;
	if (!strcmp(how, "silent"))
		return -1;
	return lambda_fail(call, how, "the table is \"not\" laid\n\tin %s", "time");
}

int main(int argc, char **argv)
{
	static const struct lambda_function functions[] = {
		{ "describe", describe }, { "size", size },   { "text", text },   { "fail", fail }, { "wait", wait },
		{ "logs", logs },         { "leave", leave }, { "spans", spans }, { NULL, NULL },
	};
	static const struct lambda_app app = { .functions = functions, .init = init, .hooks = OTEL_HOOKS };

	return lambda_run(&app, argc, argv);
}
