// SPDX-License-Identifier: MIT
#include "export/otlp_request.h"

#include "diag.h"
#include "list.h"
#include "version.h"

#include <string.h>

#define HEADERS_MAX 64 /* in one variable */
#define TIMEOUT_DEFAULT_MS 10000
#define USER_AGENT "mote/" MOTE_VERSION " OTel-OTLP-Exporter-C/" MOTE_VERSION

/* [0] for all signals, [1] for traces, whose keys win. */
struct headers {
	struct list_pair pairs[2][HEADERS_MAX];
	size_t n[2];
};

/* ---- headers ---- */

/* RFC 9110: a field name is a token (5.6.2); a value has no control characters but the tab (5.5), so no value can begin another field. */
static bool is_token(str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= ' ' || c >= 127 || memchr("\"(),/:;<=>?@[\\]{}", c, 17))
			return false;
	}
	return s.n > 0;
}

static bool is_field_value(str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c < ' ' && c != '\t') || c == 127)
			return false;
	}
	return true;
}

static bool parse_headers(struct headers *h, int i, str value, char *room, size_t room_n)
{
	if (value.n > room_n || !list_parse(value, room, h->pairs[i], HEADERS_MAX, &h->n[i]))
		return false;
	for (size_t k = 0; k < h->n[i]; k++)
		if (!is_token(h->pairs[i][k].key) || !is_field_value(h->pairs[i][k].value))
			return false;
	return true;
}

static void read_headers(struct headers *h, const struct settings *env, char *scratch, size_t n)
{
	const str names[] = { S("OTEL_EXPORTER_OTLP_HEADERS"), S("OTEL_EXPORTER_OTLP_TRACES_HEADERS") };
	const str values[] = { env->headers, env->traces_headers };

	for (int i = 0; i < 2; i++) {
		if (parse_headers(h, i, values[i], scratch + n / 2 * (size_t)i, n / 2))
			continue;
		h->n[i] = 0;
		diag_variable(names[i], (str){ 0 },
		              S("is not a list of at most 64 header=value with percent-encoded values: all of it is ignored"));
	}
}

/* Whether the key is said once more: behind k in list i, or in the list that wins over it. */
static bool again(const struct headers *h, int i, size_t k, str key)
{
	for (k++; k < h->n[i]; k++)
		if (str_ieq(h->pairs[i][k].key, key))
			return true;
	return i == 0 && again(h, 1, (size_t)-1, key);
}

/* What the request says about itself is not the user's to say: another value would make it a different message. */
static bool is_ours(str key)
{
	static const str ours[] = { { "host", 4 },
		                        { "content-type", 12 },
		                        { "content-length", 14 },
		                        { "content-encoding", 16 },
		                        { "transfer-encoding", 17 },
		                        { "connection", 10 },
		                        { "expect", 6 } };

	for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
		if (str_ieq(key, ours[i]))
			return true;
	return false;
}

static void put_field(struct buf *b, str name, str value)
{
	buf_put(b, name);
	buf_put(b, S(": "));
	buf_put(b, value);
	buf_put(b, S("\r\n"));
}

static void put_headers(struct buf *b, const struct headers *h)
{
	if (!again(h, 0, (size_t)-1, S("user-agent")))
		put_field(b, S("User-Agent"), S(USER_AGENT));
	for (int i = 0; i < 2; i++)
		for (size_t k = 0; k < h->n[i]; k++) {
			str key = h->pairs[i][k].key;

			if (!is_ours(key) && !again(h, i, k, key))
				put_field(b, key, h->pairs[i][k].value);
		}
}

/* ---- where to ---- */

/* A base path gets /v1/traces behind it, before a query. */
static void put_target(struct buf *b, str path, bool is_base)
{
	str query;

	if (!is_base) {
		if (!path.n || path.p[0] != '/')
			buf_putc(b, '/');
		buf_put(b, path);
		return;
	}
	str_cut(path, '?', &path, &query);
	if (path.n && path.p[path.n - 1] == '/')
		path.n--;
	buf_put(b, path);
	buf_put(b, S("/v1/traces"));
	if (query.n) {
		buf_putc(b, '?');
		buf_put(b, query);
	}
}

static bool find_endpoint(struct otlp_request *r, const struct settings *env, str *problem)
{
	str text = settings_first(env->traces_endpoint, env->endpoint);

	if (!text.n)
		text = S("http://localhost:4318");
	if (!url_parse(text, &r->url)) {
		*problem = S("the configured OTLP endpoint is not a URL such as http://collector:4318");
		return false;
	}
	if (r->url.tls) {
		*problem =
			S("the configured OTLP endpoint is https, and this build has no TLS yet: use http, to a collector nearby");
		return false;
	}
	return true;
}

static void check_protocol(const struct settings *env)
{
	str protocol = settings_first(env->traces_protocol, env->protocol);

	if (protocol.n && !str_ieq(protocol, S("http/protobuf")))
		diag_variable(env->traces_protocol.n ? S("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL")
		                                     : S("OTEL_EXPORTER_OTLP_PROTOCOL"),
		              protocol, S("is not http/protobuf, the only one here: it is ignored"));
}

static int64_t timeout_ns(const struct settings *env)
{
	str text = settings_first(env->traces_timeout, env->timeout);
	uint64_t ms = TIMEOUT_DEFAULT_MS;

	if (text.n && !str_u64(text, INT32_MAX, &ms))
		diag_variable(env->traces_timeout.n ? S("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT") : S("OTEL_EXPORTER_OTLP_TIMEOUT"),
		              text, S("is not a number of milliseconds: 10000 is used"));
	return (int64_t)ms * 1000000;
}

bool otlp_request_make(struct otlp_request *r, const struct settings *env, char *scratch, size_t n, str *problem)
{
	struct buf b = BUF(r->head);
	struct headers headers;

	if (!find_endpoint(r, env, problem))
		return false;
	check_protocol(env);
	r->timeout_ns = timeout_ns(env);
	read_headers(&headers, env, scratch, n);
	buf_put(&b, S("POST "));
	put_target(&b, r->url.path, !env->traces_endpoint.n);
	buf_put(&b, S(" HTTP/1.1\r\n"));
	put_field(&b, S("Host"), r->url.authority);
	put_field(&b, S("Content-Type"), S("application/x-protobuf"));
	put_headers(&b, &headers);
	buf_put(&b, S("Content-Length: "));
	r->head_n = b.n;
	if (b.full)
		*problem = S("the OTLP endpoint and headers together are longer than 8192 bytes");
	return !b.full;
}
