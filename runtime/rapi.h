// SPDX-License-Identifier: MIT
#pragma once

#include "net/http.h"
#include "net/url.h"

/*
 * The Runtime API, version 2018-06-01: one kept-alive connection, request heads built once. A connection that is seen to be dead is replaced and the
 * request repeated: /next while an event waits returns that event again, /next while none does simply blocks again, and a repeated POST is at worst
 * refused with 403. Nothing is ever repeated because of time alone.
 */
/* Of a request: ids as large as a reply's head, each byte as %XX; content type and X-Ray cause. */
#define RAPI_HEAD_MAX (3 * HTTP_HEAD_MAX + 16384)

struct rapi {
	struct stream stream;
	struct addr addr;
	str host, prefix; /* Host header; path that stands before /2018-06-01, for emulators */
	int failures;     /* connections in a row that brought nothing */
	bool (*wait)(
		int fd); /* until the reply to /next begins; false: it is not waited for any more. NULL: reading it waits */
	size_t next_n;
	char next[1024]; /* the head of GET /next; last, because the end of it is seldom touched (start.ld) */
};

/* api: AWS_LAMBDA_RUNTIME_API, host:port or a URL; must outlive r. Opens no connection yet. */
enum err rapi_start(struct rapi *r, str api);

/* Blocks until the platform has something. ERR_STOPPED: wait() has said so. The reply lies in room[0..cap); a body over body_max is ERR_TOO_LARGE with its head valid. */
enum err rapi_next(struct rapi *r, char *room, size_t cap, size_t body_max, struct http_reply *out);

struct rapi_post {
	str id;            /* request id; empty: /init/error */
	str invocation_id; /* echoed when not empty */
	bool error;        /* /error instead of /response */
	str content_type, body;
	str error_type, error_cause; /* headers of /error and /init/error; left out when empty */
};

/* The platform's reply lies in room[0..cap), HTTP_HEAD_MAX at least. */
enum err rapi_post(struct rapi *r, const struct rapi_post *post, char *room, size_t cap, struct http_reply *out);
