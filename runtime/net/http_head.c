// SPDX-License-Identifier: MIT
#include "net/http.h"

#include <string.h>

/* tchar of RFC 9110 5.6.2: what a field name is made of */
static bool is_token(str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("!#$%&'*+-.^_`|~", c))))
			return false;
	}
	return s.n > 0;
}

/* Field values and reason phrases: visible, space, tab and obs-text (RFC 9110 5.5) */
static bool is_text(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (((unsigned char)s.p[i] < ' ' && s.p[i] != '\t') || s.p[i] == 0x7f)
			return false;
	return true;
}

/* One line without its end; false when no LF is left. */
static bool cut_line(str *rest, str *line)
{
	str tail;

	if (!str_cut(*rest, '\n', line, &tail))
		return false;
	if (line->n && line->p[line->n - 1] == '\r')
		line->n--;
	*rest = tail;
	return true;
}

bool http_field_next(str *fields, str *name, str *value)
{
	str line;

	if (!cut_line(fields, &line))
		return false;
	str_cut(line, ':', name, value);
	*value = str_trim(*value);
	return true;
}

/* HTTP/1.x SP 3DIGIT [SP reason] (RFC 9112 4); the space before an empty reason is often missing */
static bool status_line(str line, struct http_head *out)
{
	uint64_t status;

	if (line.n < 12 || (line.p[7] != '0' && line.p[7] != '1') || line.p[8] != ' ')
		return false;
	if (!str_u64((str){ line.p + 9, 3 }, 999, &status) || status < 100 || (line.n > 12 && line.p[12] != ' '))
		return false;
	out->status = (int)status;
	return is_text(line);
}

static void connection_options(str value, struct http_head *out)
{
	str option;

	while (value.n) {
		str_cut(value, ',', &option, &value);
		option = str_trim(option);
		out->close |= str_ieq(option, S("close"));
		out->keep_alive |= str_ieq(option, S("keep-alive"));
	}
}

/*
 * Two lengths that differ, a length beside chunked, and any coding but chunked each mean that we and the peer would disagree on where the
 * reply ends (RFC 9112 6.3).
 */
static bool framing_field(str name, str value, struct http_head *out)
{
	uint64_t length;

	if (str_ieq(name, S("content-length"))) {
		if (!str_u64(value, INT64_MAX, &length) || (out->sized && length != out->length))
			return false;
		out->sized = true;
		out->length = length;
	} else if (str_ieq(name, S("transfer-encoding"))) {
		if (out->chunked || !str_ieq(value, S("chunked")))
			return false;
		out->chunked = true;
	} else if (str_ieq(name, S("connection"))) {
		connection_options(value, out);
	}
	return true;
}

/* Where the empty line ends, 0 when it is not there yet. A search resumes three bytes back: \r\n\r may have been seen. */
static size_t head_end(const char *p, size_t n, size_t seen)
{
	size_t i = seen > 3 ? seen - 3 : 0;

	while (i < n) {
		const char *lf = memchr(p + i, '\n', n - i);

		if (!lf)
			return 0;
		i = (size_t)(lf - p) + 1;
		if (i < n && p[i] == '\n')
			return i + 1;
		if (n - i >= 2 && p[i] == '\r' && p[i + 1] == '\n')
			return i + 2;
	}
	return 0;
}

int http_head_parse(const char *p, size_t n, size_t seen, struct http_head *out)
{
	static const str version = { "HTTP/1.", 7 };
	size_t size = head_end(p, n > HTTP_HEAD_MAX ? HTTP_HEAD_MAX : n, seen);
	str rest, line, name, value;

	*out = (struct http_head){ 0 };
	/* Who starts otherwise does not speak HTTP, and may never send the empty line that would let us say so. */
	if (!str_starts(version, (str){ p, n < version.n ? n : version.n }))
		return -1;
	if (!size)
		return n >= HTTP_HEAD_MAX ? -1 : 0;
	rest = (str){ p, size };
	if (!cut_line(&rest, &line) || !status_line(line, out))
		return -1;
	out->fields = rest;
	for (;;) {
		if (!cut_line(&rest, &line))
			return -1;
		if (!line.n)
			break;
		if (!str_cut(line, ':', &name, &value) || !is_token(name) || !is_text(value))
			return -1; /* a folded line starts with a space, which no name has */
		if (!framing_field(name, str_trim(value), out))
			return -1;
	}
	out->fields.n = (size_t)(line.p - out->fields.p);
	/* HTTP/1.0 ends with the reply unless told otherwise, and knows no chunked: what follows one is anybody's guess (RFC 9112 6.1, 9.3). */
	if (p[version.n] == '0' && (!out->keep_alive || out->chunked))
		out->close = true;
	return out->chunked && out->sized ? -1 : (int)size;
}
