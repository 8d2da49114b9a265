// SPDX-License-Identifier: MIT
#include "otlp/receiver.h"

#include "base/late.h"
#include "diag.h"
#include "export/gzip.h"
#include "export/ship.h"
#include "otlp/connection.h"
#include "otlp/fields.h"
#include "settings.h"
#include "version.h"

#include <string.h>

#define TIMEOUT_DEFAULT_MS 10000
#define USER_AGENT "mote/" MOTE_VERSION " OTel-OTLP-Exporter-C/" MOTE_VERSION

static struct receiver receivers[SIGNALS] LATE;
static unsigned made, insisted; /* a bit for each signal; not among receivers, whose pages a start leaves alone */
static bool said_another;

void receiver_forget(void)
{
	made = insisted = 0;
	said_another = false;
}

void otlp_insist(enum signal signal)
{
	insisted |= 1u << signal;
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

static void put_head(struct receiver *r, const struct fields *h, bool is_base)
{
	struct buf b = BUF(r->head);
	size_t start;

	buf_put(&b, S("POST "));
	if (r->way == PROXY_FORWARD) {
		buf_put(&b, S("http://"));
		buf_put(&b, r->url.authority);
	}
	start = b.n;
	put_target(&b, r->signal, r->url.path, is_base);
	r->target = (str){ b.p + start, b.n - start };
	buf_put(&b, S(" HTTP/1.1\r\n"));
	fields_line(&b, S("Host"), r->url.authority);
	fields_line(&b, S("Content-Type"), r->json ? S("application/json") : S("application/x-protobuf"));
	if (!fields_find(h, S("user-agent")).p)
		fields_line(&b, S("User-Agent"), S(USER_AGENT));
	fields_put(&b, h, r->is_signed);
	r->head_n = b.n;
	if (b.full)
		r->problem = "the OTLP endpoint and headers together are longer than 8192 bytes";
}

static void put_name(struct receiver *r)
{
	struct buf b = BUF(r->name);
	str authority = r->url.authority; /* a path or query may hold a key */

	buf_put(&b, S("otlp export to "));
	buf_put(&b, authority.n > 256 ? (str){ authority.p, 256 } : authority);
	r->name_n = b.n;
}

/* ---- settings ---- */

static const char *file(str value)
{
	return value.n ? value.p : NULL;
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

static void find_files(struct receiver *r)
{
	struct otlp_setting s;

	otlp_setting(&s, r->signal, "CERTIFICATE");
	r->certificate = file(s.value);
	otlp_setting(&s, r->signal, "CLIENT_CERTIFICATE");
	r->client_certificate = file(s.value);
	otlp_setting(&s, r->signal, "CLIENT_KEY");
	r->client_key = file(s.value);
}

/* ---- signing ---- */

static void choose_signing(struct receiver *r, const struct fields *h)
{
	struct endpoint host;
	bool known = endpoint_of_host(r->url.host, &host);
	struct otlp_setting service, region;
	struct endpoint_options o = {
		.aws_region = setting("AWS_REGION"),
		.aws_default_region = setting("AWS_DEFAULT_REGION"),
		.authorized = fields_find(h, S("authorization")).p != NULL,
	};
	enum endpoint_signing how;

	otlp_setting(&service, r->signal, "SIGV4_SERVICE");
	otlp_setting(&region, r->signal, "SIGV4_REGION");
	o.service = service.value;
	o.region = region.value;
	if (!o.service.n && (known || r->insists))
		o.service = setting("AWS_SIGV4_SERVICE");
	how = endpoint_choose(&r->url, &o, &r->as);
	r->is_signed = how == ENDPOINT_SIGNED;
	r->is_aws = known || (r->is_signed && limits_of(r->as.service));
	if (!r->is_signed)
		r->as = host;
	if (how == ENDPOINT_NO_REGION)
		r->problem = "requests are to be signed, and nothing says the region: set OTEL_EXPORTER_OTLP_SIGV4_REGION or "
					 "AWS_REGION";
	else if (how == ENDPOINT_PLAIN)
		r->problem =
			"requests are to be signed, which over plain http would show the session token to anybody on the way: "
			"use https, or a host on this machine";
	else if (!r->is_signed && r->insists && !o.authorized)
		r->problem = known ? "otlp/sigv4 needs https to sign for a host of AWS's"
		                   : "otlp/sigv4 knows no service to sign for: the endpoint is no host of AWS's, and "
		                     "OTEL_EXPORTER_OTLP_SIGV4_SERVICE is not set";
}

/* ---- what is no endpoint for the signal ---- */

static void say(const char *variable, const char *what)
{
	setting_warn(str_of(variable), (str){ 0 }, what);
}

/* xray takes traces alone, logs logs, monitoring metrics: an endpoint for all signals that is one of them is no endpoint for the others. */
static bool is_of_another(const struct receiver *r, bool is_base)
{
	struct endpoint host;

	if (!is_base || !endpoint_of_host(r->url.host, &host))
		return false;
	return limits_signal(host.service) != SIGNALS && limits_signal(host.service) != (unsigned)r->signal;
}

static void say_of_another(void)
{
	if (!said_another)
		say("OTEL_EXPORTER_OTLP_ENDPOINT",
		    "this host of AWS's takes one signal only, so the others count as unconfigured: set "
		    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, _METRICS_ENDPOINT and _LOGS_ENDPOINT");
	said_another = true;
}

static bool lacks_stream(const struct receiver *r, const struct fields *h)
{
	if (r->signal != SIGNAL_LOGS || !r->is_aws || limits_signal(r->as.service) != SIGNAL_LOGS)
		return false;
	return !fields_find(h, S("x-aws-log-group")).n || !fields_find(h, S("x-aws-log-stream")).n;
}

/* ---- all of it ---- */

static void make(struct receiver *r)
{
	struct fields h;
	struct otlp_setting endpoint;
	struct addr address;
	bool is_base = !otlp_setting(&endpoint, r->signal, "ENDPOINT");
	const struct otlp_limits *limits;

	if (!url_parse(endpoint.value.n ? endpoint.value : S("http://localhost:4318"), &r->url)) {
		r->problem = "the configured OTLP endpoint is not a URL such as http://collector:4318";
		return;
	}
	if (r->url.tls && addr_literal(r->url.host, 0, &address)) {
		r->problem =
			"the configured OTLP endpoint is https to an address: certificates are checked by name, so give the "
			"host's name, or use http";
		return;
	}
	if (is_of_another(r, is_base)) {
		say_of_another();
		r->state = RECEIVER_UNCONFIGURED;
		return;
	}
	r->json = is_json(r->signal);
	r->timeout_ns = timeout_ns(r->signal);
	r->level = gzip_otlp_level(r->signal);
	find_files(r);
	fields_read(&h, r->signal);
	choose_signing(r, &h);
	if (lacks_stream(r, &h)) {
		say("OTEL_EXPORTER_OTLP_LOGS_HEADERS", "has no x-aws-log-group and x-aws-log-stream, which CloudWatch Logs "
		                                       "needs: logs are not exported, and stay on standard output");
		r->state = RECEIVER_UNCONFIGURED;
		return;
	}
	limits = limits_of(r->as.service);
	r->limits = limits && r->is_aws ? *limits : limits_none;
	r->way = proxy_for(&r->proxy, &r->url);
	if (r->way == PROXY_BAD)
		r->problem = "the proxy that is set in http_proxy, https_proxy or their like in capitals is no URL such as "
					 "http://proxy:3128";
	put_head(r, &h, is_base);
	put_name(r);
}

struct receiver *receiver_of(enum signal signal)
{
	struct receiver *r = &receivers[signal];

	if (made >> signal & 1)
		return r;
	*r = (struct receiver){ .signal = signal, .insists = insisted >> signal & 1 };
	make(r);
	if (r->problem)
		r->state = RECEIVER_UNUSABLE;
	if (r->state == RECEIVER_USABLE) /* among those that are made, it may find one with the same connection */
		r->slot = connection_slot(r, receivers, made);
	made |= 1u << signal;
	return r;
}

bool otlp_usable(enum signal signal)
{
	return receiver_of(signal)->state != RECEIVER_UNCONFIGURED;
}
