// SPDX-License-Identifier: MIT
#define _GNU_SOURCE /* ppoll */
#include "net/stream.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#define MS 1000000

const sigset_t *stream_signals;
_Atomic int64_t stream_end = STREAM_FOREVER;

int64_t stream_bounded(int64_t deadline)
{
	int64_t end = stream_end;

	return deadline != STREAM_FOREVER && end < deadline ? end : deadline;
}

static bool too_late(int64_t deadline)
{
	return deadline != STREAM_FOREVER && clock_mono_ns() >= stream_bounded(deadline);
}

static int wait_ms(struct pollfd *p, nfds_t n, int ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * (long)MS };

	return stream_signals ? ppoll(p, n, &t, stream_signals) : poll(p, n, ms);
}

/* Rounds up, so that a wait of under a millisecond does not become a spin. */
enum err stream_wait(struct pollfd *p, nfds_t n, int64_t deadline)
{
	for (;;) {
		int64_t left = stream_bounded(deadline) - clock_mono_ns();
		int got;

		if (left <= 0)
			return ERR_TIMEOUT;
		left = left / MS + 1;
		got = wait_ms(p, n, left > 3600000 ? 3600000 : (int)left);
		if (got > 0)
			return OK;
		if (got < 0 && errno != EINTR)
			return ERR_SYSTEM;
	}
}

enum err stream_settle(const struct stream *s)
{
	int cause = 0;
	socklen_t n = sizeof cause;

	if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &cause, &n))
		return ERR_SYSTEM;
	return cause ? ERR_CONNECT : OK;
}

/* Whoever started us with a standard descriptor closed must not find our log records in a connection. */
static int above_standard(int fd)
{
	int up = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

	close(fd);
	return up;
}

int stream_socket(int family, int type)
{
	int fd = socket(family, type | SOCK_CLOEXEC, 0);

	return fd >= 0 && fd <= STDERR_FILENO ? above_standard(fd) : fd;
}

enum err stream_begin(struct stream *s, const struct addr *to, bool blocking)
{
	int on = 1;

	*s = (struct stream){ .fd = -1 };
	s->fd = stream_socket(to->sa.any.sa_family, SOCK_STREAM | (blocking ? 0 : SOCK_NONBLOCK));
	if (s->fd < 0)
		return errno == EAFNOSUPPORT ? ERR_CONNECT : ERR_SYSTEM;
	/* A request leaves in one write; without this the tail of a large one waits for the peer's delayed ACK. */
	setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (!connect(s->fd, &to->sa.any, to->n))
		return OK;
	if (errno == EINPROGRESS || errno == EINTR)
		return ERR_TIMEOUT;
	stream_close(s);
	return ERR_CONNECT;
}

enum err stream_connect(struct stream *s, const struct addr *to, int64_t deadline)
{
	enum err e = stream_begin(s, to, deadline == STREAM_FOREVER);

	if (e == ERR_TIMEOUT) {
		struct pollfd p = { .fd = s->fd, .events = POLLOUT };

		e = stream_wait(&p, 1, deadline);
		if (e == OK)
			e = stream_settle(s);
		if (e != OK)
			stream_close(s);
	}
	return e;
}

void stream_close(struct stream *s)
{
	if (s->layer)
		s->layer->close(s);
	if (s->fd >= 0)
		close(s->fd);
	*s = (struct stream){ .fd = -1 };
}

bool stream_stale(const struct stream *s)
{
	char c;

	if (s->layer && s->layer->stale(s))
		return true;
	return recv(s->fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || (errno != EAGAIN && errno != EINTR);
}

static enum err closed_or(int cause)
{
	return cause == EPIPE || cause == ECONNRESET || cause == ETIMEDOUT || cause == EHOSTUNREACH ||
	               cause == ENETUNREACH || cause == ENOTCONN
	           ? ERR_CLOSED
	           : ERR_SYSTEM;
}

/*
 * A peer that speaks while it takes nothing may have answered already, say with 413 to the first bytes of a body, and wait until somebody reads that:
 * writing on would wait for it in turn, for ever. It gets a second to take more, since an early answer need not be a refusal.
 */
#define PATIENCE_NS (1000 * (int64_t)MS)

static enum err wait_to_write(int fd, int64_t deadline)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT | POLLIN };
	enum err e = stream_wait(&p, 1, deadline);
	int64_t patience;

	if (e != OK || p.revents != POLLIN)
		return e; /* there is room, or an error that the next write will name */
	patience = clock_mono_ns() + PATIENCE_NS;
	p.events = POLLOUT;
	e = stream_wait(&p, 1, patience < deadline ? patience : deadline);
	return e == ERR_TIMEOUT && patience < deadline ? ERR_CLOSED : e;
}

enum err stream_write(struct stream *s, struct iovec *iov, int count, int64_t deadline)
{
	if (s->layer)
		return s->layer->write(s, iov, count, deadline);
	while (count) {
		struct msghdr m = { .msg_iov = iov, .msg_iovlen = (size_t)count > 16 ? 16 : (size_t)count };
		int flags = MSG_NOSIGNAL | MSG_DONTWAIT;
		ssize_t put = count == 1 ? send(s->fd, iov->iov_base, iov->iov_len, flags) : sendmsg(s->fd, &m, flags);
		size_t left = put > 0 ? (size_t)put : 0;

		if (put < 0 && errno == EAGAIN) {
			enum err e = wait_to_write(s->fd, deadline);
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

enum err stream_push(struct stream *s, str *bytes)
{
	while (bytes->n) {
		ssize_t put = send(s->fd, bytes->p, bytes->n, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (put < 0 && errno == EAGAIN)
			break;
		if (put < 0 && errno != EINTR)
			return closed_or(errno);
		if (put > 0)
			*bytes = (str){ bytes->p + put, bytes->n - (size_t)put };
	}
	return OK;
}

enum err stream_push_rest(struct stream *s, str bytes, int64_t deadline)
{
	struct stream below = { .fd = s->fd };
	struct iovec iov = { (char *)bytes.p, bytes.n };

	return stream_write(&below, &iov, bytes.n != 0, deadline);
}

enum err stream_read(struct stream *s, void *p, size_t n, int64_t deadline, size_t *got)
{
	*got = 0;
	if (s->layer)
		return s->layer->read(s, p, n, deadline, got);
	while (!too_late(deadline)) { /* also when there is always something to read: a peer may drip for ever */
		ssize_t r = read(s->fd, p, n);

		if (r >= 0) {
			*got = (size_t)r;
			return OK;
		}
		if (errno == EAGAIN) {
			struct pollfd wanted = { .fd = s->fd, .events = POLLIN };
			enum err e = stream_wait(&wanted, 1, deadline);
			if (e != OK)
				return e;
		} else if (errno != EINTR) {
			return closed_or(errno);
		}
	}
	return ERR_TIMEOUT;
}
