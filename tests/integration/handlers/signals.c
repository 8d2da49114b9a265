// SPDX-License-Identifier: MIT
#include "lambda.h"
#include "otel.h"

/* One of everything that settings are about: a span with an event, a link and attributes, a count and a duration, a record of each log. */
static int signals(struct lambda_call *call)
{
	static struct otel_instrument calls = OTEL_COUNTER("calls", "{call}", "Calls");
	static struct otel_instrument duration = OTEL_HISTOGRAM_DOUBLE("duration", "s", "How long they took");
	const struct otel_attr attrs[] = { otel_attr_str("text", "0123456789", 10), otel_attr_int("number", 1) };
	struct otel_span *span = otel_start("work");
	struct otel_link link = { .attrs = attrs, .attr_count = 2 };

	otel_set_str(span, "text", "0123456789", 10);
	otel_add_event(span, "event", attrs, 2);
	if (otel_context_of(span, &link.to))
		otel_add_link(span, &link.to, attrs, 2);
	otel_exception(span, "oops", "it broke", 8);
	otel_add(&calls, 1);
	otel_record_double(&duration, 0.25, attrs, 2);
	otel_log_attrs(OTEL_LOG_INFO, "a record", 8, attrs, 2);
	lambda_log(LAMBDA_INFO, "a line");
	otel_end(span);
	lambda_puts(call, "{}");
	return 0;
}

int main(int argc, char **argv)
{
	static const struct lambda_function functions[] = { { "signals", signals }, { NULL, NULL } };
	static const struct lambda_app app = { .functions = functions, .hooks = OTEL_HOOKS };

	return lambda_run(&app, argc, argv);
}
