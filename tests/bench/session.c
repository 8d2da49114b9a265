// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "session.h"

#include "http_server.h"

#include <stdio.h>
#include <string.h>

#define LOOK_MS 100
#define CHUNKED_ABOVE 2048 /* as Lambda frames an event (lambda.md A.2) */
/*
 * What the bootstrap has written is read every so often, never within a measurement: reading it empties the caches that the next invocation
 * would have found warm (1.22 of the floor instead of 1.18 for a line of 1.5 kB an invocation). The pipe holds what gathers.
 */
#define DRAIN_EVERY 16

bool session_failed(struct session *s, const char *what)
{
	const char *colon = s->last_words.n ? ": " : "";
	char fate[48] = "it was still running";

	loop_turn(&s->bench->loop, 10 * NS_PER_MS); /* how it ended, and what it said last */
	for (size_t i = 0; i < s->sandbox_count; i++)
		if (!s->sandboxes[i].pid)
			sandbox_fate(&s->sandboxes[i], fate);
	snprintf(s->out->why, sizeof s->out->why, "%s (%s)%s%.*s", what, fate, colon, (int)s->last_words.n,
	         s->last_words.n ? s->last_words.p : "");
	return false;
}

static void prepare_event(struct session *s)
{
	const struct buf *body = &s->bench->event;
	struct buf *b = &s->event;
	char date[32];

	snprintf(s->id, sizeof s->id, "8476a536-e9f4-11e8-9739-%012x", ++s->count);
	s->bench->api.id = s->id;
	http_date(date);
	b->n = 0;
	buf_printf(b,
	           "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLambda-Runtime-Aws-Request-Id: %s\r\n"
	           "Lambda-Runtime-Deadline-Ms: %llu\r\n"
	           "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-central-1:123456789012:function:bench\r\n"
	           "Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1\r\n"
	           "Lambda-Runtime-Invocation-Id: 2c8d0a4e-5f1b-4d5e-9a53-%012x\r\nDate: %s\r\n",
	           s->id, (unsigned long long)(wall_ms() + 30000), s->count, date);
	if (body->n > CHUNKED_ABOVE) {
		buf_printf(b, "Transfer-Encoding: chunked\r\n\r\n%zx\r\n", body->n);
		buf_add(b, body->p, body->n);
		buf_puts(b, "\r\n0\r\n\r\n");
	} else {
		buf_printf(b, "Content-Length: %zu\r\n\r\n", body->n);
		buf_add(b, body->p, body->n);
	}
}

bool session_wait(struct session *s, bool (*held)(const struct api *a), const char *what)
{
	struct bench *b = s->bench;
	unsigned looks = 0;

	while (!held(&b->api)) {
		if (b->api.complaint[0])
			return session_failed(s, b->api.complaint);
		if (api_turn(&b->api, LOOK_MS))
			continue;
		loop_turn(&b->loop, 0);
		for (size_t i = 0; i < s->sandbox_count; i++)
			if (!s->sandboxes[i].pid)
				return session_failed(s, what);
		if (++looks > b->patience_s * 1000 / LOOK_MS)
			return session_failed(s, what);
	}
	return true;
}

static bool answered(const struct api *a)
{
	return a->answer;
}

static void tell_extensions(struct session *s)
{
	struct api *a = &s->bench->api;

	for (unsigned i = 0; i < a->extension_count; i++) {
		struct api_conn *c = a->extensions[i].waiting;
		char body[400];

		if (!a->extensions[i].invoke || !c)
			continue;
		snprintf(body, sizeof body,
		         "{\"eventType\":\"INVOKE\",\"deadlineMs\":%llu,\"requestId\":\"%s\",\"invokedFunctionArn\":"
		         "\"arn:aws:lambda:eu-central-1:123456789012:function:bench\",\"tracing\":{\"type\":\"X-Amzn-Trace-"
		         "Id\",\"value\":"
		         "\"Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1\"}}",
		         (unsigned long long)(wall_ms() + 30000), s->id);
		a->extensions[i].waiting = NULL;
		api_reply(c, "200 OK\r\nLambda-Extension-Event-Identifier: 0e1c0000-0000-4000-8000-000000000001\r\n", body);
	}
}

/* Event, answer, acknowledgment, everybody waits: all that can be done beforehand or afterwards is. */
bool session_invoke(struct session *s, uint64_t *answer_ns, uint64_t *begun_ns, uint64_t *turn_ns)
{
	static const char accepted[] =
		"HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nDate: Sat, 21 Nov 2026 09:24:25 GMT\r\n"
		"Content-Length: 16\r\n\r\n{\"status\":\"OK\"}\n";
	struct api *a = &s->bench->api;
	volatile struct sink_count *sink = s->bench->sink.count;
	struct api_conn *c = a->next;
	uint64_t start, posts;

	prepare_event(s);
	a->next = NULL;
	start = clock_ns();
	if (!api_send(c, s->event.p, s->event.n))
		return session_failed(s, "it stopped reading");
	tell_extensions(s);
	if (!session_wait(s, answered, "it did not answer the event with a POST of /response"))
		return false;
	c = a->answer;
	a->answer = NULL;
	*answer_ns = c->last_ns - start;
	*begun_ns = c->first_ns - start;
	posts = sink->requests;
	start = clock_ns();
	if (!api_send(c, accepted, sizeof accepted - 1))
		return session_failed(s, "it stopped reading");
	if (!session_wait(s, api_idle, "it did not ask for the next event"))
		return false;
	*turn_ns = a->idle_ns > start ? a->idle_ns - start : 0;
	s->out->counts.requests_after += sink->requests - posts;
	if (s->count % DRAIN_EVERY)
		return true;
	for (size_t i = 0; i < s->sandbox_count; i++)
		sandbox_drain(&s->sandboxes[i]);
	if (s->bench->counted)
		sink_settle(&s->bench->sink); /* datagrams are lost when nobody reads them */
	return true;
}
