// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/*
 * A receiver that follows a script, in a process of its own: for each request it reads what the step says, writes the step's bytes, and keeps or
 * closes the connection. What it read comes back through a pipe.
 */
enum receiver_then { THEN_KEEP, THEN_CLOSE, THEN_RESET, THEN_WAIT /* for the client to give up */ };

struct receiver_step {
	const char *reply;
	enum receiver_then then;
	bool unread;  /* the request is not read before the reply */
	int pause_ms; /* between any two bytes of the reply */
	size_t reply_n;
};

#define STEP(text, how) ((struct receiver_step){ .reply = (text), .reply_n = sizeof(text) - 1, .then = (how) })

struct receiver {
	pid_t pid;
	int port, pipe;
	char endpoint[64]; /* the variable that leads there */
};

static inline size_t receiver_request(int fd, char *room, size_t cap)
{
	size_t have = 0;

	while (have < cap - 1) {
		ssize_t n = read(fd, room + have, cap - 1 - have);
		char *end, *length;

		if (n <= 0)
			break;
		have += (size_t)n;
		room[have] = 0;
		if ((end = strstr(room, "\r\n\r\n")) && (length = strstr(room, "Content-Length: ")) &&
		    have >= (size_t)(end + 4 - room) + strtoul(length + 16, NULL, 10))
			break;
	}
	return have;
}

static inline void receiver_reply(int fd, const struct receiver_step *s)
{
	size_t n = s->reply_n;

	if (!s->pause_ms) {
		while (n) {
			ssize_t sent = send(fd, s->reply, n, MSG_NOSIGNAL);

			if (sent <= 0)
				return;
			n -= (size_t)sent;
		}
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (send(fd, s->reply + i, 1, MSG_NOSIGNAL) != 1)
			return;
		poll(NULL, 0, s->pause_ms);
	}
}

static inline void receiver_run(int listener, int out, const struct receiver_step *steps, int count)
{
	static char room[1 << 20];
	struct linger hard = { 1, 0 };
	int fd = -1;

	for (int i = 0; i < count; i++) {
		size_t n = 0;

		if (fd < 0 && (fd = accept(listener, NULL, NULL)) < 0)
			return;
		if (!steps[i].unread) {
			n = receiver_request(fd, room, sizeof room);
			(void)!write(out, &n, sizeof n);
			(void)!write(out, room, n);
		}
		receiver_reply(fd, &steps[i]);
		if (steps[i].then == THEN_KEEP)
			continue;
		if (steps[i].then == THEN_RESET)
			setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
		if (steps[i].then == THEN_WAIT)
			while (read(fd, room, sizeof room) > 0)
				;
		close(fd);
		fd = -1;
	}
	while (fd >= 0 && read(fd, room, sizeof room) > 0)
		;
}

static inline struct receiver receiver_start(const struct receiver_step *steps, int count)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof a;
	int listener = socket(AF_INET, SOCK_STREAM, 0), ends[2];
	struct receiver r;

	if (listener < 0 || bind(listener, (struct sockaddr *)&a, sizeof a) || listen(listener, 8) ||
	    getsockname(listener, (struct sockaddr *)&a, &n) || pipe(ends))
		abort();
	r.port = ntohs(a.sin_port);
	snprintf(r.endpoint, sizeof r.endpoint, "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:%d", r.port);
	r.pipe = ends[0];
	fflush(stdout);
	r.pid = fork();
	if (!r.pid) {
		alarm(20);
		signal(SIGPIPE, SIG_IGN);
		close(ends[0]);
		receiver_run(listener, ends[1], steps, count);
		_exit(0);
	}
	close(listener);
	close(ends[1]);
	return r;
}

/* The next request that was read, NUL-terminated; n == 0: none came before the receiver ended. */
static inline str receiver_next(const struct receiver *r)
{
	static char room[1 << 20];
	size_t n = 0, have = 0;

	if (read(r->pipe, &n, sizeof n) != sizeof n || n >= sizeof room)
		return (str){ 0 };
	while (have < n) {
		ssize_t got = read(r->pipe, room + have, n - have);

		if (got <= 0)
			break;
		have += (size_t)got;
	}
	room[have] = 0;
	return (str){ room, have };
}

static inline void receiver_stop(struct receiver *r)
{
	kill(r->pid, SIGKILL);
	waitpid(r->pid, NULL, 0);
	close(r->pipe);
}
