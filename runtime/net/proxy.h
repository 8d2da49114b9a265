// SPDX-License-Identifier: MIT
#pragma once

#include "base/err.h"
#include "net/stream.h"
#include "net/url.h"

/*
 * Proxies for HTTP, out of http_proxy, https_proxy and no_proxy or the same in capitals; lower case wins, and an empty variable counts as unset.
 * HTTP_PROXY is not read where REQUEST_METHOD is set: there it may be a field of somebody's request (httpoxy; Go and Python leave it out for the same
 * reason, curl always does). What is on this machine, localhost and the loopback addresses, is reached without a proxy, as in Go.
 *
 * no_proxy: names and what is below them (a.example or .a.example, both mean both), addresses, networks as 10.0.0.0/8 or fd00::/8, each with :port
 * or without, and * for all; between commas or spaces.
 */
#define PROXY_SECRET_MAX 1024

enum proxy_way {
	PROXY_NONE,    /* straight to the host */
	PROXY_FORWARD, /* http: connect to the proxy, which gets the whole URL as the request's target (RFC 9112 3.2.2) */
	PROXY_TUNNEL,  /* https: connect to the proxy, then proxy_connect(), then TLS with the host */
	PROXY_BAD,     /* the variable is no http://[user:password@]host[:port]: nothing may be sent */
};

struct proxy {
	struct url url;       /* points into the environment */
	const char *variable; /* that says so, for people: its value may hold a password */
	char secret[PROXY_SECRET_MAX];
	size_t secret_n;
};

/*
 * The way to a URL. secret: a whole header line, Proxy-Authorization and its line end, or nothing; it goes to nobody but the proxy, in front of
 * the empty line of each forwarded request, and never into a log.
 */
enum proxy_way proxy_for(struct proxy *out, const struct url *to);

/* The pure part of it: what is set. */
struct proxy_settings {
	str http, https, none; /* values */
	const char *http_name, *https_name;
};
enum proxy_way proxy_choose(struct proxy *out, const struct url *to, const struct proxy_settings *set);
bool proxy_excludes(str none, str host, uint16_t port);

/*
 * Over a stream to the proxy, asks for a tunnel to the URL's host. ERR_PROXY: *status is what the proxy said instead of 2xx; then and after any other
 * error the stream is closed. room: where the reply's head is read to, at most HTTP_HEAD_MAX of it.
 */
enum err proxy_connect(struct stream *s, const struct proxy *proxy, const struct url *to, char *room, size_t cap,
                       int64_t deadline, int *status);
