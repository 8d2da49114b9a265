// SPDX-License-Identifier: MIT

/*
 * A raw HTTP request on standard input, one step of its signature on standard output. For public suites of
 * requests to sign.
 *
 *   sigv4 --print canonical-request|string-to-sign|signature|signed-request --access-key K --secret-key S [--token T]
 *         --region R --service V --time 20150830T123600Z [--query [--expires N]] [--no-normalize] [--sign-body]
 *         [--token-after] [--s3]
 *
 * Exit 1: the request cannot be read or signed. Exit 2: the arguments are wrong.
 */
#include "base/date.h"
#include "aws/sigv4.h"
#include "conformance/input.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define REQUEST_MAX (16u << 20)
#define SCRATCH_BYTES (4 * REQUEST_MAX) /* each byte of it may become three, and fields are there once more */
#define ADDED_BYTES (1u << 20)          /* token, names of fields and the rest that signing adds */
#define EXPIRES_DEFAULT 3600

/* ---- reading: slices into the text ---- */

struct raw_request {
	str method, target, version;
	struct sigv4_field fields[SIGV4_FIELDS_MAX];
	size_t field_count;
	str body;
};

/* Without its LF or CRLF; the last line needs none. False: there is no more text. */
static bool next_line(str *text, str *line)
{
	if (!text->n)
		return false;
	str_cut(*text, '\n', line, text);
	if (line->n && line->p[line->n - 1] == '\r')
		line->n--;
	return true;
}

/* The target may hold spaces, so the version is what follows the last of them. */
static bool read_request_line(str line, struct raw_request *out)
{
	str rest;

	if (!str_cut(line, ' ', &out->method, &rest) || !out->method.n)
		return false;
	out->target = rest;
	out->version = S("HTTP/1.1");
	for (size_t i = rest.n; i--;) {
		str tail = { rest.p + i, rest.n - i };

		if (*tail.p != ' ')
			continue;
		if (str_starts(tail, S(" HTTP/"))) {
			out->target = (str){ rest.p, i };
			out->version = (str){ tail.p + 1, tail.n - 1 };
		}
		break;
	}
	return out->target.n > 0;
}

static bool read_field(str line, struct raw_request *out)
{
	struct sigv4_field *f = &out->fields[out->field_count];

	if (line.p[0] == ' ' || line.p[0] == '\t') { /* a continuation: the value before lies right in front of it */
		if (!out->field_count)
			return false;
		f[-1].value.n = (size_t)(line.p + line.n - f[-1].value.p);
		return true;
	}
	if (out->field_count == SIGV4_FIELDS_MAX || !str_cut(line, ':', &f->name, &f->value))
		return false;
	f->name = str_trim(f->name);
	out->field_count++;
	return f->name.n > 0;
}

static bool read_request(str text, struct raw_request *out)
{
	str line;

	*out = (struct raw_request){ 0 };
	if (!next_line(&text, &line) || !read_request_line(line, out))
		return false;
	while (next_line(&text, &line) && line.n)
		if (!read_field(line, out))
			return false;
	out->body = text;
	return true;
}

/* ---- writing the request as it goes out ---- */

/* A fold over lines is a space on the wire (RFC 9112 5.2). */
static void put_unfolded(struct buf *out, str value)
{
	value = str_trim(value);
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] != '\r' && value.p[i] != '\n') {
			buf_putc(out, value.p[i]);
			continue;
		}
		while (i + 1 < value.n && memchr(" \t\r\n", value.p[i + 1], 4))
			i++;
		buf_putc(out, ' ');
	}
}

static void put_query(struct buf *out, const struct sigv4_signer *signer, unsigned flags, str query, str added)
{
	bool more = query.n > 0;
	char before = '?';

	while (more) {
		str pair, name, value;

		more = str_cut(query, '&', &pair, &query);
		str_cut(pair, '=', &name, &value);
		if (sigv4_sets_param(signer, flags, name))
			continue;
		buf_putc(out, before);
		buf_put(out, pair);
		before = '&';
	}
	if (flags & SIGV4_QUERY) {
		buf_putc(out, before);
		buf_put(out, added);
	}
}

static void put_request(struct buf *out, const struct sigv4_signer *signer, unsigned flags,
                        const struct raw_request *raw, str added)
{
	str path, query;

	str_cut(raw->target, '?', &path, &query);
	buf_put(out, raw->method);
	buf_putc(out, ' ');
	if (flags & SIGV4_QUERY) {
		buf_put(out, path);
		put_query(out, signer, flags, query, added);
	} else {
		buf_put(out, raw->target);
	}
	buf_putc(out, ' ');
	buf_put(out, raw->version);
	buf_put(out, S("\r\n"));
	for (size_t i = 0; i < raw->field_count; i++) {
		if (sigv4_sets(signer, flags, raw->fields[i].name))
			continue;
		buf_put(out, raw->fields[i].name);
		buf_put(out, S(": "));
		put_unfolded(out, raw->fields[i].value);
		buf_put(out, S("\r\n"));
	}
	if (!(flags & SIGV4_QUERY))
		buf_put(out, added);
	buf_put(out, S("\r\n"));
	buf_put(out, raw->body);
}

