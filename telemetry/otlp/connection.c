// SPDX-License-Identifier: MIT
#include "otlp/connection.h"

#include "diag.h"
#include "net/connect.h"
#include "settings.h"
#include "tls/tls.h"

#include <assert.h>
#include <string.h>

static struct stream streams[SIGNALS] = { { .fd = -1 }, { .fd = -1 }, { .fd = -1 } };
static unsigned configured; /* a bit for each slot of TLS */

#define KEYS_SLOT SIGNALS

static_assert(KEYS_SLOT < TLS_SLOTS, "each signal may have a peer of its own, and so has who gives keys");

void connection_forget(void)
{
	for (int i = 0; i < SIGNALS; i++)
		stream_close(&streams[i]);
	if (configured)
		tls_forget();
	configured = 0;
}

static bool same_file(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool same_peer(const struct receiver *a, const struct receiver *b)
{
	return a->url.tls == b->url.tls && a->url.port == b->url.port && str_ieq(a->url.host, b->url.host) &&
	       same_file(a->certificate, b->certificate) && same_file(a->client_certificate, b->client_certificate) &&
	       same_file(a->client_key, b->client_key);
}

unsigned connection_slot(const struct receiver *r, const struct receiver *receivers, unsigned made)
{
	for (unsigned i = 0; i < SIGNALS; i++)
		if (made >> i & 1 && receivers[i].state == RECEIVER_USABLE && receivers[i].slot == i &&
		    same_peer(&receivers[i], r))
			return i;
	return r->signal;
}

struct stream *connection_stream(const struct receiver *r)
{
	return &streams[r->slot];
}

bool connection_kept(const struct receiver *r)
{
	return streams[r->slot].fd >= 0 && !stream_stale(&streams[r->slot]);
}

static const char *more_roots(void)
{
	str file = setting("SSL_CERT_FILE");

	return file.n ? file.p : NULL;
}

static enum err begin_tls(const struct receiver *r, struct stream *s, int64_t deadline)
{
	struct tls_settings settings = {
		.host = r->url.host,
		.roots = { r->certificate, more_roots() },
		.certificate = r->client_certificate,
		.key = r->client_key,
	};

	if (!(configured >> r->slot & 1)) {
		enum err e = tls_configure(r->slot, &settings);

		if (e != OK) {
			stream_close(s);
			return e;
		}
		configured |= 1u << r->slot;
	}
	return tls_start(s, r->slot, deadline);
}

enum err connection_open(const struct receiver *r, char *room, size_t cap, int64_t deadline, int *status)
{
	const struct url *to = r->way == PROXY_NONE ? &r->url : &r->proxy.url;
	struct stream *s = &streams[r->slot];
	enum err e;

	*status = 0;
	stream_close(s);
	e = connect_host(s, &dns_system, to->host, to->port, deadline);
	if (e == OK && r->way == PROXY_TUNNEL)
		e = proxy_connect(s, &r->proxy, &r->url, room, cap, deadline, status);
	if (e == OK && r->url.tls)
		e = begin_tls(r, s, deadline);
	return e;
}

enum err connection_to_keys(struct stream *s, const struct url *to, int64_t deadline)
{
	const struct tls_settings settings = { .host = to->host, .roots = { more_roots() } };
	enum err e = tls_configure(KEYS_SLOT, &settings);
	struct diag d;
	struct buf *b;

	configured |= 1u << KEYS_SLOT;
	if (e == OK)
		e = connect_host(s, &dns_system, to->host, to->port, deadline);
	if (e == OK)
		e = tls_start(s, KEYS_SLOT, deadline);
	if (e == OK || !tls_problem(KEYS_SLOT).n)
		return e;
	b = diag_open(&d, DIAG_WARN);
	buf_put(b, S("AWS_CONTAINER_CREDENTIALS_FULL_URI: "));
	buf_put(b, tls_problem(KEYS_SLOT));
	diag_close(&d);
	return e;
}

void connection_explain(const struct receiver *r, enum err failed, int status, struct buf *out)
{
	str problem = { 0 };

	if (failed == ERR_TLS || failed == ERR_CERTIFICATE || failed == ERR_RECORD)
		problem = tls_problem(r->slot);
	buf_put(out, problem.n ? problem : str_of(err_text(failed)));
	if (failed == ERR_PROXY && status) {
		buf_put(out, S(", status "));
		buf_u64(out, (uint64_t)status);
	}
}
