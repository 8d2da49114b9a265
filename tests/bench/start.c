// SPDX-License-Identifier: MIT
#include "start.h"

#include "http_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WAIT_S 10 /* a bootstrap that says nothing for so long has failed */
#define LOOK_MS 100
#define READ_SIZE 65536
#define CHUNKED_ABOVE 2048 /* as Lambda frames an event (lambda.md A.2) */
/*
 * What the bootstrap has written is read every so often, never within a measurement: reading it empties the caches that the next invocation
 * would have found warm (1.22 of the floor instead of 1.18 for a line of 1.5 kB an invocation). The pipe holds what gathers.
 */
#define DRAIN_EVERY 16
#define PIPE_BYTES (1 << 20)
#define API "/2018-06-01/runtime/invocation/"

struct session {
	struct bench *bench;
	const struct candidate *candidate;
	const char *path;
	struct start *out;
	struct sandbox sandbox;
	int fd;
	struct buf in, event, last_words;
	struct http_request request;
	char id[40];
	unsigned count;
};

static bool failed(struct session *s, const char *what)
{
	char fate[48] = "it was still running";
	const char *colon = s->last_words.n ? ": " : "";

	loop_turn(s->sandbox.loop, 10 * NS_PER_MS); /* how it ended, and what it said last */
	if (!s->sandbox.pid)
		sandbox_fate(&s->sandbox, fate);
	snprintf(s->out->why, sizeof s->out->why, "%s (%s)%s%.*s", what, fate, colon, (int)s->last_words.n,
	         s->last_words.n ? s->last_words.p : "");
	return false;
}

static void heard(struct sandbox *sandbox, enum sandbox_stream stream, const char *text, size_t n)
{
	struct session *s = sandbox->owner;

	if (stream == SANDBOX_STDOUT) {
		s->out->stdout_bytes += n + 1;
		return;
	}
	s->last_words.n = 0;
	buf_add(&s->last_words, text, n > 160 ? 160 : n);
}

/* Stamps are taken between recv(2) and looking at what came: *first with the first bytes of the request, *last with the last. */
static bool read_request(struct session *s, uint64_t *first, uint64_t *last)
{
	enum http_need need = HTTP_MORE;

	http_request_reset(&s->request);
	s->in.n = 0;
	while (need != HTTP_DONE) {
		ssize_t n = recv(s->fd, buf_room(&s->in, READ_SIZE), READ_SIZE, 0);

		*last = clock_ns();
		if (n <= 0)
			return failed(s, n ? "it wrote no request in time" : "it closed the connection");
		if (!s->in.n)
			*first = *last;
		s->in.n += (size_t)n;
		s->in.p[s->in.n] = 0;
		while ((need = http_parse(&s->request, &s->in)) == HTTP_HEAD)
			;
		if (need == HTTP_BAD)
			return failed(s, s->request.bad);
	}
	return true;
}

static bool read_next(struct session *s, uint64_t *at)
{
	uint64_t last;

	if (!read_request(s, at, &last))
		return false;
	return !strcmp(s->request.method, "GET") && !strcmp(s->request.target, API "next")
	           ? true
	           : failed(s, "it asked for another thing than /next");
}

static void prepare_event(struct session *s)
{
	const struct buf *body = &s->bench->event;
	struct buf *b = &s->event;
	char date[32];

	snprintf(s->id, sizeof s->id, "8476a536-e9f4-11e8-9739-%012x", ++s->count);
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

static bool is_answer(const struct session *s)
{
	const char *target = s->request.target;
	size_t n = strlen(s->id);

	return !strcmp(s->request.method, "POST") && !strncmp(target, API, sizeof API - 1) &&
	       !strncmp(target + sizeof API - 1, s->id, n) && !strcmp(target + sizeof API - 1 + n, "/response") &&
	       s->request.body_n;
}

static bool send_all(struct session *s, const struct buf *b)
{
	for (size_t at = 0; at < b->n;) {
		ssize_t n = send(s->fd, b->p + at, b->n - at, MSG_NOSIGNAL);

		if (n <= 0)
			return failed(s, "it stopped reading");
		at += (size_t)n;
	}
	return true;
}

/* Event, answer, acknowledgment, next /next: everything that can be done beforehand or afterwards is. */
static bool invoke(struct session *s, uint64_t *answer_ns, uint64_t *turn_ns)
{
	static char accepted[] =
		"HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nDate: Sat, 21 Nov 2026 09:24:25 GMT\r\n"
		"Content-Length: 16\r\n\r\n{\"status\":\"OK\"}\n";
	struct buf ack = { accepted, sizeof accepted - 1, 0 };
	uint64_t start, first, last, next;

	prepare_event(s);
	start = clock_ns();
	if (!send_all(s, &s->event) || !read_request(s, &first, &last))
		return false;
	*answer_ns = last - start;
	if (!is_answer(s))
		return failed(s, "it did not answer the event with a POST of /response");
	start = clock_ns();
	if (!send_all(s, &ack) || !read_next(s, &next))
		return false;
	*turn_ns = next - start;
	if (s->count % DRAIN_EVERY == 0)
		sandbox_drain(&s->sandbox);
	return true;
}

static void run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	sched_setaffinity(0, sizeof set, &set);
}

