// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "start.h"

#include "http_server.h"
#include "proc.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_MS 100
#define GENTLE_MS 5000     /* how long a counted run waits for the end: valgrind writes its file then */
#define CHUNKED_ABOVE 2048 /* as Lambda frames an event (lambda.md A.2) */
/*
 * What the bootstrap has written is read every so often, never within a measurement: reading it empties the caches that the next invocation
 * would have found warm (1.22 of the floor instead of 1.18 for a line of 1.5 kB an invocation). The pipe holds what gathers.
 */
#define DRAIN_EVERY 16
#define PIPE_BYTES (1 << 20)
#define WORDS_MAX 96

struct session {
	struct bench *bench;
	const struct candidate *candidate;
	struct start *out;
	struct sandbox sandboxes[EXTENSIONS_MAX + 1], *bootstrap; /* the last of them, once it runs */
	size_t sandbox_count;
	struct buf event, last_words;
	char id[40];
	unsigned count;
};

static bool failed(struct session *s, const char *what)
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

static void heard(struct sandbox *sandbox, enum sandbox_stream stream, const char *text, size_t n)
{
	struct session *s = sandbox->owner;

	if (stream == SANDBOX_STDOUT) {
		s->out->counts.stdout_bytes += n + 1;
		if (s->bench->counted)
			s->out->counts.spans += sink_spans_of_line(text, n);
		return;
	}
	s->last_words.n = 0;
	buf_add(&s->last_words, text, n > 160 ? 160 : n);
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

/* Until the condition holds. Somebody who has died is looked for whenever nothing comes. */
static bool wait_for(struct session *s, bool (*held)(const struct api *a), const char *what)
{
	struct bench *b = s->bench;
	unsigned looks = 0;

	while (!held(&b->api)) {
		if (b->api.complaint[0])
			return failed(s, b->api.complaint);
		if (api_turn(&b->api, LOOK_MS))
			continue;
		loop_turn(&b->loop, 0);
		for (size_t i = 0; i < s->sandbox_count; i++)
			if (!s->sandboxes[i].pid)
				return failed(s, what);
		if (++looks > b->patience_s * 1000 / LOOK_MS)
			return failed(s, what);
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
static bool invoke(struct session *s, uint64_t *answer_ns, uint64_t *begun_ns, uint64_t *turn_ns)
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
		return failed(s, "it stopped reading");
	tell_extensions(s);
	if (!wait_for(s, answered, "it did not answer the event with a POST of /response"))
		return false;
	c = a->answer;
	a->answer = NULL;
	*answer_ns = c->last_ns - start;
	*begun_ns = c->first_ns - start;
	posts = sink->requests;
	start = clock_ns();
	if (!api_send(c, accepted, sizeof accepted - 1))
		return failed(s, "it stopped reading");
	if (!wait_for(s, api_idle, "it did not ask for the next event"))
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

static void run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	sched_setaffinity(0, sizeof set, &set);
}

static bool spawn(struct session *s, const struct command *c, char **under)
{
	struct bench *b = s->bench;
	struct sandbox *sandbox = &s->sandboxes[s->sandbox_count];
	char **env = candidate_env(c, b->api.address, b->memory_mb), *argv[WORDS_MAX + 1];
	bool apart = b->bootstrap_cpu != b->harness_cpu;
	size_t n = 0;
	int error;

	for (; under && *under && n < WORDS_MAX; under++)
		argv[n++] = *under;
	for (char **word = c->argv; *word && n < WORDS_MAX; word++)
		argv[n++] = *word;
	argv[n] = NULL;
	*sandbox = (struct sandbox){ .loop = &b->loop, .owner = s, .line = heard, .procs_fd = b->procs_fd };
	if (apart)
		run_on(b->bootstrap_cpu); /* inherited by the child */
	error = sandbox_start(sandbox, argv[0], argv, env, "/");
	if (apart)
		run_on(b->harness_cpu);
	candidate_env_free(env);
	if (error) {
		snprintf(s->out->why, sizeof s->out->why, "%s: %s", argv[0], strerror(error));
		return false;
	}
	s->sandbox_count++;
	fcntl(sandbox->out.fd, F_SETPIPE_SZ, PIPE_BYTES);
	fcntl(sandbox->err.fd, F_SETPIPE_SZ, PIPE_BYTES);
	return true;
}

static void measure(struct session *s, struct sandbox_usage *sum)
{
	*sum = (struct sandbox_usage){ 0 };
	for (size_t i = 0; i < s->sandbox_count; i++) {
		struct sandbox_usage u;

		sandbox_measure(&s->sandboxes[i], &u);
		sum->rss_kb += u.rss_kb;
		sum->minor_faults += u.minor_faults - s->sandboxes[i].faults_before_exec;
		sum->major_faults += u.major_faults;
		sum->cpu_ns += u.cpu_ns;
	}
}

static bool all_registered(const struct api *a)
{
	for (unsigned i = 0; i < a->extension_count; i++)
		if (!a->extensions[i].waiting)
			return false;
	return a->extension_count >= a->expected;
}

/* As on Lambda: the bootstrap starts when all extensions have registered. */
static bool start_all(struct session *s)
{
	const struct candidate *c = s->candidate;
	struct api *a = &s->bench->api;
	struct sandbox *bootstrap;

	a->expected = (unsigned)c->extension_count;
	for (size_t i = 0; i < c->extension_count; i++)
		if (!spawn(s, &c->extensions[i], NULL))
			return false;
	if (!wait_for(s, all_registered, "the extension did not register and ask for an event"))
		return false;
	a->connected_ns = 0;
	if (!spawn(s, &c->bootstrap, s->bench->under))
		return false;
	bootstrap = s->bootstrap = &s->sandboxes[s->sandbox_count - 1];
	if (!wait_for(s, api_idle, "it did not ask for an event at AWS_LAMBDA_RUNTIME_API"))
		return false;
	s->out->connect_ns = a->connected_ns - bootstrap->exec_ns;
	s->out->next_ns = a->next_ns - bootstrap->exec_ns;
	s->out->init_ns = a->idle_ns - s->sandboxes[0].exec_ns;
	return true;
}

static void note_rss(struct session *s)
{
	struct start_counts *n = &s->out->counts;
	struct sandbox_usage now;

	if (n->rss_count == RSS_STEPS)
		return;
	measure(s, &now);
	n->rss[n->rss_count].invocations = s->count;
	n->rss[n->rss_count++].kb = now.rss_kb;
}

static bool is_power_of_ten(unsigned n)
{
	while (n % 10 == 0 && n)
		n /= 10;
	return n == 1;
}

static bool run(struct session *s)
{
	struct start *out = s->out;
	struct proc_status before = { 0 }, after = { 0 };
	bool counted = s->bench->counted;
	uint64_t begun;

	if (!start_all(s))
		return false;
	measure(s, &out->at_init);
	if (counted) {
		note_rss(s);
		proc_read(s->bootstrap->pid, &before);
	}
	if (s->bench->starts_only)
		return true;
	if (!invoke(s, &out->first_ns, &begun, &out->first_turn_ns))
		return false;
	for (unsigned i = 0; i < s->bench->warm; i++) {
		if (!invoke(s, &out->warm_ns[i], &out->begun_ns[i], &out->turn_ns[i]))
			return false;
		if (counted && is_power_of_ten(s->count))
			note_rss(s);
	}
	if (counted) {
		note_rss(s);
		proc_read(s->bootstrap->pid, &after);
	}
	for (size_t i = 0; i < s->sandbox_count; i++)
		sandbox_drain(&s->sandboxes[i]);
	measure(s, &out->at_end);
	out->counts.switches = after.switches - before.switches;
	out->counts.switches_forced = after.switches_forced - before.switches_forced;
	out->counts.threads = after.threads;
	return true;
}

/* What is still kept leaves now, as it would when Lambda shuts the sandbox down; what then still lives is killed. */
static void end_gently(struct session *s)
{
	uint64_t until = clock_ns() + (uint64_t)GENTLE_MS * NS_PER_MS;
	struct api *a = &s->bench->api;

	for (unsigned i = 0; i < a->extension_count; i++)
		if (a->extensions[i].waiting)
			api_reply(a->extensions[i].waiting, "200 OK\r\n",
			          "{\"eventType\":\"SHUTDOWN\",\"shutdownReason\":\"spindown\",\"deadlineMs\":1}");
	sandbox_signal(s->bootstrap, SIGTERM);
	while (s->bootstrap->pid && clock_ns() < until)
		loop_turn(&s->bench->loop, 10 * NS_PER_MS);
}

bool start_measure(struct bench *b, const struct candidate *c, struct start *out)
{
	struct session s = { .bench = b, .candidate = c, .out = out };
	volatile struct sink_count *sink = b->sink.count;
	struct sink_count before;
	bool ok;

	memcpy(&before, (const void *)sink, sizeof before);
	sink->decode = b->counted;
	memset(&out->counts, 0, sizeof out->counts);
	out->why[0] = 0;
	api_begin(&b->api);
	if (b->cold)
		b->still_cached |= !proc_forget_pages(c->bootstrap.argv[0]);
	ok = run(&s);
	if (ok && b->counted)
		end_gently(&s);
	for (size_t i = 0; i < s.sandbox_count; i++)
		sandbox_free(&s.sandboxes[i]);
	api_begin(&b->api);
	loop_turn(&b->loop, 0); /* forgets the descriptors of this sandbox */
	buf_free(&s.event);
	buf_free(&s.last_words);
	sink_settle(&b->sink);
	out->counts.requests = sink->requests - before.requests;
	out->counts.bytes = sink->bytes - before.bytes;
	out->counts.connections = sink->connections - before.connections;
	out->counts.datagrams = sink->datagrams - before.datagrams;
	out->counts.datagram_bytes = sink->datagram_bytes - before.datagram_bytes;
	out->counts.spans += sink->spans - before.spans;
	out->counts.signed_requests = sink->signed_requests - before.signed_requests;
	return ok;
}

bool bench_open(struct bench *b, uint16_t sink_port)
{
	if (!sink_start(&b->sink, sink_port) || !api_open(&b->api))
		return false;
	if (b->harness_cpu >= 0)
		run_on(b->harness_cpu);
	return true;
}
