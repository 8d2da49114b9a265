// SPDX-License-Identifier: MIT
#pragma once

#include "net/addr.h"

#include <poll.h>
#include <signal.h>
#include <sys/uio.h>

/*
 * A TCP connection. With STREAM_FOREVER as the deadline it was connected with, the socket blocks and every call is one system
 * call (more for a write beyond the socket's buffer): the Runtime API's way. Otherwise the socket does not block and calls poll until the
 * deadline, a CLOCK_MONOTONIC time in nanoseconds, after which nothing is read any more. SIGPIPE is never raised.
 */
struct stream {
	int fd;                           /* -1: not connected */
	const struct stream_layer *layer; /* between the socket and who reads and writes: TLS; NULL: none */
	void *layer_state;                /* whose it is, and how long it lives, the layer says */
};

/* What a layer does in place of the functions below that are called the same. close: its farewell; the socket is closed after it. */
struct stream_layer {
	enum err (*read)(struct stream *s, void *p, size_t n, int64_t deadline, size_t *got);
	enum err (*write)(struct stream *s, struct iovec *iov, int count, int64_t deadline);
	bool (*stale)(const struct stream *s);
	void (*close)(struct stream *s);
};

#define STREAM_FOREVER INT64_MAX

enum err stream_connect(struct stream *s, const struct addr *to, int64_t deadline);
void stream_close(struct stream *s);
bool stream_stale(const struct stream *s); /* the idle peer has closed, reset, or sent bytes nobody asked for */

/*
 * Writes all of iov (which it advances as it goes). ERR_CLOSED when the peer broke it, or has spoken and takes no more: in both
 * cases what it said can still be read.
 */
enum err stream_write(struct stream *s, struct iovec *iov, int count, int64_t deadline);

/* At least one byte, at most n; *got == 0 is the peer's orderly end. */
enum err stream_read(struct stream *s, void *p, size_t n, int64_t deadline, size_t *got);

/*
 * Below any layer: as much of *bytes as the socket takes at once, without waiting; what is left stays in *bytes, for another time or for
 * stream_push_rest(), which waits. ERR_CLOSED as above.
 */
enum err stream_push(struct stream *s, str *bytes);
enum err stream_push_rest(struct stream *s, str bytes, int64_t deadline);

/* ---- the parts, for who waits for several sockets at once ---- */

int stream_socket(int family, int type); /* never a standard descriptor; -1: errno says why */

/* ERR_TIMEOUT here only says that the connection is still under way: stream_settle() tells when the socket is ready to be written. */
enum err stream_begin(struct stream *s, const struct addr *to, bool blocking);
enum err stream_settle(const struct stream *s);

/*
 * A signal that is blocked everywhere else may be let in by these waits: they pass this mask on, which is NULL as long as nobody wants that. Its handler
 * may set the end, which no deadline is beyond from then on, STREAM_FOREVER excepted.
 */
extern const sigset_t *stream_signals;
extern _Atomic int64_t stream_end;        /* CLOCK_MONOTONIC */
int64_t stream_bounded(int64_t deadline); /* for who waits in a loop: the nearer of the two */

/* Until one of them is ready: OK. Of none: until the deadline. */
enum err stream_wait(struct pollfd *p, nfds_t n, int64_t deadline);
