// SPDX-License-Identifier: MIT
#include "net/proxy.h"

#include "base/base64.h"
#include "base/buf.h"
#include "base/percent.h"
#include "net/http.h"

#include <stdlib.h>
#include <string.h>

#define INTERIM_MAX 8 /* 1xx replies to CONNECT: none is of use */

/* ---- who is reached without one ---- */

/* All addresses as IPv6 has them, IPv4 as ::ffff:a.b.c.d: one comparison for both, and for either way to write the same. */
struct ip {
	unsigned char bytes[16];
};

#define IPV4_PREFIX 96

static bool ip_read(str host, struct ip *ip)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct addr a;

	if (!addr_literal(host, 0, &a))
		return false;
	if (a.sa.any.sa_family == AF_INET) {
		memcpy(ip->bytes, mapped, sizeof mapped);
		memcpy(ip->bytes + sizeof mapped, &a.sa.v4.sin_addr, 4);
	} else {
		memcpy(ip->bytes, &a.sa.v6.sin6_addr, 16);
	}
	return true;
}

static bool ip_within(const struct ip *ip, const struct ip *net, unsigned bits)
{
	unsigned rest = bits % 8;

	return !memcmp(ip->bytes, net->bytes, bits / 8) &&
	       (!rest || (ip->bytes[bits / 8] ^ net->bytes[bits / 8]) >> (8 - rest) == 0);
}

static bool is_network_of(str network, const struct ip *ip)
{
	str address, length;
	uint64_t bits = 128;
	struct ip net;
	bool v4;

	if (!str_cut(network, '/', &address, &length))
		return ip_read(network, &net) && ip_within(ip, &net, 128);
	v4 = address.n && !memchr(address.p, ':', address.n);
	return ip_read(address, &net) && str_u64(length, v4 ? 32 : 128, &bits) &&
	       ip_within(ip, &net, (unsigned)bits + (v4 ? IPV4_PREFIX : 0));
}

static str without_last_dot(str name)
{
	return (str){ name.p, name.n - (name.n && name.p[name.n - 1] == '.') };
}

static bool is_domain_of(str domain, str host)
{
	host = without_last_dot(host);
	domain = without_last_dot(domain);
	if (str_starts(domain, S("*.")))
		domain = (str){ domain.p + 1, domain.n - 1 };
	if (str_starts(domain, S(".")))
		domain = (str){ domain.p + 1, domain.n - 1 };
	if (!domain.n || host.n < domain.n || !str_ieq((str){ host.p + host.n - domain.n, domain.n }, domain))
		return false;
	return host.n == domain.n || host.p[host.n - domain.n - 1] == '.';
}

/* Takes :port off an entry, and the brackets of an IPv6 address. False: it is of another port. */
static bool is_for_port(str *entry, uint16_t port)
{
	const char *colon = memchr(entry->p, ':', entry->n), *end = memchr(entry->p, ']', entry->n);
	str written = { 0 };
	uint64_t given = port;

	if (entry->p[0] == '[' && end) {
		written = (str){ end + 1, entry->n - (size_t)(end + 1 - entry->p) };
		*entry = (str){ entry->p + 1, (size_t)(end - entry->p) - 1 };
		if (!written.n)
			return true;
		if (written.p[0] != ':')
			return false;
	} else if (colon && !memchr(colon + 1, ':', entry->n - (size_t)(colon + 1 - entry->p))) {
		written = (str){ colon, entry->n - (size_t)(colon - entry->p) };
		entry->n = (size_t)(colon - entry->p);
	} else {
		return true;
	}
	return str_u64((str){ written.p + 1, written.n - 1 }, 65535, &given) && given == port;
}

static bool excludes(str entry, str host, uint16_t port)
{
	struct ip ip;

	if (str_eq(entry, S("*")))
		return true;
	if (!is_for_port(&entry, port))
		return false;
	return ip_read(host, &ip) ? is_network_of(entry, &ip) : is_domain_of(entry, host);
}

bool proxy_excludes(str none, str host, uint16_t port)
{
	while (none.n) {
		size_t n = 0;

		while (n < none.n && !memchr(", \t", none.p[n], 3))
			n++;
		if (n && excludes((str){ none.p, n }, host, port))
			return true;
		n += n < none.n;
		none = (str){ none.p + n, none.n - n };
	}
	return false;
}

static bool is_here(str host)
{
	static const struct ip loopback = { { [15] = 1 } }, loopback4 = { { [10] = 0xff, [11] = 0xff, [12] = 127 } };
	struct ip ip;

	if (ip_read(host, &ip))
		return ip_within(&ip, &loopback, 128) || ip_within(&ip, &loopback4, IPV4_PREFIX + 8);
	return is_domain_of(S("localhost"), host);
}

/* ---- which one ---- */

