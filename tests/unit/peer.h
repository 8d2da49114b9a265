// SPDX-License-Identifier: MIT
#pragma once

#include "net/stream.h"

#include "test.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * The other end of a connection: a forked child that listens on a loopback port and does what its script says. It dies after a minute, so that
 * whoever waits for it sees a closed connection, and never waits for ever.
 */
enum act_kind {
	ACT_DONE,   /* ends a script; open connections are closed */
	ACT_ACCEPT, /* the next connection, when it comes; then the one before is closed */
	ACT_HEAD,   /* reads exactly these bytes, where * stands for the address and port that the peer listens on */
	ACT_CALL,   /* reads one request, which must start with these bytes and, near its beginning, hold the other ones */
	ACT_EXPECT, /* reads exactly these bytes, which must come */
	ACT_BODY,   /* reads n bytes of any kind */
	ACT_SEND,
	ACT_DRIP,  /* byte by byte, each in a packet of its own */
	ACT_FLOOD, /* these bytes n times */
	ACT_CLOSE,
	ACT_HALF, /* the orderly end of what we send */
	ACT_RESET,
	ACT_EOF,    /* reads until the other side closes */
	ACT_DEAF,   /* stops listening: later connections are refused */
	ACT_GATHER, /* reads until the other side has been silent for 50 ms */
};

struct act {
	enum act_kind kind;
	str bytes;
	size_t n;
	const char *within;
};

#define ACCEPT { .kind = ACT_ACCEPT }
#define HEAD(text) { .kind = ACT_HEAD, .bytes = { text, sizeof(text) - 1 } }
#define CALL(start, text) { .kind = ACT_CALL, .bytes = { start, sizeof(start) - 1 }, .within = text }
#define EXPECT(text) { .kind = ACT_EXPECT, .bytes = { text, sizeof(text) - 1 } }
#define BODY(size) { .kind = ACT_BODY, .n = (size) }
#define SEND(text) { .kind = ACT_SEND, .bytes = { text, sizeof(text) - 1 } }
#define SEND_PART(at, size)                     \
	{                                           \
		.kind = ACT_SEND, .bytes = { at, size } \
	}
#define DRIP(text) { .kind = ACT_DRIP, .bytes = { text, sizeof(text) - 1 } }
#define FLOOD(text, times) { .kind = ACT_FLOOD, .bytes = { text, sizeof(text) - 1 }, .n = (times) }
#define CLOSE { .kind = ACT_CLOSE }
#define HALF { .kind = ACT_HALF }
#define BREAK(hard) { .kind = (hard) ? ACT_RESET : ACT_CLOSE }
#define RESET { .kind = ACT_RESET }
#define END_OF_STREAM { .kind = ACT_EOF }
#define DEAF { .kind = ACT_DEAF }
#define GATHER { .kind = ACT_GATHER }

#define SCRIPT(...)          \
	{                        \
		__VA_ARGS__,         \
		{                    \
			.kind = ACT_DONE \
		}                    \
	}

struct peer {
	pid_t pid;
	struct addr addr;
};

static inline bool peer_read(int fd, char *p, size_t n)
{
	while (n) {
		ssize_t got = read(fd, p, n);

		if (got <= 0)
			return false;
		p += got;
		n -= (size_t)got;
	}
	return true;
}

/* False: the other side has had enough; what it makes of that is the test. */
static inline bool peer_send(int fd, str s)
{
	while (s.n) {
		ssize_t put = send(fd, s.p, s.n, MSG_NOSIGNAL);

		if (put <= 0)
			return false;
		s = (str){ s.p + put, s.n - (size_t)put };
	}
	return true;
}

/* host:port, as a Host header has it */
static inline str peer_host(const struct addr *a, char room[64])
{
	bool v4 = a->sa.any.sa_family == AF_INET;
	char text[INET6_ADDRSTRLEN];
	int n;

	inet_ntop(a->sa.any.sa_family, v4 ? (const void *)&a->sa.v4.sin_addr : (const void *)&a->sa.v6.sin6_addr, text,
	          sizeof text);
	n = snprintf(room, 64, v4 ? "%s:%u" : "[%s]:%u", text, ntohs(v4 ? a->sa.v4.sin_port : a->sa.v6.sin6_port));
	return (str){ room, (size_t)n };
}

static inline bool peer_head(int listener, int fd, str expected, char *room, size_t size)
{
	struct addr self = { .n = sizeof self.sa };
	char host_room[64];
	str head, tail, host;
	size_t n;

	getsockname(listener, &self.sa.any, &self.n);
	host = peer_host(&self, host_room);
	n = expected.n + (str_cut(expected, '*', &head, &tail) ? host.n - 1 : 0);
	return n <= size && peer_read(fd, room, n) && str_starts((str){ room, n }, head) &&
	       (n == head.n ||
	        (str_starts((str){ room + head.n, n - head.n }, host) && str_eq((str){ room + n - tail.n, tail.n }, tail)));
}

