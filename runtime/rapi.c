// SPDX-License-Identifier: MIT
#include "rapi.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/late.h"
#include "base/percent.h"
#include "version.h"

#include <poll.h>
#include <stddef.h>
#include <string.h>

#define VERSION_PATH "/2018-06-01/runtime"
#define SECOND 1000000000

/* A body of up to so many bytes is copied behind its head: the kernel takes one buffer faster than two. */
#define TOGETHER_MAX 2048

/* Fresh connections that fail at once are tried after 0, 1, 10, 100 and 1000 ms, then the Runtime API counts as gone. */
#define FAILURES_MAX 5

static void put_common(struct buf *b, const struct rapi *r)
{
	buf_put(b, S(" HTTP/1.1\r\nHost: "));
	buf_put(b, r->host);
	buf_put(b, S("\r\nUser-Agent: mote/" MOTE_VERSION "\r\n"));
}

enum err rapi_start(struct rapi *r, str api)
{
	struct buf head = BUF(r->next);
	struct url url;
	str query;

	memset(r, 0, offsetof(struct rapi, next)); /* not the buffer, which is another page */
	r->stream.fd = -1;
	if (!url_parse(api, &url) || url.tls)
		return ERR_ADDRESS;
	r->host = url.authority;
	if (str_cut(url.path, '?', &r->prefix, &query))
		return ERR_ADDRESS; /* what is appended would become part of the query */
	while (r->prefix.n && r->prefix.p[r->prefix.n - 1] == '/')
		r->prefix.n--;
	buf_put(&head, S("GET "));
	buf_put(&head, r->prefix);
	buf_put(&head, S(VERSION_PATH "/invocation/next"));
	put_common(&head, r);
	buf_put(&head, S("\r\n"));
	r->next_n = head.n;
	return head.full ? ERR_ADDRESS : addr_resolve(url.host, url.port, &r->addr);
}

/*
 * True: once more. A connection that held for a second was alive, however it ended: a peer may close idle ones for ever. *since is when the failed
 * attempt began, 0 for the first one of an exchange, which has no failures before it: so a start that goes well never reads the clock, which
 * would fault in both pages of the vDSO.
 */
static bool again(struct rapi *r, int64_t *since)
{
	int pause = 1;

	stream_close(&r->stream);
	if (clock_mono_ns() - *since > SECOND)
		r->failures = 0;
	if (++r->failures > FAILURES_MAX)
		return false;
	for (int i = 2; i < r->failures; i++)
		pause *= 10;
	if (r->failures > 1)
		poll(NULL, 0, pause);
	*since = clock_mono_ns();
	return true;
}

static enum err once(struct rapi *r, const struct iovec *iov, int count, char *room, size_t cap, size_t max,
                     bool (*wait)(int fd), struct http_reply *out)
{
	struct iovec left[3];
	enum err sent, got;

	if (r->stream.fd < 0 && (sent = stream_connect(&r->stream, &r->addr, STREAM_FOREVER)) != OK)
		return sent;
	memcpy(left, iov, (size_t)count * sizeof *left);
	sent = stream_write(&r->stream, left, count, STREAM_FOREVER);
	if (wait && sent == OK && !wait(r->stream.fd))
		return ERR_STOPPED;
	/* A POST that broke in the write may have been answered before: an early 413 is still there to be read. */
	got = http_read_reply(&r->stream, room, cap, max, STREAM_FOREVER, out);
	if (sent != OK)
		stream_close(&r->stream);
	return got;
}

static enum err exchange(struct rapi *r, const struct iovec *iov, int count, char *room, size_t cap, size_t max,
                         bool (*wait)(int fd), struct http_reply *out)
{
	enum err e;
	int64_t since = 0;

	do
		e = once(r, iov, count, room, cap, max, wait, out);
	while (e != OK && e != ERR_STOPPED && !(e == ERR_TOO_LARGE && out->head.status) && again(r, &since));
	if (e == OK)
		r->failures = 0;
	return e;
}

enum err rapi_next(struct rapi *r, char *room, size_t cap, size_t body_max, struct http_reply *out)
{
	struct iovec iov = { r->next, r->next_n };

	return exchange(r, &iov, 1, room, cap, body_max, r->wait, out);
}

static void put_field(struct buf *b, str name, str value)
{
	if (!value.n)
		return;
	buf_put(b, name);
	buf_put(b, value);
	buf_put(b, S("\r\n"));
}

enum err rapi_post(struct rapi *r, const struct rapi_post *post, char *room, size_t cap, struct http_reply *out)
{
	static char bytes[RAPI_HEAD_MAX] LATE;
	struct buf head = BUF(bytes);
	struct iovec iov[2];
	size_t apart = post->body.n;

	buf_put(&head, S("POST "));
	buf_put(&head, r->prefix);
	if (post->id.n) {
		buf_put(&head, S(VERSION_PATH "/invocation/"));
		percent_encode(&head, post->id); /* a UUID, but a caller may have chosen another */
		buf_put(&head, post->error ? S("/error") : S("/response"));
	} else {
		buf_put(&head, S(VERSION_PATH "/init/error"));
	}
	put_common(&head, r);
	put_field(&head, S("Content-Type: "), post->content_type);
	put_field(&head, S("Lambda-Runtime-Invocation-Id: "), post->invocation_id);
	put_field(&head, S("Lambda-Runtime-Function-Error-Type: "), post->error_type);
	put_field(&head, S("Lambda-Runtime-Function-XRay-Error-Cause: "), post->error_cause);
	buf_put(&head, S("Content-Length: "));
	buf_u64(&head, post->body.n);
	buf_put(&head, S("\r\n\r\n"));
	*out = (struct http_reply){ 0 };
	if (head.full)
		return ERR_TOO_LARGE;
	if (apart <= TOGETHER_MAX && apart <= head.cap - head.n) {
		buf_put(&head, post->body);
		apart = 0;
	}
	iov[0] = (struct iovec){ bytes, head.n };
	iov[1] = (struct iovec){ (void *)(uintptr_t)post->body.p, apart };
	/* What the platform says in the body is of no use to a program: some of them send none (any 2xx counts). */
	return exchange(r, iov, apart ? 2 : 1, room, cap, cap, NULL, out);
}
