// SPDX-License-Identifier: MIT
#pragma once

/*
 * lambda_http.h: what HTTP looks like when it reaches a function, and the answer in the shape that the
 * sender wants.
 *
 * API Gateway (REST and HTTP APIs), Application Load Balancers and function URLs each have their own JSON;
 * this gives them one face. Events may lie, lack fields, or hold any type anywhere: then a slice is empty.
 *
 * Sources: the developer guides of API Gateway ("Lambda proxy integrations", payload formats 1.0 and 2.0),
 * of Elastic Load Balancing ("Lambda functions as targets") and of Lambda ("Function URLs").
 */

#include "lambda_json.h"

#ifdef __cplusplus
extern "C" {
#endif

enum lambda_http_kind {
	LAMBDA_HTTP_NONE,
	LAMBDA_HTTP_REST, /* API Gateway REST API, or HTTP API with payload format 1.0 */
	LAMBDA_HTTP_API,  /* API Gateway HTTP API, payload format 2.0 */
	LAMBDA_HTTP_URL,  /* function URL */
	LAMBDA_HTTP_ALB,  /* Application Load Balancer */
};

/*
 * A request. It points into the event, and where escapes had to be decoded into the invocation region: one
 * invocation long.
 */
struct lambda_http {
	enum lambda_http_kind kind;
	lambda_str method;    /* GET */
	lambda_str raw_path;  /* as sent, the stage of an HTTP API included */
	lambda_str raw_query; /* without '?'; empty for REST and ALB, which send no such thing */
	lambda_str route;     /* the sender's name for it: "GET /users/{id}", "/users/{id}", "$default"; empty for ALB */
	lambda_str stage;     /* API Gateway */
	lambda_str domain;    /* the host that was asked for */
	lambda_str source_ip; /* the peer that the sender saw itself; for ALB the last of x-forwarded-for */
	lambda_str protocol;  /* HTTP/1.1; empty for ALB */
	bool multi_value;     /* the event has multiValueHeaders */
	bool full;            /* something did not fit into the room: a slice is empty that should not be */

	struct lambda_call *call_; /* from here on its own */
	char *next_, *end_;
	bool base64_, body_ready_;
	lambda_str headers_, multi_headers_, queries_, multi_queries_, cookies_, path_parameters_, body_;
};

/* The call's event as a request. False: it is not HTTP. */
bool lambda_http_request(struct lambda_call *call, struct lambda_http *http);

/* The same without a call: what has to be decoded goes into room. */
bool lambda_http_parse(lambda_str event, void *room, size_t size, struct lambda_http *http);

/* The path with percent-escapes decoded and without the stage that an HTTP API puts in front; at least "/". */
lambda_str lambda_http_path(struct lambda_http *http);

/*
 * The first value of that name; empty when absent. Header names compare without case. Query: decoded, '+'
 * is a space.
 */
lambda_str lambda_http_header(struct lambda_http *http, const char *name);
lambda_str lambda_http_query(struct lambda_http *http, const char *name);
lambda_str lambda_http_cookie(struct lambda_http *http, const char *name);
lambda_str lambda_http_path_parameter(struct lambda_http *http, const char *name);

/*
 * The body as the client sent it, base64 decoded where the event says so. Empty with http->full: larger
 * than the room.
 */
lambda_str lambda_http_body(struct lambda_http *http);

/*
 * All of them, repeated ones included, in the event's order:
 *
 *   struct lambda_http_pairs header = lambda_http_headers(http);
 *   while (lambda_http_next(&header)) ... header.name, header.value
 */
struct lambda_http_pairs {
	lambda_str name, value; /* of this step */

	struct lambda_http *http_; /* from here on its own */
	unsigned char source_;
	bool list_open_, name_escaped_, percent_;
	lambda_str name_, rest_;
	struct lambda_json members_, list_;
};

struct lambda_http_pairs lambda_http_headers(struct lambda_http *http);
struct lambda_http_pairs lambda_http_queries(struct lambda_http *http);
struct lambda_http_pairs lambda_http_cookies(struct lambda_http *http);
bool lambda_http_next(struct lambda_http_pairs *pairs);

/* ---- the answer ---- */

#define LAMBDA_HTTP_HEADERS_MAX 32 /* header fields and cookies of one answer */

struct lambda_http_reply {
	int status;      /* 0 means 200 */
	lambda_str body; /* sent as base64 when it is not UTF-8 */
	bool binary;     /* sent as base64 in any case */

	size_t count_; /* from here on its own */
	bool bad_;
	struct {
		lambda_str name, value; /* a cookie has no name */
	} field_[LAMBDA_HTTP_HEADERS_MAX];
};

/*
 * Nothing is copied: names and values live until the reply is sent. The same name may come several times.
 * Without a content-type, a body goes out as text/plain; charset=utf-8, or application/octet-stream when
 * base64.
 */
void lambda_http_add_header(struct lambda_http_reply *reply, const char *name, lambda_str value);
void lambda_http_add_cookie(struct lambda_http_reply *reply, lambda_str set_cookie); /* "id=7; Secure; HttpOnly" */

/*
 * Writes the answer as the reply of the call that http came from. For return from a handler: 0, or, with
 * the failure set, -1 when a header has bytes that no header can have, a status is outside 100 to 599, or
 * there were too many fields.
 */
int lambda_http_send(const struct lambda_http *http, const struct lambda_http_reply *reply);

/* The same into any writer; false in those cases, and nothing was written. */
bool lambda_http_write(struct lambda_json_writer *w, const struct lambda_http *http,
                       const struct lambda_http_reply *reply);

const char *lambda_http_reason(int status); /* "Not Found"; by class when unassigned */

/* ---- bytes and text ---- */

/*
 * RFC 4648 section 4, padded, strict: false for any other byte, wrong length, or no room. Room may be where
 * the text is.
 */
bool lambda_base64_decode(lambda_str text, void *room, size_t size, size_t *n);

/*
 * RFC 3986 2.1; what is no escape stays as it is. False: no room; text.n bytes are always enough. Room may
 * be where the text is.
 */
bool lambda_percent_decode(lambda_str text, bool plus_is_space, char *room, size_t size, size_t *n);

#ifdef __cplusplus
}
#endif
