// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "http_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static void listener_ready(struct loop_fd *f, short revents)
{
	struct http_server *s = f->owner;
	int fd;

	(void)revents;
	/* one a turn: `accepted` may close the server */
	fd = accept4(f->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd >= 0)
		http_conn_new(s, fd);
}

uint64_t http_arrived(struct http_server *s)
{
	uint64_t n;
	int fd, waiting;

	while (s->listener.ready && (fd = accept4(s->listener.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0)
		http_conn_new(s, fd);
	n = s->read;
	for (const struct http_conn *c = s->conns; c; c = c->next)
		if (!c->dead && !ioctl(c->io.fd, FIONREAD, &waiting))
			n += (unsigned)waiting;
	return n;
}

bool http_listen(struct http_server *s, const char *host, uint16_t port)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} a = { 0 };
	socklen_t n = sizeof a;
	int one = 1, fd;

	if (inet_pton(AF_INET6, host, &a.v6.sin6_addr) == 1) {
		a.v6.sin6_family = AF_INET6;
		a.v6.sin6_port = htons(port);
	} else if (inet_pton(AF_INET, host, &a.v4.sin_addr) == 1) {
		a.v4.sin_family = AF_INET;
		a.v4.sin_port = htons(port);
	} else {
		errno = EINVAL;
		return false;
	}
	fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return false;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(fd, &a.any, a.any.sa_family == AF_INET ? sizeof a.v4 : sizeof a.v6) || listen(fd, 128) ||
	    getsockname(fd, &a.any, &n)) {
		int why = errno;

		close(fd);
		errno = why;
		return false;
	}
	s->port = ntohs(a.any.sa_family == AF_INET ? a.v4.sin_port : a.v6.sin6_port);
	s->listener = (struct loop_fd){ .fd = fd, .events = POLLIN, .ready = listener_ready, .owner = s };
	loop_add(s->loop, &s->listener);
	return true;
}

void http_server_close(struct http_server *s)
{
	if (!s->listener.ready)
		return;
	loop_remove(s->loop, &s->listener);
	close(s->listener.fd);
	s->listener.ready = NULL;
	for (struct http_conn *c = s->conns, *next; c; c = next) {
		next = c->next;
		http_drop(c, HTTP_END_FIN);
	}
}
