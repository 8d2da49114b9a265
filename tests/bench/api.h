// SPDX-License-Identifier: MIT
/* api.h: Lambda's Runtime and Extensions API for one sandbox at a time, as little of it as a well-behaved bootstrap needs and nothing between
 * recv(2) and the clock. Connections may come and go; who is waited for is a question of what has been asked, not of where. */
#pragma once

#include "http_parse.h"

#include <stdbool.h>
#include <stdint.h>

#define API_CONNECTIONS 32
#define API_EXTENSIONS 8

struct api_conn {
	int fd; /* -1: free */
	bool continued;
	struct buf in;
	struct http_request request;
	uint64_t first_ns, last_ns; /* of the request: its first and last byte, stamped right behind recv(2) */
};

struct api_extension {
	struct api_conn *waiting; /* in event/next; NULL: busy */
	bool invoke;              /* it has asked for INVOKE events */
};

struct api {
	int listener, epoll;
	char address[32];
	struct api_conn conns[API_CONNECTIONS];

	/* of the sandbox that runs now */
	struct api_conn *next, *answer; /* waiting in /next; with an answer that is not acknowledged yet */
	struct api_extension extensions[API_EXTENSIONS];
	unsigned extension_count, expected; /* registered; started by us, so that they must */
	uint64_t connected_ns;              /* first connection accepted */
	uint64_t next_ns;                   /* first byte of the latest /next */
	uint64_t idle_ns;                   /* the same of whoever came last, extensions included */
	const char *id;                     /* of the invocation, for the answer to name */
	char complaint[200];                /* not empty: what it did that a bootstrap should not */
};

bool api_open(struct api *a);              /* false: errno says why */
void api_begin(struct api *a);             /* forgets the last sandbox */
bool api_turn(struct api *a, int wait_ms); /* waits for bytes, then reads what has come; false: nothing came */
bool api_idle(const struct api *a);        /* all wait for an event */
bool api_send(struct api_conn *c, const char *p, size_t n);
void api_reply(struct api_conn *c, const char *head, const char *body); /* head: status line's rest and fields */
