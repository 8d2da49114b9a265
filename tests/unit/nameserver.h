// SPDX-License-Identifier: MIT
#pragma once

#include "dns_wire.h"

#include "test.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * Name servers by script, in one forked child: 127.0.0.1, .2, .3 and ::1 on one port, over UDP and TCP. Of the rules, the first that
 * fits a query counts; where none does, the name does not exist. The child dies after a minute.
 */
#define SERVERS 4

enum does {
	NO_SUCH_NAME,
	ANSWERS, /* with the addresses; none: the name exists, and has none */
	FAILS,   /* SERVFAIL */
	SAYS_NOTHING,
	TRUNCATES,      /* over UDP; answers over TCP */
	TRUNCATES_ONLY, /* and over TCP too */
	TCP_CLOSES,     /* truncates, and closes the connection without a word */
	TCP_CUTS,       /* truncates, and closes it in the middle of the answer */
	TCP_SILENT,
	TCP_HUGE, /* truncates, and says that 65 535 bytes follow */
	LIES,     /* wrong id, name, type, and only then the answer */
	ONLY_LIES,
	GARBLES, /* the right question, and records that are none */
	ALIASES, /* an alias before the address */
};

struct rule {
	int server; /* 1 to SERVERS; 0: any */
	int type;   /* 0: both */
	const char *name;
	enum does does;
	const char *addresses;
	size_t count;
	uint32_t ttl;
	unsigned delay_ms;
};

struct asked_for {
	unsigned udp[SERVERS], tcp[SERVERS];
};

struct nameserver {
	pid_t pid;
	uint16_t port;
	volatile struct asked_for *asked;
};

static inline socklen_t nameserver_address(int server, uint16_t port, struct sockaddr_storage *out)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = in6addr_loopback };

	v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (unsigned)server);
	if (server < SERVERS - 1)
		memcpy(out, &v4, sizeof v4);
	else
		memcpy(out, &v6, sizeof v6);
	return server < SERVERS - 1 ? sizeof v4 : sizeof v6;
}

static inline const struct rule *nameserver_rule(const struct rule *rules, int server, const struct dns_question *q)
{
	for (; rules->name; rules++) {
		struct dns_name name;

		if ((!rules->server || rules->server == server + 1) && (!rules->type || rules->type == (int)q->type) &&
		    dns_name_make(str_of(rules->name), S(""), &name) && name.n == q->name.n &&
		    !memcmp(name.wire, q->name.wire, name.n))
			return rules;
	}
	return rules;
}

static inline bool nameserver_query(const unsigned char *p, size_t n, struct dns_question *q)
{
	static const unsigned char rest[] = { 1, 0, 0, 1, 0, 0, 0, 0, 0, 0 };

	if (n < 17 || n > DNS_QUERY_MAX || memcmp(p + 2, rest, sizeof rest) != 0)
		return false;
	q->id = (uint16_t)(p[0] << 8 | p[1]);
	q->type = p[n - 3];
	q->name.n = n - 16;
	memcpy(q->name.wire, p + 12, n - 16);
	return true;
}

static inline void nameserver_answer(struct dns_wire *w, const struct dns_question *q, const struct rule *r, bool tcp)
{
	size_t size = q->type == DNS_A ? 4 : 16;
	bool truncate = r->does >= TRUNCATES && r->does <= TCP_HUGE && (!tcp || r->does == TRUNCATES_ONLY);
	unsigned flags = RESPONSE | (r->does == NO_SUCH_NAME ? 3 : r->does == FAILS ? 2 : 0) | (truncate ? TRUNCATED : 0);
	bool alias = r->does == ALIASES;

	wire_start(w, q, flags, truncate ? 0 : (unsigned)r->count + alias + (r->does == GARBLES));
	if (r->does == GARBLES)
		wire_bytes(w, "\xff\xff\xff\xff", 4);
	if (alias)
		wire_alias(w, "", 12, r->ttl, "alias.test", 0);
	for (size_t i = 0; i < r->count && !truncate; i++)
		wire_address(w, alias ? "alias.test" : "", alias ? 0 : 12, r->ttl, r->addresses + size * i, size);
}

