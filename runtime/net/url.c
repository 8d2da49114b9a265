// SPDX-License-Identifier: MIT
#include "net/url.h"

#include <string.h>

static bool cut_scheme(str *text, struct url *out)
{
	static const struct {
		str prefix;
		bool tls;
	} schemes[] = { { { "http://", 7 }, false }, { { "https://", 8 }, true } };

	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
		str prefix = schemes[i].prefix;

		if (text->n >= prefix.n && str_ieq((str){ text->p, prefix.n }, prefix)) {
			*text = (str){ text->p + prefix.n, text->n - prefix.n };
			out->tls = schemes[i].tls;
			return true;
		}
	}
	for (size_t i = 0; i < text->n && !memchr("/?#", text->p[i], 3); i++)
		if (text->n - i >= 3 && !memcmp(text->p + i, "://", 3))
			return false; /* a scheme, but none of ours */
	return true;
}

/* host, or [v6], and what follows it */
static bool cut_host(str authority, struct url *out, str *rest)
{
	const char *end;

	if (!authority.n || authority.p[0] != '[') {
		const char *colon = authority.n ? memchr(authority.p, ':', authority.n) : NULL;

		out->host = (str){ authority.p, colon ? (size_t)(colon - authority.p) : authority.n };
	} else {
		if (!(end = memchr(authority.p, ']', authority.n)))
			return false;
		out->ipv6 = true;
		out->host = (str){ authority.p + 1, (size_t)(end - authority.p) - 1 };
	}
	size_t used = out->host.n + (out->ipv6 ? 2 : 0);
	*rest = (str){ authority.p + used, authority.n - used };
	return out->host.n > 0;
}

bool url_parse(str text, struct url *out)
{
	str rest;
	uint64_t port;
	size_t n = 0;

	*out = (struct url){ 0 };
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] <= ' ' || text.p[i] > '~')
			return false;
	if (!text.n || !cut_scheme(&text, out))
		return false;
	while (n < text.n && text.p[n] != '/' && text.p[n] != '?' && text.p[n] != '#')
		n++;
	out->authority = (str){ text.p, n };
	if (n && memchr(text.p, '@', n))
		return false; /* credentials in a URL end up in logs */
	str_cut((str){ text.p + n, text.n - n }, '#', &out->path, &rest);
	if (!cut_host(out->authority, out, &rest))
		return false;
	out->port = out->tls ? 443 : 80;
	if (!rest.n)
		return true;
	if (rest.p[0] != ':' || !str_u64((str){ rest.p + 1, rest.n - 1 }, 65535, &port) || !port)
		return false;
	out->port = (uint16_t)port;
	return true;
}