static inline bool peer_call(int fd, str start, const char *within, char *room, size_t size)
{
	size_t n = 0, left = 0, part;
	const char *length;

	while (n < 4 || memcmp(room + n - 4, "\r\n\r\n", 4) != 0)
		if (n == size - 1 || !peer_read(fd, room + n++, 1))
			return false;
	room[n] = 0;
	if ((length = strstr(room, "\r\nContent-Length: ")))
		left = (size_t)strtoul(length + 18, NULL, 10);
	part = left < size - 1 - n ? left : size - 1 - n;
	if (!peer_read(fd, room + n, part))
		return false;
	room[n + part] = 0;
	if (!str_starts((str){ room, n }, start) || !strstr(room, within))
		return false;
	for (left -= part; left; left -= part) {
		part = left < size ? left : size;
		if (!peer_read(fd, room, part))
			return false;
	}
	return true;
}

/* The number of the act that failed; 0 when all went as written. */
static inline int peer_play(int listener, const struct act *acts)
{
	static char room[65536];
	int fd = -1, next, on = 1;

	for (int i = 0; acts[i].kind != ACT_DONE; i++) {
		const struct act *a = &acts[i];
		struct linger hard = { 1, 0 };
		struct timeval pause = { 0, 50000 };

		switch (a->kind) {
		case ACT_ACCEPT:
			next = accept(listener, NULL, NULL);
			if (fd >= 0)
				close(fd);
			if ((fd = next) < 0)
				return i + 1;
			setsockopt(fd, IPPROTO_TCP, 1 /* TCP_NODELAY */, &on, sizeof on);
			break;
		case ACT_HEAD:
			if (!peer_head(listener, fd, a->bytes, room, sizeof room))
				return i + 1;
			break;
		case ACT_CALL:
			if (!peer_call(fd, a->bytes, a->within, room, sizeof room))
				return i + 1;
			break;
		case ACT_EXPECT:
			if (a->bytes.n > sizeof room || !peer_read(fd, room, a->bytes.n) ||
			    memcmp(room, a->bytes.p, a->bytes.n) != 0)
				return i + 1;
			break;
		case ACT_BODY:
			for (size_t left = a->n, n; left; left -= n) {
				n = left < sizeof room ? left : sizeof room;
				if (!peer_read(fd, room, n))
					return i + 1;
			}
			break;
		case ACT_SEND: peer_send(fd, a->bytes); break;
		case ACT_DRIP:
			for (size_t k = 0; k < a->bytes.n; k++)
				peer_send(fd, (str){ a->bytes.p + k, 1 });
			break;
		case ACT_FLOOD:
			for (size_t left = a->n, fit = sizeof room / a->bytes.n, n; left; left -= n) {
				n = left < fit ? left : fit;
				for (size_t k = 0; k < n; k++)
					memcpy(room + k * a->bytes.n, a->bytes.p, a->bytes.n);
				if (!peer_send(fd, (str){ room, n * a->bytes.n }))
					break;
			}
			break;
		case ACT_RESET: setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard); /* fall through */
		case ACT_CLOSE:
			close(fd);
			fd = -1;
			break;
		case ACT_HALF: shutdown(fd, SHUT_WR); break;
		case ACT_EOF:
			while (read(fd, room, sizeof room) > 0)
				;
			break;
		case ACT_DEAF: close(listener); break;
		case ACT_GATHER:
			setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &pause, sizeof pause);
			while (read(fd, room, sizeof room) > 0)
				;
			pause = (struct timeval){ 0 };
			setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &pause, sizeof pause);
			break;
		case ACT_DONE: break;
		}
	}
	return 0;
}

/* A listener on a free port of the loopback address; -1 when the machine has none of that family. */
static inline int peer_listen(int family, struct addr *out)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*out = (struct addr){ .n = family == AF_INET ? sizeof out->sa.v4 : sizeof out->sa.v6 };
	out->sa.any.sa_family = (sa_family_t)family;
	if (family == AF_INET)
		out->sa.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		out->sa.v6.sin6_addr = in6addr_loopback;
	if (fd < 0 || bind(fd, &out->sa.any, out->n) || listen(fd, 16) || getsockname(fd, &out->sa.any, &out->n)) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

static inline struct peer peer_start(int family, const struct act *acts)
{
	struct peer p = { -1, { 0 } };
	int listener = peer_listen(family, &p.addr);

	CHECK(listener >= 0);
	if (listener < 0)
		return p;
	p.pid = fork();
	if (!p.pid) {
		signal(SIGALRM, SIG_DFL);
		alarm(60);
		_exit(peer_play(listener, acts));
	}
	close(listener);
	return p;
}

/* 0: the script was played to its end; else the number of the act that failed, or 256 and more when the child died. */
static inline int peer_end(struct peer *p)
{
	int status = 0;

	if (p->pid < 0 || waitpid(p->pid, &status, 0) != p->pid)
		return 1000;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}
