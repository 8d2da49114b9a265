// SPDX-License-Identifier: MIT
#pragma once

#include "base/err.h"
#include "net/stream.h"

/*
 * HTTP/1.1 replies (RFC 9112), as a client reads them. The two parsers are pure; http_read_reply() is the shell
 * that feeds them from a stream.
 */

#define HTTP_HEAD_MAX 65536 /* status line and header fields of one reply */

struct http_head {
	int status;
	bool close;      /* the connection ends after this reply: Connection: close, or HTTP/1.0 without keep-alive */
	bool keep_alive; /* Connection: keep-alive was said */
	bool chunked;
	bool sized; /* Content-Length is there and agrees with itself */
	uint64_t length;
	str fields; /* the header lines, for http_field_next() */
};

/*
 * Reads the head in p[0..n), of which the first seen bytes were there at the last call. Returns its size with the empty line,
 * 0 when more bytes are needed, -1 when it cannot become a head (out->status is then 0 or the status of a whole head that is malformed).
 * Bare LF line ends are accepted (RFC 9112 2.2), obsolete folding is not (5.2).
 */
int http_head_parse(const char *p, size_t n, size_t seen, struct http_head *out);

/* The next header field: name as sent, value without surrounding white space. False at the end. */
bool http_field_next(str *fields, str *name, str *value);

/* Body framing, resumable at any byte. */
struct http_body {
	enum { BODY_LENGTH, BODY_CHUNKED, BODY_CLOSE } framing;
	int state;
	uint64_t left;     /* bytes still to come, of the body or of the chunk */
	uint32_t overhead; /* framing bytes since the last data: endless extensions and trailers end at a limit */
};

enum http_body_result { BODY_MORE, BODY_DONE, BODY_BAD };

void http_body_start(struct http_body *b, const struct http_head *head);

/*
 * Takes raw bytes in[0..*n) and moves the data among them to out, which may be in itself or lie before it. Sets *n to the
 * bytes taken (less than given only when done) and *made to the bytes of data.
 */
enum http_body_result http_body_feed(struct http_body *b, char *out, const char *in, size_t *n, size_t *made);

/* Takes only framing, up to the next byte of data: a caller that has no data yet may then put it where it already lies. Returns the bytes taken. */
size_t http_body_framing(struct http_body *b, const char *in, size_t n);

/* A reply in caller memory. The slices live until the memory is used again. */
struct http_reply {
	struct http_head head;
	str body;
};

/*
 * Reads one reply into room[0..cap): head first, then the decoded body right behind it; 1xx replies are passed over.
 * A stream that can carry another request is left open, any other is closed.
 * ERR_TOO_LARGE: the head is over HTTP_HEAD_MAX, or the body is over body_max or the room; then out->head is valid when
 * out->head.status is not 0, and the stream is closed.
 */
enum err http_read_reply(struct stream *s, char *room, size_t cap, size_t body_max, int64_t deadline,
                         struct http_reply *out);
