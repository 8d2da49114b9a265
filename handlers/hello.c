// SPDX-License-Identifier: MIT

/*
 * The tutorial: a function that greets, with a span of its own in the invocation's trace. Built a second time as hello-minimal, where every
 * otel_ call is nothing.
 *
 *   make run                                       an API Gateway event, the answer, the trace
 *   make build/x86_64/hello/bootstrap && make zip  what Lambda takes
 */
#include "lambda.h"
#include "otel.h"

#define NAME_BYTES_MAX 64

static int hello(struct lambda_call *call)
{
	lambda_str name = lambda_get(call, "queryStringParameters.name"); /* empty when absent */
	struct otel_span *span;

	if (name.n > NAME_BYTES_MAX)
		return lambda_fail(call, "NameTooLong", "the name has %zu bytes, at most %d are greeted", name.n,
		                   NAME_BYTES_MAX);
	if (!name.n)
		name = LAMBDA_STR("world");

	span = otel_start("compose greeting"); /* a child of the invocation's span */
	otel_set_str(span, "greeting.name", name.p, name.n);
	otel_set_int(span, "greeting.name.size", (int64_t)name.n);
	lambda_puts(call, "{\"message\":\"Hello, ");
	lambda_write_json(call, name.p, name.n); /* escaped */
	lambda_puts(call, "!\"}");
	otel_end(span);

	lambda_log(LAMBDA_INFO, "greeted a name of %zu bytes", name.n);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct lambda_function functions[] = { { "hello", hello }, { NULL, NULL } };
	static const struct lambda_app app = { .functions = functions, .hooks = OTEL_HOOKS };

	return lambda_run(&app, argc, argv);
}
