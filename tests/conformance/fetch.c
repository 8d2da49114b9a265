// SPDX-License-Identifier: MIT

/*
 * fetch: a GET of an URL by way of the proxies that the environment names, in plain text: of an https URL too, whose tunnel leads to a server without
 * TLS here. Prints the way, then status and body; or why there are none, with status 1. It has five seconds.
 *
 *   http_proxy=http://127.0.0.1:3128 build/x86_64/drivers/fetch http://www.example/
 */
#include "base/clock.h"
#include "net/connect.h"
#include "net/http.h"
#include "net/proxy.h"

#include <stdio.h>

#define PIECE(s) ((struct iovec){ (char *)(s).p, (s).n })

static char room[1 << 20];

static int failed(enum err e, int status)
{
	printf("%s %d\n", err_text(e), status);
	return 1;
}

int main(int argc, char **argv)
{
	static const char *const ways[] = { "straight", "forward", "tunnel", "bad" };
	int64_t deadline = clock_mono_ns() + INT64_C(5000000000);
	struct stream s = { .fd = -1 };
	struct http_reply reply;
	struct proxy proxy;
	struct url url;
	enum proxy_way way;
	int status = 0;
	enum err e;

	if (argc != 2 || !url_parse(str_of(argv[1]), &url)) {
		fprintf(stderr, "usage: fetch URL\n");
		return 2;
	}
	way = proxy_for(&proxy, &url);
	puts(ways[way]);
	if (way == PROXY_BAD) {
		puts(proxy.variable);
		return 1;
	}
	e = connect_host(&s, &dns_system, way ? proxy.url.host : url.host, way ? proxy.url.port : url.port, deadline);
	if (e == OK && way == PROXY_TUNNEL)
		e = proxy_connect(&s, &proxy, &url, room, sizeof room, deadline, &status);
	if (e != OK)
		return failed(e, status);

	bool whole = way == PROXY_FORWARD;
	struct iovec iov[] = {
		PIECE(S("GET ")),
		PIECE(whole ? S("http://") : S("")),
		PIECE(whole ? url.authority : S("")),
		PIECE(url.path.n ? url.path : S("/")),
		PIECE(S(" HTTP/1.1\r\nHost: ")),
		PIECE(url.authority),
		PIECE(S("\r\n")),
		{ proxy.secret, whole ? proxy.secret_n : 0 },
		PIECE(S("\r\n")),
	};
	e = stream_write(&s, iov, sizeof iov / sizeof *iov, deadline);
	if (e == OK)
		e = http_read_reply(&s, room, sizeof room, 65536, deadline, &reply);
	if (e != OK)
		return failed(e, 0);
	printf("%d\n%.*s", reply.head.status, (int)reply.body.n, reply.body.p ? reply.body.p : "");
	return 0;
}
