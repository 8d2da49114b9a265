// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "session.h"

#include "proc.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define GENTLE_MS 5000 /* how long a counted run waits for the end: valgrind writes its file then */
#define PIPE_BYTES (1 << 20)
#define WORDS_MAX 96

static void heard(struct sandbox *sandbox, enum sandbox_stream stream, const char *text, size_t n)
{
	struct session *s = sandbox->owner;

	if (stream == SANDBOX_STDOUT) {
		s->out->counts.stdout_bytes += n + 1;
		if (s->bench->counted)
			sink_add(&s->out->counts.spans, sink_spans_of_line(text, n));
		return;
	}
	s->last_words.n = 0;
	buf_add(&s->last_words, text, n > 160 ? 160 : n);
}

static bool run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	return !sched_setaffinity(0, sizeof set, &set);
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
	if (!session_wait(s, all_registered, "the extension did not register and ask for an event"))
		return false;
	a->connected_ns = 0;
	if (!spawn(s, &c->bootstrap, s->bench->under))
		return false;
	bootstrap = s->bootstrap = &s->sandboxes[s->sandbox_count - 1];
	if (!session_wait(s, api_idle, "it did not ask for an event at AWS_LAMBDA_RUNTIME_API"))
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
	if (!session_invoke(s, &out->first_ns, &begun, &out->first_turn_ns))
		return false;
	for (unsigned i = 0; i < s->bench->warm; i++) {
		if (!session_invoke(s, &out->warm_ns[i], &out->begun_ns[i], &out->turn_ns[i]))
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
	out->counts.spans.arrived += sink->spans.arrived - before.spans.arrived;
	out->counts.spans.dropped += sink->spans.dropped - before.spans.dropped;
	out->counts.signed_requests = sink->signed_requests - before.signed_requests;
	return ok;
}

bool bench_open(struct bench *b, uint16_t sink_port)
{
	if (!sink_start(&b->sink, sink_port) || !api_open(&b->api))
		return false;
	if (b->harness_cpu >= 0 && !run_on(b->harness_cpu))
		b->harness_cpu = b->bootstrap_cpu = -1; /* not allowed: the report says so */
	return true;
}