static bool spawn(struct session *s)
{
	struct bench *b = s->bench;
	char *argv[] = { (char *)"bootstrap", NULL };
	char **env = candidate_env(s->candidate, b->address, b->sink.address);
	bool apart = b->bootstrap_cpu != b->harness_cpu;
	int error;

	s->sandbox = (struct sandbox){ .loop = &b->loop, .owner = s, .line = heard };
	if (apart)
		run_on(b->bootstrap_cpu); /* inherited by the child */
	error = sandbox_start(&s->sandbox, s->path, argv, env, "/");
	if (apart)
		run_on(b->harness_cpu);
	if (error)
		snprintf(s->out->why, sizeof s->out->why, "%s: %s", s->path, strerror(error));
	candidate_env_free(env);
	return !error;
}

/* accept(2) times out every LOOK_MS, to see whether there is anybody left to wait for. */
static bool accept_one(struct session *s)
{
	for (int i = 0; s->sandbox.pid && i < WAIT_S * 1000 / LOOK_MS; i++) {
		s->fd = accept4(s->bench->listener, NULL, NULL, SOCK_CLOEXEC);
		if (s->fd >= 0 || errno != EAGAIN)
			break;
		loop_turn(s->sandbox.loop, 0);
	}
	return s->fd >= 0;
}

static bool run(struct session *s)
{
	struct start *out = s->out;
	struct timeval wait = { .tv_sec = WAIT_S };
	uint64_t at, turn;

	memset(buf_room(&s->in, READ_SIZE), 0, READ_SIZE); /* our own page faults are not the candidate's */
	if (!spawn(s))
		return false;
	fcntl(s->sandbox.out.fd, F_SETPIPE_SZ, PIPE_BYTES);
	fcntl(s->sandbox.err.fd, F_SETPIPE_SZ, PIPE_BYTES);
	if (!accept_one(s))
		return failed(s, "it did not connect to AWS_LAMBDA_RUNTIME_API");
	if (!read_next(s, &at))
		return false;
	out->init_ns = at - s->sandbox.exec_ns;
	sandbox_measure(&s->sandbox, &out->at_init);
	out->at_init.minor_faults -= s->sandbox.faults_before_exec;
	setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	setsockopt(s->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
	if (!invoke(s, &out->first_ns, &turn))
		return false;
	for (unsigned i = 0; i < s->bench->warm; i++)
		if (!invoke(s, &out->warm_ns[i], &out->turn_ns[i]))
			return false;
	sandbox_drain(&s->sandbox);
	sandbox_measure(&s->sandbox, &out->at_end);
	out->at_end.minor_faults -= s->sandbox.faults_before_exec;
	return true;
}

bool start_measure(struct bench *b, const struct candidate *c, const char *path, struct start *out)
{
	struct session s = { .bench = b, .candidate = c, .path = path, .out = out, .fd = -1 };
	uint64_t bytes = b->sink.count->bytes, requests = b->sink.count->requests;
	bool ok;

	out->stdout_bytes = 0;
	ok = run(&s);
	sandbox_free(&s.sandbox);
	if (s.fd >= 0)
		close(s.fd);
	loop_turn(&b->loop, 0); /* forgets the descriptors of this sandbox */
	http_request_reset(&s.request);
	buf_free(&s.in);
	buf_free(&s.event);
	buf_free(&s.last_words);
	out->sink_bytes = b->sink.count->bytes - bytes;
	out->sink_requests = b->sink.count->requests - requests;
	return ok;
}

bool bench_open(struct bench *b)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct timeval wait = { .tv_usec = LOOK_MS * 1000 };
	socklen_t n = sizeof at;

	if (!sink_start(&b->sink))
		return false;
	b->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (b->listener < 0 || bind(b->listener, (struct sockaddr *)&at, n) || listen(b->listener, 16) ||
	    getsockname(b->listener, (struct sockaddr *)&at, &n) ||
	    setsockopt(b->listener, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait))
		return false;
	snprintf(b->address, sizeof b->address, "127.0.0.1:%u", ntohs(at.sin_port));
	if (b->harness_cpu >= 0)
		run_on(b->harness_cpu);
	return true;
}