/* ---- the program ---- */

static char text[REQUEST_MAX + 1], scratch_bytes[SCRATCH_BYTES], added_bytes[ADDED_BYTES];

static int fail(int status, const char *why)
{
	struct iovec line[] = { { (char[]){ "sigv4: " }, 7 },
		                    { (void *)(uintptr_t)why, strlen(why) },
		                    { (char[]){ "\n" }, 1 } };

	return writev(STDERR_FILENO, line, 3) < 0 ? status : status;
}

static bool write_all(str out)
{
	while (out.n) {
		ssize_t put = write(STDOUT_FILENO, out.p, out.n);

		if (put < 0 && errno != EINTR)
			return false;
		if (put > 0)
			out = (str){ out.p + put, out.n - (size_t)put };
	}
	return true;
}

struct options {
	struct sigv4_signer signer;
	str print, time;
	unsigned flags;
	uint64_t expires;
};

static bool read_option(const char *name, const char *value, struct options *o, int *used)
{
	const struct {
		const char *name;
		str *into;
	} texts[] = {
		{ "--print", &o->print },        { "--access-key", &o->signer.id }, { "--secret-key", &o->signer.secret },
		{ "--token", &o->signer.token }, { "--region", &o->signer.region }, { "--service", &o->signer.service },
		{ "--time", &o->time }
	};
	static const struct {
		const char *name;
		unsigned flag;
	} flags[] = { { "--query", SIGV4_QUERY },
		          { "--no-normalize", SIGV4_AS_IS },
		          { "--sign-body", SIGV4_SIGN_BODY },
		          { "--token-after", SIGV4_TOKEN_AFTER },
		          { "--s3", SIGV4_S3 } };

	*used = 1;
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		if (!strcmp(name, flags[i].name)) {
			o->flags |= flags[i].flag;
			return true;
		}
	*used = 2;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (!strcmp(name, texts[i].name)) {
			*texts[i].into = str_of(value);
			return value != NULL;
		}
	return !strcmp(name, "--expires") && str_u64(str_of(value), SIGV4_EXPIRES_MAX, &o->expires);
}

static bool read_options(char **argv, struct options *o)
{
	int used;

	*o = (struct options){ .expires = EXPIRES_DEFAULT };
	for (; *argv; argv += used)
		if (!read_option(argv[0], argv[1], o, &used))
			return false;
	return o->print.n && o->signer.id.n && o->signer.secret.n && o->signer.region.n && o->signer.service.n &&
	       date_read_amz(o->time, &o->signer.at);
}

int main(int argc, char **argv)
{
	static struct raw_request raw;
	struct buf scratch = BUF(scratch_bytes), added = BUF(added_bytes);
	struct sigv4_request request = { 0 };
	struct sigv4_signed signature;
	char payload[SIGV4_HEX_BYTES];
	struct options o;
	size_t n;

	if (argc < 1 || !read_options(argv + 1, &o))
		return fail(2, "an argument is unknown, missing or out of range: the first lines of sigv4.c list them");
	if (!read_all(text, sizeof text, &n) || !read_request((str){ text, n }, &raw))
		return fail(1, "this is no request: a line METHOD TARGET HTTP/1.1, lines NAME:VALUE, an empty line and a body");
	sigv4_payload(&(struct iovec){ (void *)(uintptr_t)raw.body.p, raw.body.n }, 1, payload);
	request = (struct sigv4_request){ .flags = o.flags,
		                              .method = raw.method,
		                              .fields = raw.fields,
		                              .field_count = raw.field_count,
		                              .payload = { payload, sizeof payload },
		                              .expires = (uint32_t)o.expires };
	str_cut(raw.target, '?', &request.path, &request.query);
	if (!sigv4_sign(&o.signer, &request, &scratch, &added, &signature))
		return fail(1, "cannot be signed: too many fields or parameters, or a blank in what identifies the signer");

	if (str_eq(o.print, S("canonical-request")))
		return !write_all(signature.canonical);
	if (str_eq(o.print, S("string-to-sign")))
		return !write_all(signature.to_sign);
	if (str_eq(o.print, S("signature")))
		return !write_all((str){ signature.signature, sizeof signature.signature });
	if (!str_eq(o.print, S("signed-request")))
		return fail(2, "--print takes canonical-request, string-to-sign, signature or signed-request");
	scratch.n = 0;
	put_request(&scratch, &o.signer, o.flags, &raw, buf_str(&added));
	return scratch.full || !write_all(buf_str(&scratch));
}
