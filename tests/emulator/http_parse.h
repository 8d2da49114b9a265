// SPDX-License-Identifier: MIT
/* http_parse.h: an HTTP/1.1 request out of a growing buffer (RFC 9112), no I/O. What no server could read is BAD; what a
 * server could read but a strict one should not let pass is a flaw, in words, and parsing goes on. */
#pragma once

#include "buf.h"

#include <stdbool.h>
#include <stdint.h>

#define HTTP_HEADERS_MAX 128
#define HTTP_HEAD_MAX (4u << 20) /* X-Ray causes alone may be close to 1 MiB */
#define HTTP_FLAWS_MAX 8

struct http_header {
	const char *name, *value; /* NUL-terminated, value without the spaces around it */
};

enum http_need { HTTP_MORE, HTTP_HEAD, HTTP_DONE, HTTP_BAD };

struct http_request {
	const char *method, *target, *version; /* "GET", "/path?query", "HTTP/1.1" */
	struct http_header headers[HTTP_HEADERS_MAX];
	size_t header_count;
	const char *body; /* decoded, NUL behind; complete when HTTP_DONE */
	size_t body_n;
	bool chunked, has_length;
	uint64_t content_length; /* when has_length */
	struct http_header trailers[HTTP_HEADERS_MAX];
	size_t trailer_count;
	const char *bad; /* why HTTP_BAD */
	const char *flaws[HTTP_FLAWS_MAX];
	size_t flaw_count;
	uint64_t first_ns, last_ns; /* set by the connection: first and last byte read */

	struct buf head, decoded; /* private from here on */
	size_t used;              /* bytes of the input that are behind us */
	int state;
	uint64_t left;
};

/* Looks at in->p[0..n) from where the last call stopped. HTTP_HEAD is said once, when head fields are complete; call again
 * to go on. At HTTP_DONE the first `used` bytes of `in` belong to this request. */
enum http_need http_parse(struct http_request *r, const struct buf *in);
const char *http_header(const struct http_request *r, const char *name); /* NULL when absent; any case */
size_t http_header_count(const struct http_request *r, const char *name);
void http_request_reset(struct http_request *r); /* ready for the next one; memory is given back */
