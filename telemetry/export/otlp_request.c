// SPDX-License-Identifier: MIT
#include "export/otlp_request.h"

#include "export/ship.h"
#include "list.h"
#include "settings.h"
#include "version.h"

#include <string.h>

#define HEADERS_MAX 64 /* in one variable */
#define TIMEOUT_DEFAULT_MS 10000
#define USER_AGENT "mote/" MOTE_VERSION " OTel-OTLP-Exporter-C/" MOTE_VERSION

/* [0] for all signals, [1] for this one, whose keys win. */
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

static bool is_good(const struct list_pair *pairs, size_t n)
{
	while (n--)
		if (!is_token(pairs[n].key) || !is_field_value(pairs[n].value))
			return false;
	return true;
}

static void read_headers(struct headers *h, enum signal signal, char *scratch, size_t n)
{
	static const char *const own[] = { "OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_METRICS_HEADERS",
		                               "OTEL_EXPORTER_OTLP_LOGS_HEADERS" };
	const char *const names[] = { "OTEL_EXPORTER_OTLP_HEADERS", own[signal] };

	for (int i = 0; i < 2; i++, scratch += n) {
		str list = setting(names[i]);

		h->n[i] = 0;
		if (list.n <= n && list_parse(list, scratch, h->pairs[i], HEADERS_MAX, &h->n[i]) &&
		    is_good(h->pairs[i], h->n[i]))
			continue;
		h->n[i] = 0;
		setting_warn(str_of(names[i]), (str){ 0 },
		             "is not a list of at most 64 header=value with percent-encoded values: all of it is ignored");
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
	static const char ours[] =
		"host\0content-type\0content-length\0content-encoding\0transfer-encoding\0connection\0expect\0";

	for (str name = str_of(ours); name.n; name = str_of(name.p + name.n + 1))
		if (str_ieq(key, name))
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

/* A base path gets the signal's behind it, before a query. */
static void put_target(struct buf *b, enum signal signal, str path, bool is_base)
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
	buf_put(b, ship_path(signal));
	if (query.n) {
		buf_putc(b, '?');
		buf_put(b, query);
	}
}

/* What is wrong with it, NULL: nothing. */
static const char *find_endpoint(struct url *url, struct otlp_setting *s, enum signal signal, bool *is_base)
{
	*is_base = !otlp_setting(s, signal, "ENDPOINT");
	if (!url_parse(s->value.n ? s->value : S("http://localhost:4318"), url))
		return "the configured OTLP endpoint is not a URL such as http://collector:4318";
	if (url->tls)
		return "the configured OTLP endpoint is https, and this build has no TLS yet: use http, to a collector nearby";
	return NULL;
}

static bool is_json(enum signal signal)
{
	struct otlp_setting s;

	otlp_setting(&s, signal, "PROTOCOL");
	if (str_ieq(s.value, S("http/json")))
		return true;
	if (s.value.n && !str_ieq(s.value, S("http/protobuf")))
		setting_warn(s.name, s.value, "is neither http/protobuf nor http/json: http/protobuf is used");
	return false;
}

static int64_t timeout_ns(enum signal signal)
{
	uint64_t ms = TIMEOUT_DEFAULT_MS;
	struct otlp_setting s;

	otlp_setting(&s, signal, "TIMEOUT");
	if (s.value.n && !str_u64(s.value, INT32_MAX, &ms))
		setting_warn(s.name, s.value, "is not a number of milliseconds: 10000 is used");
	return (int64_t)ms * 1000000;
}

bool otlp_request_make(struct otlp_request *r, enum signal signal, char *scratch, size_t n, const char **problem)
{
	struct buf b = BUF(r->head);
	struct otlp_setting endpoint;
	struct headers headers;
	bool is_base;

	if ((*problem = find_endpoint(&r->url, &endpoint, signal, &is_base)))
		return false;
	r->json = is_json(signal);
	r->timeout_ns = timeout_ns(signal);
	read_headers(&headers, signal, scratch, n / 2);
	buf_put(&b, S("POST "));
	put_target(&b, signal, r->url.path, is_base);
	buf_put(&b, S(" HTTP/1.1\r\n"));
	put_field(&b, S("Host"), r->url.authority);
	put_field(&b, S("Content-Type"), r->json ? S("application/json") : S("application/x-protobuf"));
	put_headers(&b, &headers);
	buf_put(&b, S("Content-Length: "));
	r->head_n = b.n;
	*problem = "the OTLP endpoint and headers together are longer than 8192 bytes";
	return !b.full;
}
