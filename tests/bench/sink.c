// SPDX-License-Identifier: MIT
#include "sink.h"

#include "base64.h"
#include "gunzip.h"
#include "http_server.h"
#include "otlp_decode.h"
#include "otlp_stdout.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define DATAGRAM_MAX 65536
#define SETTLE_MS 1000
#define UDP_ROOM (4 << 20) /* what one core has not let us read yet must not be lost */

static uint64_t dropped_by(const struct span *span)
{
	static const char prefix[] = "mote.dropped.spans.";
	uint64_t sum = 0;

	for (size_t i = 0; i < span->attributes.n; i++) {
		const struct attribute *a = &span->attributes.at[i];

		if (a->key.n > sizeof prefix - 1 && !memcmp(a->key.p, prefix, sizeof prefix - 1) &&
		    a->value.type == VALUE_INT && a->value.integer > 0)
			sum += (uint64_t)a->value.integer;
	}
	return sum;
}

static struct sink_spans spans_of(const void *p, size_t n)
{
	struct sink_spans spans = { 0 };
	struct otlp o;

	if (otlp_decode(&o, OTLP_TRACES, (struct slice){ n ? p : "", n })) {
		spans.arrived = o.n_spans;
		for (size_t i = 0; i < o.n_spans; i++)
			spans.dropped += dropped_by(&o.spans[i]);
	}
	otlp_free(&o);
	return spans;
}

struct sink_spans sink_spans_of_line(const char *line, size_t n)
{
	struct sink_spans spans = { 0 };
	struct buf request = { 0 };
	enum otlp_kind kind;
	const char *why;

	if (otlp_stdout_is(line, n) && otlp_stdout_read(&request, &kind, line, n, &why) && kind == OTLP_TRACES)
		spans = spans_of(request.p, request.n);
	buf_free(&request);
	return spans;
}

static struct sink_spans spans_of_request(const struct http_request *q)
{
	const char *encoding = http_header(q, "content-encoding"), *why;
	struct sink_spans spans = { 0 };
	struct buf plain = { 0 };
	enum otlp_kind kind;

	if (!otlp_kind_of_path(q->target, &kind) || kind != OTLP_TRACES)
		return spans;
	if (!encoding || strcasecmp(encoding, "gzip"))
		return spans_of(q->body, q->body_n);
	if (gunzip(&plain, q->body, q->body_n, &why))
		spans = spans_of(plain.p, plain.n);
	buf_free(&plain);
	return spans;
}

void sink_add(volatile struct sink_spans *sum, struct sink_spans more)
{
	sum->arrived += more.arrived;
	sum->dropped += more.dropped;
}

static void accepted(struct http_conn *c)
{
	struct sink *s = c->server->owner;

	s->count->connections++;
}

static void received(struct http_conn *c)
{
	struct sink *s = c->server->owner;

	s->count->requests++;
	s->count->bytes += c->request.body_n;
	if (s->count->decode) {
		sink_add(&s->count->spans, spans_of_request(&c->request));
		s->count->signed_requests += http_header(&c->request, "authorization") != NULL;
	}
	http_answer(c, 200, "Content-Type: application/x-protobuf\r\n", "", 0);
}

/* {"format":"json","version":1}, a newline, T1S or T1U, base64 */
static struct sink_spans spans_of_datagram(const char *p, size_t n)
{
	const char *line = memchr(p, '\n', n), *end = p + n;
	struct sink_spans spans = { 0 };
	struct buf request = { 0 };

	if (!line || end - line < 4 || memcmp(line + 1, "T1", 2))
		return spans;
	if (base64_decode(&request, line + 4, (size_t)(end - line - 4)))
		spans = spans_of(request.p, request.n);
	buf_free(&request);
	return spans;
}

static void datagram(struct loop_fd *f, short revents)
{
	static char room[DATAGRAM_MAX];
	struct sink *s = f->owner;
	ssize_t n;

	(void)revents;
	while ((n = recv(f->fd, room, sizeof room, MSG_DONTWAIT)) >= 0) {
		if (!n) {
			s->count->marks++;
			continue;
		}
		s->count->datagrams++;
		s->count->datagram_bytes += (size_t)n;
		if (s->count->decode)
			sink_add(&s->count->spans, spans_of_datagram(room, (size_t)n));
	}
}

static bool open_udp(struct sink *s, struct loop_fd *f)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof at;

	*f = (struct loop_fd){
		.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), .events = POLLIN, .ready = datagram, .owner = s
	};
	if (f->fd < 0 || bind(f->fd, (struct sockaddr *)&at, n) || getsockname(f->fd, (struct sockaddr *)&at, &n))
		return false;
	s->mark_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s->mark_fd < 0 || connect(s->mark_fd, (struct sockaddr *)&at, n))
		return false;
	setsockopt(f->fd, SOL_SOCKET, SO_RCVBUF, &(int){ UDP_ROOM }, sizeof(int));
	snprintf(s->udp, sizeof s->udp, "127.0.0.1:%u", ntohs(at.sin_port));
	return true;
}

void sink_settle(struct sink *s)
{
	uint64_t marks = s->count->marks;

	if (send(s->mark_fd, "", 0, 0) == 0)
		for (int i = 0; s->count->marks == marks && i < SETTLE_MS * 10; i++)
			usleep(100);
}

bool sink_start(struct sink *s, uint16_t port)
{
	struct loop loop = { 0 };
	struct http_server server = { .loop = &loop, .owner = s, .request = received, .accepted = accepted };
	struct loop_fd udp;
	pid_t parent = getpid(), pid;

	s->count = mmap(NULL, sizeof *s->count, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s->count == MAP_FAILED || !http_listen(&server, "127.0.0.1", port) || !open_udp(s, &udp))
		return false;
	snprintf(s->http, sizeof s->http, "127.0.0.1:%u", server.port);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		loop_add(&loop, &udp);
		loop_run(&loop);
		_exit(0);
	}
	http_server_close(&server);
	close(udp.fd);
	loop_free(&loop);
	return pid > 0;
}
