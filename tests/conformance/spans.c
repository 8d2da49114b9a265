// SPDX-License-Identifier: MIT

/*
 * spans SEED INVOCATIONS: records random spans as careless handlers would, and says what it did. For each invocation one line of JSON, then what
 * the otlpstdout exporter writes; so that somebody else's protobuf can tell whether the one is the other.
 */
#include "conformance/random.h"
#include "hooks.h"

#include <stdlib.h>

#define SPANS_MAX 40
#define ATTRIBUTES_MAX 24
#define EVENTS_MAX 4

struct recorded {
	struct otel_span *span;
	struct text name, status, event_type[EVENTS_MAX], event_message[EVENTS_MAX];
	struct otel_attr attributes[ATTRIBUTES_MAX];
	size_t attribute_count, event_count;
	int parent; /* -1: the invocation's */
	int ended;  /* position among those that ended; -1: open */
	bool failed, unended;
};

static struct recorded spans[SPANS_MAX], invocation;
static int open_spans[SPANS_MAX], depth, span_count, ended_count;

/* ---- doing it, and remembering ---- */

/* A span to do something to: mostly one that is open. */
static struct recorded *draw_span(void)
{
	if (span_count && one_in(6))
		return &spans[draw((uint64_t)span_count)];
	if (depth && !one_in(5))
		return &spans[open_spans[one_in(3) ? draw((uint64_t)depth) : (uint64_t)depth - 1]];
	return &invocation;
}

static void start(void)
{
	struct recorded *r = &spans[span_count];

	if (span_count == SPANS_MAX || depth == OTEL_OPEN_MAX - 1)
		return;
	memset(r, 0, sizeof *r);
	r->name = draw_text(TEXT_MAX, true);
	r->parent = depth ? open_spans[depth - 1] : -1;
	r->ended = -1;
	r->span = otel_start_n(r->name.p, r->name.n);
	open_spans[depth++] = span_count++;
}

static void close_top(bool unended)
{
	struct recorded *r = &spans[open_spans[--depth]];

	r->ended = ended_count++;
	r->unended = unended;
}

static void end(void)
{
	struct recorded *r = draw_span();

	otel_end(r->span); /* of the invocation, of one that ended: nothing */
	if (r == &invocation || r->ended >= 0)
		return;
	while (&spans[open_spans[depth - 1]] != r)
		close_top(true);
	close_top(false);
}

static void put(struct recorded *r, struct otel_attr a)
{
	size_t i = 0;

	if (r->ended >= 0)
		return;
	while (i < r->attribute_count &&
	       (r->attributes[i].key_n != a.key_n || memcmp(r->attributes[i].key, a.key, a.key_n)))
		i++;
	if (i == r->attribute_count)
		r->attribute_count++;
	r->attributes[i] = a;
}

static void set(void)
{
	struct recorded *r = draw_span();
	struct otel_attr a, *again = NULL;
	struct text key = draw_text(40, false), text;

	if (!key.n || r->attribute_count == ATTRIBUTES_MAX)
		return;
	if (r->attribute_count && one_in(4))
		again = &r->attributes[draw(r->attribute_count)];
	text = draw_text(TEXT_MAX, true);
	a.key = again ? again->key : key.p;
	a.key_n = again ? again->key_n : key.n;
	switch (draw(4)) {
	case 0:
		a.value = otel_value_str(text.p, text.n);
		otel_put_str(r->span, a.key, a.key_n, text.p, text.n);
		break;
	case 1:
		a.value = otel_value_int(draw_integer());
		otel_put_int(r->span, a.key, a.key_n, a.value.of.integer);
		break;
	case 2:
		a.value = otel_value_double(draw_double());
		otel_put_double(r->span, a.key, a.key_n, a.value.of.number);
		break;
	default:
		a.value = otel_value_bool(one_in(2));
		otel_put_bool(r->span, a.key, a.key_n, a.value.of.truth);
		break;
	}
	put(r, a);
}

static void fail_with_exception(struct recorded *r, struct text type, struct text message)
{
	if (r->ended >= 0)
		return;
	if (type.n)
		put(r, otel_attr_str("error.type", type.p, type.n));
	r->event_type[r->event_count] = type;
	r->event_message[r->event_count++] = message;
	r->status = message;
	r->failed = true;
}

static void fail(void)
{
	struct recorded *r = draw_span();
	struct text type = draw_text(60, true), message = draw_text(TEXT_MAX, true);

	if (one_in(2)) {
		otel_error(r->span, message.p, message.n);
		if (r->ended < 0) {
			r->status = message;
			r->failed = true;
		}
	} else if (r->event_count < EVENTS_MAX - 1 && r->attribute_count < ATTRIBUTES_MAX) {
		otel_put_exception(r->span, type.p, type.n, message.p, message.n);
		fail_with_exception(r, type, message);
	}
}

