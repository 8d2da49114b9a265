// SPDX-License-Identifier: MIT
#include "net/stream.h"

#include "base/clock.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define MS 1000000

/* Waits for the socket to be ready. Rounds up, so that a wait of under a millisecond does not become a spin. */
static enum err wait_for(int fd, short events, int64_t deadline)
{
	for (;;) {
		struct pollfd p = { .fd = fd, .events = events };
		int64_t left = deadline - clock_mono_ns();
		int got;

		if (left <= 0)
			return ERR_TIMEOUT;
		left = left / MS + 1;
		got = poll(&p, 1, left > 3600000 ? 3600000 : (int)left);
		if (got > 0)
			return OK;
		if (got < 0 && errno != EINTR)
			return ERR_SYSTEM;
	}
}

static enum err finish_connect(int fd, int64_t deadline)
{
	int cause = 0;
	socklen_t n = sizeof cause;
	enum err e = wait_for(fd, POLLOUT, deadline);

	if (e != OK)
		return e;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &cause, &n))
		return ERR_SYSTEM;
	return cause ? ERR_CONNECT : OK;
}

enum err stream_connect(struct stream *s, const struct addr *to, int64_t deadline)
{
	int type = SOCK_STREAM | SOCK_CLOEXEC | (deadline == STREAM_FOREVER ? 0 : SOCK_NONBLOCK), on = 1;
	enum err e = OK;

	s->fd = socket(to->sa.any.sa_family, type, 0);
	if (s->fd < 0)
		return errno == EAFNOSUPPORT ? ERR_CONNECT : ERR_SYSTEM;
	/* A request leaves in one write; without this the tail of a large one waits for the peer's delayed ACK. */
	setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (connect(s->fd, &to->sa.any, to->n))
		e = errno == EINPROGRESS || errno == EINTR ? finish_connect(s->fd, deadline) : ERR_CONNECT;
	if (e != OK)
		stream_close(s);
	return e;
}

void stream_close(struct stream *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

bool stream_stale(const struct stream *s)
{
	char c;

	return recv(s->fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || (errno != EAGAIN && errno != EINTR);
}

static enum err closed_or(int cause)
{
	return cause == EPIPE || cause == ECONNRESET || cause == ETIMEDOUT || cause == EHOSTUNREACH || cause == ENETUNREACH
	               || cause == ENOTCONN
	           ? ERR_CLOSED
	           : ERR_SYSTEM;
}

enum err stream_write(struct stream *s, struct iovec *iov, int count, int64_t deadline)
{
	while (count) {
		struct msghdr m = { .msg_iov = iov, .msg_iovlen = (size_t)count > 16 ? 16 : (size_t)count };
		ssize_t put = sendmsg(s->fd, &m, MSG_NOSIGNAL);
		size_t left = put > 0 ? (size_t)put : 0;

		if (put < 0 && errno == EAGAIN) {
			enum err e = wait_for(s->fd, POLLOUT, deadline);
			if (e != OK)
				return e;
		} else if (put < 0 && errno != EINTR) {
			return closed_or(errno);
		}
		for (; count && left >= iov->iov_len; iov++, count--)
			left -= iov->iov_len;
		if (count) {
			iov->iov_base = (char *)iov->iov_base + left;
			iov->iov_len -= left;
		}
	}
	return OK;
}

enum err stream_read(struct stream *s, void *p, size_t n, int64_t deadline, size_t *got)
{
	for (;;) {
		ssize_t r = read(s->fd, p, n);

		*got = r > 0 ? (size_t)r : 0;
		if (r >= 0)
			return OK;
		if (errno == EAGAIN) {
			enum err e = wait_for(s->fd, POLLIN, deadline);
			if (e != OK)
				return e;
		} else if (errno != EINTR) {
			return closed_or(errno);
		}
	}
}
