// SPDX-License-Identifier: MIT
// A function URL's two translations, pure: an HTTP request into an event (payload format 2.0), and what the function
// replied into an HTTP answer.
#pragma once
#include "http_parse.h"

struct url_caller {
	const char *source_ip;
	unsigned port;        // of the server
	const char *function; // its name
	const char *request_id;
	const char *trace; // X-Amzn-Trace-Id as the function gets it
	uint64_t wall_ms;  // when the request came
};

void url_event(struct buf *event, const struct http_request *r, const struct url_caller *caller);

struct url_reply {
	int status;
	struct buf fields; // "Name: value\r\n" lines, Content-Type among them
	struct buf body;
	const char *why; // the reply cannot be an answer: 502, and this is for the developer
};

void url_reply_read(struct url_reply *r, const char *reply, size_t n);
void url_reply_free(struct url_reply *r);
