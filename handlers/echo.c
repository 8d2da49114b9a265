// SPDX-License-Identifier: MIT

/*
 * echo: the event's bytes back, of any kind and any size, with their content type. The reply is the event
 * where it lies, so that six megabytes cost no copy.
 *
 *   make run HANDLER=echo EVENT=tests/data/events/sqs.json
 */
#include "lambda.h"
#include "otel.h"

#include <string.h>

static int echo(struct lambda_call *call)
{
	char *type = lambda_alloc(call, call->content_type.n + 1); /* zeroed, and as long-lived as the call */

	if (type == NULL)
		return lambda_fail(call, "ContentTypeTooLong", "the event's content type is %zu bytes long",
		                   call->content_type.n);
	if (call->content_type.n > 0) {
		memcpy(type, call->content_type.p, call->content_type.n);
		lambda_content_type(call, type);
	}
	lambda_borrow(call, call->event.p, call->event.n);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct lambda_function functions[] = { { "echo", echo }, { NULL, NULL } };
	static const struct lambda_app app = { .functions = functions, .hooks = OTEL_HOOKS };

	return lambda_run(&app, argc, argv);
}
