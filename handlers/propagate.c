// SPDX-License-Identifier: MIT
#include "lambda.h"
#include "otel.h"

/* Answers with the headers that an outgoing call would have: what came in, read and written again by OTEL_PROPAGATORS. */

static void add_header(void *to, const char *name, const char *value, size_t n)
{
	struct lambda_json_writer *w = (struct lambda_json_writer *)to;

	lambda_json_put_key(w, name);
	lambda_json_put_str(w, (lambda_str){ value, n });
}

static int propagate(struct lambda_call *call)
{
	struct lambda_json_writer w;

	lambda_json_to_call(&w, call);
	lambda_json_open_object(&w);
	lambda_json_put_key(&w, "headers");
	lambda_json_open_object(&w);
	otel_inject(add_header, &w);
	lambda_json_close(&w);
	lambda_json_close(&w);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct lambda_function functions[] = { { "propagate", propagate }, { NULL, NULL } };
	static const struct lambda_app app = { .functions = functions, .hooks = OTEL_HOOKS };

	return lambda_run(&app, argc, argv);
}
