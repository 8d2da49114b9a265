// SPDX-License-Identifier: MIT

/* The driver's reader, and signing behind it: the first byte holds the flags. */
#include "fuzz/fuzz.h"

int driver_main(int argc, char **argv);
#define main driver_main
#include "conformance/sigv4.c"
#undef main

static bool one_line(str s)
{
	return !s.n || !memchr(s.p, '\n', s.n);
}

static void check_request(const struct raw_request *raw, const char *p, size_t n)
{
	if (!within(raw->method, p, n) || !within(raw->target, p, n) || !within(raw->body, p, n))
		abort();
	if (!raw->method.n || !raw->target.n || !one_line(raw->method) || !one_line(raw->target))
		abort();
	for (size_t i = 0; i < raw->field_count; i++)
		if (!raw->fields[i].name.n || !within(raw->fields[i].name, p, n) || !within(raw->fields[i].value, p, n))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char room[1 << 20], lines[1 << 16];
	static struct raw_request raw;
	struct buf scratch = BUF(room), added = BUF(lines);
	struct sigv4_signer signer = { .id = S("ID"),
		                           .secret = S("secret"),
		                           .token = size % 2 ? S("t/k+n==") : (str){ 0 },
		                           .region = S("r"),
		                           .service = S("s") };
	struct sigv4_request request;
	struct sigv4_signed result;
	const char *p = (const char *)data + 1;

	if (!size || !read_request((str){ p, size - 1 }, &raw))
		return 0;
	check_request(&raw, p, size - 1);
	request = (struct sigv4_request){ .flags = data[0],
		                              .method = raw.method,
		                              .fields = raw.fields,
		                              .field_count = raw.field_count,
		                              .payload = S("UNSIGNED-PAYLOAD"),
		                              .expires = 1 };
	str_cut(raw.target, '?', &request.path, &request.query);
	if (!sigv4_sign(&signer, &request, &scratch, &added, &result))
		return 0;
	/*
	 * Line by line: what came in cannot have made a line of its own but in a field's place, and nothing unencoded
	 * is in path or query.
	 */
	str rest = result.canonical, method, path, query;

	str_cut(rest, '\n', &method, &rest);
	str_cut(rest, '\n', &path, &rest);
	str_cut(rest, '\n', &query, &rest);
	if (!str_eq(method, raw.method) || !path.n || path.p[0] != '/')
		abort();
	for (const char *c = path.p; c < query.p + query.n; c++)
		if (*c != '\n' && (*c <= ' ' || *c > '~'))
			abort();
	if (memmem(result.canonical.p, result.canonical.n, "\r", 1))
		abort();
	scratch.n = 0;
	put_request(&scratch, &signer, request.flags, &raw, buf_str(&added));
	return 0;
}
