// SPDX-License-Identifier: MIT
#pragma once

#include "base/buf.h"
#include "net/stream.h"

/*
 * TLS 1.2 as a client, over BearSSL: a layer of struct stream, so that stream_read(), _write(), _stale(), _close() and http_read_reply() work as
 * they do without it. A program that calls nothing of this links nothing of BearSSL.
 *
 * One connection and one session a slot; each has its own settings, buffers and roots, all static, and of all of it only what is used is ever
 * touched (about 30 kB for a connection with small messages). The settings of a slot are read once; the session outlives the connection, so
 * that the next one to the same host is resumed when the peer knows its id.
 *
 * The order: tls_configure() once a slot, then for each connection stream_connect() (or what a proxy asks for), tls_start(), the stream's own
 * functions, stream_close(), which says close_notify. An end without the peer's close_notify is ERR_CLOSED, never an orderly end (*got == 0); a
 * record that was changed on the way is ERR_RECORD. After a failure tls_problem() says more than err_text(), or nothing.
 */
#define TLS_SLOTS 4                  /* a peer of each signal, and who gives keys to sign with */
#define TLS_ROOTS_MAX 256            /* certificates trusted beside those built in, a slot */
#define TLS_ROOTS_BYTES (128 * 1024) /* of their names and keys */

/* File names end in NUL; NULL: none. What they hold is PEM. */
struct tls_settings {
	str host;                /* what the certificate must name and what is said as SNI: a DNS name, never an address */
	const char *roots[2];    /* trusted beside those built in */
	const char *certificate; /* of the client, and after it what leads to a root that the peer knows */
	const char *key;         /* RSA up to 4096 bits or EC; PKCS #8, PKCS #1 or SEC 1, not encrypted */
};

/* Reads the files; forgets the slot's session. ERR_CERTIFICATE: one cannot be used, and tls_problem() says which and why. */
enum err tls_configure(unsigned slot, const struct tls_settings *settings);

/*
 * The handshake, over a connected stream. When it is not OK, the stream is closed. The slot's stream before this one was closed.
 * ERR_CLOSED, ERR_TIMEOUT, ERR_SYSTEM: as in stream_read(), another time it may work.
 */
enum err tls_start(struct stream *s, unsigned slot, int64_t deadline);

/* Of the last failure of the slot: the cause and what to do about it; empty when err_text() says all. Until the slot's next call. */
str tls_problem(unsigned slot);

/* Since the process started. */
struct tls_counts {
	unsigned full, resumed, failed; /* handshakes */
};
extern struct tls_counts tls_counts;

/* Sessions and settings are dropped, as in a new process: after a fork, a restore from a snapshot. Open streams are closed before. */
void tls_forget(void);

/*
 * For who sends at a moment other than the one at which there is time to encrypt. tls_seal() makes records of all of iov in out, where
 * tls_sealed_bytes(n) are enough, and sends nothing. From then on the stream is good only for these bytes, all of them, in this order, by
 * stream_push() and stream_push_rest(); then for the reply. One that will not send them is closed. False: they do not fit, or the stream is
 * not at rest; nothing has changed.
 */
size_t tls_sealed_bytes(size_t n);
bool tls_seal(struct stream *s, const struct iovec *iov, int count, struct buf *out);
