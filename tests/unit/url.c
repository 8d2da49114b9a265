// SPDX-License-Identifier: MIT
#include "net/url.h"

#include "test.h"

#include <string.h>

struct parts {
	const char *text, *host, *authority, *path;
	unsigned port;
	bool tls, ipv6;
};

TEST(an_address_is_taken_apart)
{
	static const struct parts t[] = {
		{ "127.0.0.1:9001", "127.0.0.1", "127.0.0.1:9001", "", 9001, false, false },
		{ "localhost", "localhost", "localhost", "", 80, false, false },
		{ "http://[::]:9000/.rt/fn", "::", "[::]:9000", "/.rt/fn", 9000, false, true },
		{ "[::1]:9001/x", "::1", "[::1]:9001", "/x", 9001, false, true },
		{ "http://[::1]", "::1", "[::1]", "", 80, false, true },
		{ "[2001:db8::1]/", "2001:db8::1", "[2001:db8::1]", "/", 80, false, true },
		{ "https://collector.example/v1/traces", "collector.example", "collector.example", "/v1/traces", 443, true,
		  false },
		{ "HTTPS://c.example:4318", "c.example", "c.example:4318", "", 4318, true, false },
		{ "hTTp://c.example:1", "c.example", "c.example:1", "", 1, false, false },
		{ "http://c.example:65535/a?b=c#d", "c.example", "c.example:65535", "/a?b=c", 65535, false, false },
		{ "http://c.example#d", "c.example", "c.example", "", 80, false, false },
		{ "http://c.example?b/c", "c.example", "c.example", "?b/c", 80, false, false },
		{ "http://c.example/a@b:c", "c.example", "c.example", "/a@b:c", 80, false, false },
		{ "http://c.example:00080/", "c.example", "c.example:00080", "/", 80, false, false },
		{ "c.example/see?u=http://d.example/", "c.example", "c.example", "/see?u=http://d.example/", 80, false, false },
		{ "http:80", "http", "http:80", "", 80, false, false },
	};

	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct url u;
		size_t n = strlen(t[i].text);

		CHECK(url_parse((str){ test_guarded(t[i].text, n), n }, &u));
		CHECK(str_eq(u.host, str_of(t[i].host)));
		CHECK(str_eq(u.authority, str_of(t[i].authority)));
		CHECK(str_eq(u.path, str_of(t[i].path)));
		CHECK(u.port == t[i].port && u.tls == t[i].tls && u.ipv6 == t[i].ipv6);
	}
}

TEST(what_cannot_be_connected_to_is_refused)
{
	static const char *const t[] = {
		"",
		"/",
		":",
		":80",
		"http://",
		"http:///path",
		"https://:443",
		"http://?",
		"http://#",
		"host:",
		"host:0",
		"host:65536",
		"host:4294967297",
		"host:18446744073709551617",
		"host:-1",
		"host:+1",
		"host:8o",
		"host:80:80",
		"2001:db8::1",
		"::1",
		"::1:9000",
		"[",
		"[]",
		"[]:80",
		"[::1",
		"[::1]80",
		"[::1]:",
		"[::1]x",
		"[::1]]:80",
		"http://[::1",
		"ftp://host",
		"unix:///tmp/s",
		"://host",
		"ws://host:80/",
		"http://http://host",
		"xhttp://host",
		"user@host",
		"user:secret@host:80",
		"http://user:secret@host/",
		"http://@host",
		"http://user@[::1]:80",
		" host",
		"host ",
		"ho st",
		"host\t",
		"host\r\n",
		"host:80/a b",
		"host/\x7f",
		"host\x01",
		"h\xc3\xb6st",
		"host/\xff",
		"host:80\r\nX-Injected: yes",
	};

	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct url u;
		size_t n = strlen(t[i]);
		bool parsed = url_parse((str){ test_guarded(t[i], n), n }, &u);

		CHECK(!parsed);
		if (parsed)
			test_failed(__FILE__, __LINE__, t[i]);
	}
	struct url u;
	CHECK(!url_parse(S("host\0:80"), &u));
	CHECK(!url_parse((str){ 0 }, &u));
}

TEST(every_byte_that_is_not_visible_ascii_is_refused_everywhere)
{
	char text[] = "http://host:80/path";

	for (size_t at = 0; at < sizeof text - 1; at++)
		for (int c = 0; c < 256; c++) {
			struct url u;
			char was = text[at];
			bool good;

			text[at] = (char)c;
			good = url_parse((str){ text, sizeof text - 1 }, &u);
			CHECK(!good || (c > ' ' && c < 0x7f));
			text[at] = was;
		}
}

TEST(every_beginning_of_an_address_is_read_without_looking_behind_it)
{
	static const char text[] = "https://[2001:db8::1]:65535/v1/traces?x=y#z";

	for (size_t n = 0; n < sizeof text; n++) {
		struct url u;
		const char *p = test_guarded(text, n);

		if (!url_parse((str){ p, n }, &u))
			continue;
		CHECK(u.host.p >= p && u.host.n && u.host.p + u.host.n <= p + n);
		CHECK(u.authority.p >= p && u.authority.p + u.authority.n <= p + n);
		CHECK(!u.path.n || (u.path.p >= p && u.path.p + u.path.n <= p + n));
	}
}