/* ---- saying it ---- */

static void say_span(const struct recorded *r)
{
	printf("{\"name\":");
	say_text(r->name.p, r->name.n);
	printf(",\"parent\":%d,\"ended\":%d,\"unended\":%s,\"failed\":%s,\"status\":", r->parent, r->ended,
	       r->unended ? "true" : "false", r->failed ? "true" : "false");
	say_text(r->status.p, r->status.n);
	printf(",\"attributes\":");
	say_attrs(r->attributes, r->attribute_count);
	printf(",\"events\":[");
	for (size_t i = 0; i < r->event_count; i++) {
		printf(i ? ",[" : "[");
		say_text(r->event_type[i].p, r->event_type[i].n);
		putchar(',');
		say_text(r->event_message[i].p, r->event_message[i].n);
		putchar(']');
	}
	printf("]}");
}

/* ---- an invocation ---- */

struct caller {
	char event[200], trace_header[100], trace[33], span[17];
};

static void draw_hex(char *out, int digits)
{
	for (int i = 0; i < digits; i++)
		out[i] = "0123456789abcdef"[draw(16)];
	out[0] = 'a'; /* not all zero */
	out[digits] = 0;
}

static void draw_caller(struct caller *c)
{
	memset(c, 0, sizeof *c);
	if (one_in(3))
		return;
	draw_hex(c->trace, 32);
	if (one_in(2)) {
		draw_hex(c->span, 16);
		snprintf(c->event, sizeof c->event, "{\"headers\":{\"TraceParent\":\"00-%s-%s-01\"}}", c->trace, c->span);
	} else if (one_in(3)) {
		snprintf(c->trace_header, sizeof c->trace_header, "Root=1-%.8s-%s", c->trace, c->trace + 8);
	} else {
		draw_hex(c->span, 16);
		snprintf(c->trace_header, sizeof c->trace_header, "Root=1-%.8s-%s;Parent=%s;Sampled=%d", c->trace, c->trace + 8,
		         c->span, (int)draw(2));
	}
}

static void invoke(int number)
{
	struct text type = draw_text(60, true), message = draw_text(TEXT_MAX, true);
	struct lambda_hook_result result = { .failed = one_in(3) };
	struct lambda_hook_event event = { .cold_start = number == 0 };
	int64_t before = wall();
	struct caller caller;
	char id[17];

	draw_caller(&caller);
	draw_hex(id, 16);
	event.request_id = (lambda_str){ id, 16 };
	event.body = (lambda_str){ caller.event, strlen(caller.event) };
	event.trace_id = (lambda_str){ caller.trace_header, strlen(caller.trace_header) };
	event.invoked_function_arn = LAMBDA_STR("arn:aws:lambda:eu-central-1:123456789012:function:careless:live");
	depth = span_count = ended_count = 0;
	memset(&invocation, 0, sizeof invocation);
	invocation.ended = invocation.parent = -1;
	otel_hooks.begin(&event);
	invocation.span = otel_invocation();

	for (uint64_t n = draw(120); n; n--)
		switch (draw(8)) {
		case 0:
		case 1:  start(); break;
		case 2:  end(); break;
		case 3:  fail(); break;
		default: set(); break;
		}

	if (result.failed) {
		result.error_type = (lambda_str){ type.p, type.n };
		result.error_message = (lambda_str){ message.p, message.n };
		fail_with_exception(&invocation, type, message);
	}
	otel_hooks.end(&result);
	otel_hooks.answered();
	while (depth)
		close_top(true);
	printf("{\"before\":%" PRId64 ",\"after\":%" PRId64
	       ",\"request\":\"%s\",\"cold\":%s,\"trace\":\"%s\",\"caller\":\"%s\",\"invocation\":",
	       before, wall(), id, number == 0 ? "true" : "false", caller.trace, caller.span);
	say_span(&invocation);
	printf(",\"spans\":[");
	for (int i = 0; i < span_count; i++) {
		if (i)
			putchar(',');
		say_span(&spans[i]);
	}
	printf("]}\n");
	fflush(stdout);
	otel_hooks.flush(INT64_MAX);
	pool_n = 0;
}

int main(int argc, char **argv)
{
	static const struct lambda_hook_sandbox sandbox = {
		.function_name = { "careless", 8 },
		.function_version = { "42", 2 },
		.log_group = { "/aws/lambda/careless", 20 },
		.log_stream = { "2026/11/21/[42]feed", 19 },
		.memory_mb = 256,
	};

	if (argc != 3) {
		fprintf(stderr, "usage: spans SEED INVOCATIONS\n");
		return 2;
	}
	seed(strtoull(argv[1], NULL, 10));
	otel_hooks.init(&sandbox);
	for (int i = 0; i < atoi(argv[2]); i++)
		invoke(i);
	return 0;
}
