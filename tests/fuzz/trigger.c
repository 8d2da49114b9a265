// SPDX-License-Identifier: MIT
#include "fuzz/fuzz.h"
#include "hooks.h"
#include "invocation.h"
#include "otel.h"
#include "record/recorder.h"
#include "trigger/batch.h"
#include "trigger/link.h"

#include <stdlib.h>
#include <string.h>

/*
 * An event of any shape. Whatever it is, what is noted about it lies in the event or in the
 * trigger, each member is within its limits, and a batch ends.
 */

int LLVMFuzzerInitialize(int *argc, char ***argv);

static struct trigger trigger;

/* Literals aside, which are short. */
static size_t noted(str s, str event)
{
	require(s.n < 64 || within(s, event.p, event.n) || within(s, trigger.bytes, sizeof trigger.bytes) ||
	        within(s, trigger.scratch, sizeof trigger.scratch));
	return touch(s);
}

static size_t messages(str event)
{
	struct trigger_message m;
	struct batch_walk walk;
	struct otel_context to;
	size_t sum = 0, count = 0, base = trigger.room.n;

	batch_open(&walk, &trigger);
	while (batch_next(&walk, &m)) {
		sum += noted(m.id, event) + noted(m.source, event) + noted(m.document, event);
		sum += noted(m.key, event) + noted(m.partition, event) + noted(m.time, event) + link_context(&m, &to);
		trigger.room.n = base;
		require(++count <= event.n);
	}
	return sum;
}

/* A handler that fails every message, with a span for each. */
static void handled(struct invocation *inv)
{
	struct otel_batch batch = otel_batch_of(&inv->call);

	while (otel_message(&batch)) {
		touch(lambda_batch_body(&batch.message));
		otel_message_failed(&batch, "Failed", "as it should", 12);
	}
	otel_route("/a/{b}");
	require(!inv->room.next || !invocation_reply(inv).n || lambda_json_valid(invocation_reply(inv)));
}

/* The event is its own answer, when the handler gives none. */
static void invoked(str event)
{
	static struct invocation inv;
	static char region[1 << 20];
	struct lambda_hook_event begin = { .request_id = S("8476a536-e9f4-11e8-9739-2dfe598c3fcd"), .body = event };
	struct lambda_hook_result end = { 0 };

	invocation_begin(&inv, region, sizeof region);
	inv.call.event = event;
	otel_hooks.begin(&begin);
	handled(&inv);
	end.body = invocation_reply(&inv).n ? invocation_reply(&inv) : event;
	otel_hooks.end(&end);
	otel_hooks.answered();
	require(recorder.spool.items > 0);
	recorder_spool_empty();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const struct lambda_hook_sandbox sandbox = { .function_name = { "fuzz", 4 } };

	(void)argc, (void)argv;
	setenv("OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_REQUEST_HEADERS", "accept,host,x-forwarded-for", 1);
	setenv("OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_RESPONSE_HEADERS", "accept,host,x-forwarded-for", 1);
	setenv("OTEL_SEMCONV_STABILITY_OPT_IN", "http/dup", 1);
	setenv("OTEL_TRACES_SAMPLER", "always_on", 1); /* whatever the event's traceparent asks for */
	otel_hooks.init(&sandbox);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *copy = malloc(n + 1);
	str event = { copy, n }, value;
	size_t sum = 0;

	memcpy(copy, data, n);
	trigger_detect(event, &trigger);
	require(trigger.attrs <= TRIGGER_ATTRS_MAX && trigger.headers <= TRIGGER_HEADERS_MAX &&
	        trigger.links <= TRIGGER_LINKS_MAX);
	require(trigger.name.n <= TRIGGER_NAME_MAX && trigger.room.n <= TRIGGER_ROOM && !trigger.room.full);
	require(trigger.row || !(trigger.attrs || trigger.name.n || trigger.links || trigger.batch || trigger.http));
	for (unsigned i = 0; i < trigger.attrs; i++)
		sum += noted(trigger.attr[i].text, event);
	for (unsigned i = 0; i < trigger.headers; i++)
		sum += noted(trigger.header[i].name, event) + noted(trigger.header[i].value, event);
	for (size_t nth = 0; carrier_get(&trigger.carrier, S("traceparent"), nth, &value); nth++)
		sum += touch(value);
	if (trigger.batch)
		sum += messages(event);
	__asm__ volatile("" : : "r"(sum)); /* it was needed */
	invoked(event);
	free(copy);
	return 0;
}
