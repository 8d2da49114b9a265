// SPDX-License-Identifier: MIT

/* triggers: functions whose spans say who called, with what the environment of a test wants of them. */
#include "lambda.h"
#include "otel.h"

#include <stdlib.h>
#include <string.h>

static lambda_str wish(const char *name)
{
	const char *value = getenv(name);

	return (lambda_str){ value, value ? strlen(value) : 0 };
}

/* Answers MOTE_TEST_REPLY, having matched the route MOTE_TEST_ROUTE and said MOTE_TEST_MORE. */
static int reply(struct lambda_call *call)
{
	lambda_str answer = wish("MOTE_TEST_REPLY"), route = wish("MOTE_TEST_ROUTE"), more = wish("MOTE_TEST_MORE");

	if (route.n)
		otel_route(route.p);
	if (more.n)
		otel_set_str(otel_invocation(), "more", more.p, more.n);
	lambda_write(call, answer.p, answer.n);
	return 0;
}

/* Fails every message that has MOTE_TEST_FAIL in it, and stops at one that has MOTE_TEST_STOP. */
static int batch(struct lambda_call *call)
{
	lambda_str fail = wish("MOTE_TEST_FAIL"), stop = wish("MOTE_TEST_STOP");
	struct otel_batch b = otel_batch_of(call);

	while (otel_message(&b)) {
		lambda_str body = lambda_batch_body(&b.message);

		otel_set_int(b.span, "body.size", (int64_t)body.n);
		if (fail.n && memmem(b.message.record.p, b.message.record.n, fail.p, fail.n))
			otel_message_failed(&b, "BadOrder", "no such article", 15);
		if (stop.n && memmem(b.message.record.p, b.message.record.n, stop.p, stop.n))
			break;
	}
	return 0;
}

static bool read_order(struct otel_source *source, lambda_str body)
{
	lambda_str id, trace;

	if (!lambda_json_find(body, "orderId", &id))
		return false;
	otel_source_name(source, LAMBDA_STR("process order"));
	otel_source_str(source, "order.id", otel_source_text(source, id));
	otel_source_int(source, "order.bytes", (int64_t)body.n);
	if (lambda_json_find(body, "carrier", &trace))
		otel_source_headers(source, trace);
	if (lambda_json_find(body, "cause", &trace))
		otel_source_link(source, otel_source_text(source, trace), otel_source_text(source, id));
	return true;
}

int main(int argc, char **argv)
{
	static const struct lambda_function functions[] = { { "reply", reply }, { "batch", batch }, { NULL, NULL } };
	static const struct lambda_app app = { .functions = functions, .hooks = OTEL_HOOKS };
	static struct otel_trigger orders = { .trigger = "pubsub", .kind = OTEL_CONSUMER, .read = read_order };

	otel_add_trigger(&orders);
	return lambda_run(&app, argc, argv);
}
