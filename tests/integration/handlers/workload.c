// SPDX-License-Identifier: MIT
/* The workload of the published testbed for telemetry on Lambda (systems.md A3.10), for tests/bench: a tree of spans of depth 2, four of them at
 * each place, 20 in all, each with a payload of 256 characters. */
#include "lambda.h"
#include "otel.h"

#define DEPTH 2
#define ITERATIONS 4
#define PAYLOAD 256

static char payload[PAYLOAD];

static void operate(int depth)
{
	for (int i = 0; depth && i < ITERATIONS; i++) {
		char name[] = "operation_depth_0_iter_0";
		struct otel_span *span;

		name[sizeof "operation_depth_" - 1] = (char)('0' + depth);
		name[sizeof name - 2] = (char)('0' + i);
		span = otel_start_n(name, sizeof name - 1);
		otel_set_int(span, "depth", depth);
		otel_set_int(span, "iteration", i);
		otel_set_str(span, "payload", payload, sizeof payload);
		operate(depth - 1);
		otel_end(span);
	}
}

static int workload(struct lambda_call *call)
{
	for (size_t i = 0; i < sizeof payload; i++)
		payload[i] = 'x';
	operate(DEPTH);
	lambda_puts(call, "{\"message\":\"Benchmark complete\"}");
	return 0;
}

int main(int argc, char **argv)
{
	static const struct lambda_function functions[] = { { "workload", workload }, { NULL, NULL } };
	static const struct lambda_app app = { .functions = functions, .hooks = OTEL_HOOKS };

	return lambda_run(&app, argc, argv);
}