/* RFC 7617: user and password are base64 of what the URL has percent-encoded. */
static bool put_secret(struct proxy *out, str userinfo)
{
	char plain[PROXY_SECRET_MAX / 4 * 3];
	struct buf line = BUF(out->secret);
	str user, password;
	size_t n;

	if (userinfo.n >= sizeof plain)
		return false;
	str_cut(userinfo, ':', &user, &password);
	n = percent_decode(user, false, plain, NULL);
	plain[n++] = ':';
	n += percent_decode(password, false, plain + n, NULL);
	buf_put(&line, S("Proxy-Authorization: Basic "));
	if (base64_size(n) > line.cap - line.n - 2)
		return false;
	base64_encode(line.p + line.n, plain, n);
	line.n += base64_size(n);
	buf_put(&line, S("\r\n"));
	out->secret_n = line.n;
	return true;
}

/* [http://][user[:password]@]host[:port][/] */
static bool read_proxy(struct proxy *out, str value)
{
	const str scheme = S("http://");
	size_t end = 0, at = 0;

	value = str_trim(value);
	if (value.n >= scheme.n && str_ieq((str){ value.p, scheme.n }, scheme))
		value = (str){ value.p + scheme.n, value.n - scheme.n };
	while (end < value.n && !memchr("/?#", value.p[end], 3))
		if (value.p[end++] == '@')
			at = end;
	if (at && !put_secret(out, (str){ value.p, at - 1 }))
		return false;
	return url_parse((str){ value.p + at, value.n - at }, &out->url) && !out->url.tls;
}

enum proxy_way proxy_choose(struct proxy *out, const struct url *to, const struct proxy_settings *set)
{
	str value = to->tls ? set->https : set->http;

	out->secret_n = 0;
	out->variable = to->tls ? set->https_name : set->http_name;
	if (!value.n || is_here(to->host) || proxy_excludes(set->none, to->host, to->port))
		return PROXY_NONE;
	if (!read_proxy(out, value))
		return PROXY_BAD;
	return to->tls ? PROXY_TUNNEL : PROXY_FORWARD;
}

/* The first of the two that is set. */
static str either(const char *lower, const char *upper, const char **name)
{
	str value = str_of(getenv(lower));

	*name = lower;
	if (!value.n && upper) {
		value = str_of(getenv(upper));
		*name = upper;
	}
	return value;
}

enum proxy_way proxy_for(struct proxy *out, const struct url *to)
{
	struct proxy_settings set;
	const char *none;

	set.http = either("http_proxy", getenv("REQUEST_METHOD") ? NULL : "HTTP_PROXY", &set.http_name);
	set.https = either("https_proxy", "HTTPS_PROXY", &set.https_name);
	set.none = either("no_proxy", "NO_PROXY", &none);
	return proxy_choose(out, to, &set);
}

/* ---- the tunnel ---- */

#define PIECE(s) ((struct iovec){ (char *)(s).p, (s).n })

/* RFC 9110 9.3.6: the target is host and port, the port always. */
static enum err ask(struct stream *s, const struct proxy *proxy, const struct url *to, int64_t deadline)
{
	str open = to->ipv6 ? S("[") : S(""), close = to->ipv6 ? S("]:") : S(":");
	char digits[8];
	struct buf port = BUF(digits);

	buf_u64(&port, to->port);
	struct iovec iov[] = {
		PIECE(S("CONNECT ")), PIECE(open),      PIECE(to->host),
		PIECE(close),         PIECE(port),      PIECE(S(" HTTP/1.1\r\nHost: ")),
		PIECE(open),          PIECE(to->host),  PIECE(close),
		PIECE(port),          PIECE(S("\r\n")), { (char *)proxy->secret, proxy->secret_n },
		PIECE(S("\r\n")),
	};
	return stream_write(s, iov, sizeof iov / sizeof *iov, deadline);
}

/* The head of the reply that counts; what came behind it is left in *more. */
static enum err answer(struct stream *s, char *room, size_t cap, int64_t deadline, struct http_head *head, size_t *more)
{
	size_t end = 0, seen = 0, got;

	for (int interim = 0; interim < INTERIM_MAX;) {
		int n = http_head_parse(room, end, seen, head);
		enum err e;

		if (n < 0)
			return ERR_SYNTAX;
		if (n > 0 && head->status / 100 != 1) {
			*more = end - (size_t)n;
			return OK;
		}
		if (n > 0) {
			memmove(room, room + n, end -= (size_t)n);
			seen = 0;
			interim++;
			continue;
		}
		seen = end;
		if (end == cap)
			return ERR_TOO_LARGE;
		if ((e = stream_read(s, room + end, cap - end, deadline, &got)) != OK)
			return e;
		if (!got)
			return ERR_CLOSED;
		end += got;
	}
	return ERR_SYNTAX;
}

/* After 2xx the connection is the host's, and over TLS the client speaks first: nothing may have come yet. */
enum err proxy_connect(struct stream *s, const struct proxy *proxy, const struct url *to, char *room, size_t cap,
                       int64_t deadline, int *status)
{
	struct http_head head = { 0 };
	size_t more = 0;
	enum err e = ask(s, proxy, to, deadline);

	*status = 0;
	if (e == OK || e == ERR_CLOSED)
		e = answer(s, room, cap, deadline, &head, &more);
	if (e == OK && head.status / 100 != 2) {
		*status = head.status;
		e = ERR_PROXY;
	}
	if (e == OK && more)
		e = ERR_SYNTAX;
	if (e != OK)
		stream_close(s);
	return e;
}