static inline void nameserver_udp(int fd, int server, const struct rule *rules, volatile struct asked_for *asked)
{
	static struct dns_wire w;
	struct sockaddr_storage from;
	socklen_t from_n = sizeof from;
	unsigned char query[512];
	ssize_t n = recvfrom(fd, query, sizeof query, 0, (struct sockaddr *)&from, &from_n);
	struct dns_question q, other;
	const struct rule *r;

	if (n < 0 || !nameserver_query(query, (size_t)n, &q))
		return;
	asked->udp[server]++;
	r = nameserver_rule(rules, server, &q);
	if (r->does == SAYS_NOTHING || (r->delay_ms && fork()))
		return;
	usleep(r->delay_ms * 1000);
	if (r->does == LIES || r->does == ONLY_LIES) {
		other = q;
		other.id ^= 1;
		nameserver_answer(&w, &other, r, false);
		sendto(fd, w.p, w.n, 0, (struct sockaddr *)&from, from_n);
		other = q;
		other.name.wire[1] ^= 1;
		nameserver_answer(&w, &other, r, false);
		sendto(fd, w.p, w.n, 0, (struct sockaddr *)&from, from_n);
		sendto(fd, w.p, 0, 0, (struct sockaddr *)&from, from_n);
		sendto(fd, query, (size_t)n, 0, (struct sockaddr *)&from, from_n); /* our own query */
	}
	nameserver_answer(&w, &q, r, false);
	if (r->does != ONLY_LIES)
		sendto(fd, w.p, w.n, 0, (struct sockaddr *)&from, from_n);
	if (r->delay_ms)
		_exit(0);
}

static inline void nameserver_tcp(int listener, int server, const struct rule *rules, volatile struct asked_for *asked)
{
	static struct dns_wire w;
	int fd = accept(listener, NULL, NULL);
	unsigned char query[512], length[2];
	ssize_t n = recv(fd, query, 2, MSG_WAITALL);
	struct dns_question q;
	const struct rule *r;

	if (n == 2 && query[0] < 2)
		n = recv(fd, query, (size_t)query[0] << 8 | query[1], MSG_WAITALL);
	if (n > 2 && nameserver_query(query, (size_t)n, &q)) {
		asked->tcp[server]++;
		r = nameserver_rule(rules, server, &q);
		nameserver_answer(&w, &q, r, true);
		length[0] = (unsigned char)(w.n >> 8);
		length[1] = (unsigned char)w.n;
		if (r->does == TCP_HUGE)
			length[0] = length[1] = 0xff;
		if (r->does == TCP_CUTS)
			w.n -= 3;
		if (r->does != TCP_CLOSES && r->does != TCP_SILENT) {
			send(fd, length, 1, MSG_NOSIGNAL);
			send(fd, length + 1, 1, MSG_NOSIGNAL);
			send(fd, w.p, w.n, MSG_NOSIGNAL);
		}
		if (r->does == TCP_SILENT && recv(fd, query, 1, 0) < 0)
			return;
	}
	close(fd);
}

static inline void nameserver_run(const struct pollfd *sockets, const struct rule *rules,
                                  volatile struct asked_for *asked)
{
	struct pollfd p[2 * SERVERS];

	signal(SIGCHLD, SIG_IGN);
	alarm(60);
	memcpy(p, sockets, sizeof p);
	while (poll(p, 2 * SERVERS, -1) > 0)
		for (int i = 0; i < 2 * SERVERS; i++)
			if (p[i].revents && i % 2)
				nameserver_tcp(p[i].fd, i / 2, rules, asked);
			else if (p[i].revents)
				nameserver_udp(p[i].fd, i / 2, rules, asked);
	_exit(1);
}

/* All on one port, which the first bind chooses. */
static inline bool nameserver_bind(struct pollfd p[2 * SERVERS], uint16_t *port)
{
	*port = 0;
	for (int i = 0; i < 2 * SERVERS; i++) {
		struct sockaddr_storage a;
		socklen_t n = nameserver_address(i / 2, *port, &a);
		int fd = socket(a.ss_family, (i % 2 ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);

		p[i] = (struct pollfd){ .fd = fd, .events = POLLIN };
		if (bind(fd, (struct sockaddr *)&a, n) || (i % 2 && listen(fd, 8))) {
			for (; i >= 0; i--)
				close(p[i].fd);
			return false;
		}
		if (!i && !getsockname(fd, (struct sockaddr *)&a, &n))
			*port = ntohs(((struct sockaddr_in *)&a)->sin_port);
	}
	return true;
}

static inline struct nameserver nameserver_start(const struct rule *rules)
{
	struct nameserver s = { .pid = -1 };
	struct pollfd sockets[2 * SERVERS];
	int tries = 100;

	s.asked = mmap(NULL, sizeof *s.asked, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	while (tries && !nameserver_bind(sockets, &s.port))
		tries--;
	CHECK(tries && s.asked != MAP_FAILED);
	fflush(stdout);
	if (!(s.pid = fork()))
		nameserver_run(sockets, rules, s.asked);
	for (int i = 0; i < 2 * SERVERS; i++)
		close(sockets[i].fd);
	return s;
}

static inline void nameserver_stop(struct nameserver *s)
{
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
	munmap((void *)(uintptr_t)s->asked, sizeof *s->asked);
}
