// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "http_server.h"

#include <string.h>
#include <time.h>

#define CHUNKED_ABOVE 2048u /* net/http's output buffer: a handler that wrote more had no length announced */

const char *http_reason(int status)
{
	static const struct {
		int status;
		const char *reason;
	} known[] = {
		{ 200, "OK" },
		{ 201, "Created" },
		{ 202, "Accepted" },
		{ 204, "No Content" },
		{ 301, "Moved Permanently" },
		{ 302, "Found" },
		{ 303, "See Other" },
		{ 304, "Not Modified" },
		{ 307, "Temporary Redirect" },
		{ 308, "Permanent Redirect" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 409, "Conflict" },
		{ 410, "Gone" },
		{ 411, "Length Required" },
		{ 413, "Request Entity Too Large" },
		{ 415, "Unsupported Media Type" },
		{ 429, "Too Many Requests" },
		{ 500, "Internal Server Error" },
		{ 501, "Not Implemented" },
		{ 502, "Bad Gateway" },
		{ 503, "Service Unavailable" },
		{ 504, "Gateway Timeout" },
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].status == status)
			return known[i].reason;
	return "Unnamed";
}

void http_date(char out[static 32])
{
	time_t now = time(NULL);
	struct tm t;

	gmtime_r(&now, &t);
	strftime(out, 32, "%a, %d %b %Y %H:%M:%S GMT", &t);
}

void http_answer(struct http_conn *c, int status, const char *fields, const void *body, size_t n)
{
	bool bare = status == 204 || status == 304, head_only = !strcmp(c->request.method ? c->request.method : "", "HEAD");
	struct buf b = { 0 };
	char date[32];

	http_date(date);
	buf_printf(&b, "HTTP/1.1 %d %s\r\n%sDate: %s\r\n", status, http_reason(status), fields, date);
	if (!bare && n > CHUNKED_ABOVE)
		buf_puts(&b, "Transfer-Encoding: chunked\r\n\r\n");
	else if (!bare)
		buf_printf(&b, "Content-Length: %zu\r\n\r\n", n);
	else
		buf_puts(&b, "\r\n");
	if (!bare && !head_only) {
		buf_room(&b, n + 64);
		if (n > CHUNKED_ABOVE)
			buf_printf(&b, "%zx\r\n", n);
		buf_add(&b, body, n);
		if (n > CHUNKED_ABOVE)
			buf_puts(&b, "\r\n0\r\n\r\n");
	}
	http_send(c, b.p, b.n);
	buf_free(&b);
	http_finish(c);
}

void http_answer_text(struct http_conn *c, int status, const char *content_type, const char *text)
{
	struct buf fields = { 0 };

	buf_printf(&fields, "Content-Type: %s\r\n", content_type);
	http_answer(c, status, fields.p, text, strlen(text));
	buf_free(&fields);
}
