// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "http_parse.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* START -> head lines -> BODY_LENGTH (left bytes) | SIZE -> DATA -> DATA_END -> SIZE ... -> TRAILER -> DONE
 * The head is copied once it is complete and cut up in place there, so the input buffer may move under us. */
enum { START, BODY_LENGTH, SIZE, DATA, DATA_END, TRAILER, DONE };

static enum http_need bad(struct http_request *r, const char *why)
{
	r->bad = why;
	return HTTP_BAD;
}

static void flaw(struct http_request *r, const char *what)
{
	for (size_t i = 0; i < r->flaw_count; i++)
		if (r->flaws[i] == what)
			return; /* once is enough */
	if (r->flaw_count < HTTP_FLAWS_MAX)
		r->flaws[r->flaw_count++] = what;
}

static bool is_token(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~");

	return n && !s[n];
}

/* One line out of the copied head; *at moves behind it. The line ends with a NUL where CR LF (or a bare LF) was. */
static char *cut_line(struct http_request *r, char **at)
{
	char *line = *at, *end = strchr(line, '\n');

	*at = end + 1;
	if (end > line && end[-1] == '\r')
		end[-1] = 0;
	else
		flaw(r, "a line ends with a bare LF");
	*end = 0;
	if (strchr(line, '\r'))
		flaw(r, "a CR inside a line");
	return line;
}

static const char *add_field(struct http_request *r, struct http_header *fields, size_t *count, char *line)
{
	char *colon = strchr(line, ':'), *end;

	if (*line == ' ' || *line == '\t')
		return "a header line starts with a space (obsolete folding)";
	if (!colon)
		return "a header line without a colon";
	if (*count == HTTP_HEADERS_MAX)
		return "too many header fields";
	*colon++ = 0;
	if (!is_token(line))
		return "a header name that is not a token";
	colon += strspn(colon, " \t");
	for (end = colon + strlen(colon); end > colon && (end[-1] == ' ' || end[-1] == '\t'); end--)
		end[-1] = 0;
	for (const char *c = colon; *c; c++) {
		if ((unsigned char)*c < 0x20 && *c != '\t') {
			flaw(r, "a control byte in a header value");
			break;
		}
	}
	fields[*count].name = line;
	fields[(*count)++].value = colon;
	return NULL;
}

static const char *cut_request_line(struct http_request *r, char *line)
{
	char *target = strchr(line, ' '), *version = target ? strchr(target + 1, ' ') : NULL;

	if (!version || strchr(version + 1, ' '))
		return "the request line is not `METHOD SP TARGET SP VERSION`";
	*target++ = 0;
	*version++ = 0;
	if (!is_token(line) || !*target)
		return "the request line has no method or no target";
	if (strcmp(version, "HTTP/1.1") && strcmp(version, "HTTP/1.0"))
		return "the version is neither HTTP/1.1 nor HTTP/1.0";
	r->method = line;
	r->target = target;
	r->version = version;
	return NULL;
}

static bool read_length(const char *s, uint64_t *out)
{
	uint64_t v = 0;

	if (!*s)
		return false;
	for (; *s; s++) {
		if (*s < '0' || *s > '9' || v > (UINT64_MAX - 9) / 10)
			return false;
		v = v * 10 + (uint64_t)(*s - '0');
	}
	*out = v;
	return true;
}

static const char *read_framing(struct http_request *r)
{
	const char *coding = http_header(r, "transfer-encoding"), *length = http_header(r, "content-length");

	if (http_header_count(r, "content-length") > 1)
		return "more than one Content-Length";
	if (length && !read_length(length, &r->content_length))
		return "a Content-Length that is not a number";
	if (coding && strcasecmp(coding, "chunked"))
		return "a Transfer-Encoding that is not `chunked`";
	if (coding && length)
		return "Content-Length and Transfer-Encoding together";
	r->chunked = coding != NULL;
	r->has_length = length != NULL;
	if (r->chunked && !strcmp(r->version, "HTTP/1.0"))
		return "Transfer-Encoding in HTTP/1.0";
	if (http_header_count(r, "host") > 1)
		flaw(r, "more than one Host field");
	else if (!http_header(r, "host") && !strcmp(r->version, "HTTP/1.1"))
		flaw(r, "no Host field");
	return NULL;
}

/* Where the head ends, counted from p; 0: not yet. Bare LFs end lines too, so that they can be reported. */
static size_t head_end(const char *p, size_t n)
{
	const char *lf = p;

	while ((lf = memchr(lf, '\n', n - (size_t)(lf - p)))) {
		size_t at = (size_t)(lf - p) + 1;

		if (at < n && p[at] == '\n')
			return at + 1;
		if (n - at >= 2 && p[at] == '\r' && p[at + 1] == '\n')
			return at + 2;
		lf++;
	}
	return 0;
}

static enum http_need read_head(struct http_request *r, const struct buf *in)
{
	size_t n = head_end(in->p, in->n);
	const char *why;
	char *at;

	if (!n)
		return in->n > HTTP_HEAD_MAX ? bad(r, "the request head does not end") : HTTP_MORE;
	if (memchr(in->p, 0, n))
		return bad(r, "a NUL byte in the request head");
	buf_add(&r->head, in->p, n);
	r->used = n;
	at = r->head.p;
	why = cut_request_line(r, cut_line(r, &at));
	while (!why) {
		char *line = cut_line(r, &at);

		if (!*line)
			break;
		why = add_field(r, r->headers, &r->header_count, line);
	}
	if (why || (why = read_framing(r)))
		return bad(r, why);
	r->left = r->content_length;
	r->state = r->chunked ? SIZE : BODY_LENGTH;
	return HTTP_HEAD;
}

static int hex(char c)
{
	const char *digits = "0123456789abcdef", *at = memchr(digits, c | (c >= 'A' ? 0x20 : 0), 16);

	return c && at ? (int)(at - digits) : -1;
}

/* A complete line of the input from used on, CR LF excluded; false: not there yet. */
static bool input_line(struct http_request *r, const struct buf *in, const char **line, size_t *n)
{
	const char *p = in->p + r->used, *lf = memchr(p, '\n', in->n - r->used);

	if (!lf)
		return false;
	*line = p;
	*n = (size_t)(lf - p);
	r->used += *n + 1;
	if (*n && p[*n - 1] == '\r')
		--*n;
	else
		flaw(r, "a chunk line ends with a bare LF");
	return true;
}

static enum http_need read_size(struct http_request *r, const struct buf *in)
{
	const char *line;
	size_t n, i = 0;
	uint64_t size = 0;

	if (in->n - r->used > 4096 && !memchr(in->p + r->used, '\n', 4096))
		return bad(r, "a chunk size line without end");
	if (!input_line(r, in, &line, &n))
		return HTTP_MORE;
	for (; i < n && hex(line[i]) >= 0; i++) {
		if (size >> 60)
			return bad(r, "a chunk size that does not fit 64 bits");
		size = size << 4 | (uint64_t)hex(line[i]);
	}
	if (!i || (i < n && line[i] != ';' && line[i] != ' '))
		return bad(r, "a chunk size that is not a hexadecimal number");
	r->left = size;
	r->state = size ? DATA : TRAILER;
	return HTTP_MORE;
}

static enum http_need read_trailer(struct http_request *r, const struct buf *in)
{
	const char *line, *why;
	size_t n;

	if (!input_line(r, in, &line, &n))
		return HTTP_MORE;
	if (!n) {
		r->state = DONE;
		return HTTP_MORE;
	}
	/* Kept for the life of the request: names and values point into it. */
	why = add_field(r, r->trailers, &r->trailer_count, must_copy(line, n));
	return why ? bad(r, why) : HTTP_MORE;
}

static bool step(struct http_request *r, const struct buf *in, enum http_need *need)
{
	size_t used = r->used, n = in->n - r->used;
	int state = r->state;

	switch (r->state) {
	case BODY_LENGTH:
	case DATA:
		if (n > r->left)
			n = (size_t)r->left;
		buf_add(&r->decoded, in->p + r->used, n);
		r->used += n;
		r->left -= n;
		if (!r->left)
			r->state = r->state == DATA ? DATA_END : DONE;
		break;
	case SIZE: *need = read_size(r, in); break;
	case DATA_END:
		if (n < 2)
			return false;
		if (memcmp(in->p + r->used, "\r\n", 2)) {
			*need = bad(r, "a chunk is longer than its size says");
			return false;
		}
		r->used += 2;
		r->state = SIZE;
		break;
	case TRAILER: *need = read_trailer(r, in); break;
	}
	return *need != HTTP_BAD && r->state != DONE && (r->used != used || r->state != state);
}

enum http_need http_parse(struct http_request *r, const struct buf *in)
{
	enum http_need need = HTTP_MORE;

	if (r->bad)
		return HTTP_BAD;
	if (r->state == START)
		return in->n ? read_head(r, in) : HTTP_MORE;
	while (step(r, in, &need))
		;
	r->body = r->decoded.p ? r->decoded.p : "";
	r->body_n = r->decoded.n;
	return need == HTTP_BAD ? HTTP_BAD : r->state == DONE ? HTTP_DONE : HTTP_MORE;
}

const char *http_header(const struct http_request *r, const char *name)
{
	for (size_t i = 0; i < r->header_count; i++)
		if (!strcasecmp(r->headers[i].name, name))
			return r->headers[i].value;
	return NULL;
}

size_t http_header_count(const struct http_request *r, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < r->header_count; i++)
		n += !strcasecmp(r->headers[i].name, name);
	return n;
}

void http_request_reset(struct http_request *r)
{
	for (size_t i = 0; i < r->trailer_count; i++)
		free((char *)(uintptr_t)r->trailers[i].name);
	buf_free(&r->head);
	buf_free(&r->decoded);
	memset(r, 0, sizeof *r);
}
