// SPDX-License-Identifier: MIT
#include "net/proxy.h"

#include "base/clock.h"

#include "peer.h"

#define SOON (clock_mono_ns() + 5000000000)

static enum proxy_way choose(struct proxy *p, const char *to, const char *http, const char *https, const char *none)
{
	struct proxy_settings set = { str_of(http), str_of(https), str_of(none), "http_proxy", "https_proxy" };
	struct url url;

	CHECK(url_parse(str_of(to), &url));
	return proxy_choose(p, &url, &set);
}

TEST(each_scheme_has_a_proxy_of_its_own)
{
	struct proxy p;

	CHECK(choose(&p, "http://c.example", NULL, "http://p:1", NULL) == PROXY_NONE);
	CHECK(choose(&p, "https://c.example", "http://p:1", NULL, NULL) == PROXY_NONE);
	CHECK(choose(&p, "http://c.example", "http://p.example:3128/", "http://q:1", NULL) == PROXY_FORWARD);
	CHECK(str_eq(p.url.host, S("p.example")) && p.url.port == 3128 && !p.secret_n && !strcmp(p.variable, "http_proxy"));
	CHECK(choose(&p, "https://c.example", "http://p:1", "HTTP://[fd00::1]:8080", NULL) == PROXY_TUNNEL);
	CHECK(str_eq(p.url.host, S("fd00::1")) && p.url.port == 8080 && !strcmp(p.variable, "https_proxy"));
	CHECK(choose(&p, "http://c.example", "p.example", NULL, NULL) == PROXY_FORWARD && p.url.port == 80);
	CHECK(choose(&p, "http://c.example", " p.example:81 ", NULL, NULL) == PROXY_FORWARD && p.url.port == 81);
}

TEST(a_password_becomes_a_header_line_and_nothing_else)
{
	struct proxy p;
	static const struct {
		const char *value, *secret;
	} t[] = {
		{ "http://user:pass@p:1", "Proxy-Authorization: Basic dXNlcjpwYXNz\r\n" },
		{ "user:pass@p:1", "Proxy-Authorization: Basic dXNlcjpwYXNz\r\n" },
		{ "http://user@p:1", "Proxy-Authorization: Basic dXNlcjo=\r\n" },
		{ "http://u%40x:p%3a%2F@p:1", "Proxy-Authorization: Basic dUB4OnA6Lw==\r\n" },
		{ "http://user:a@b@p:1/x@y", "Proxy-Authorization: Basic dXNlcjphQGI=\r\n" },
		{ "http://p:1/x@y", "" },
	};

	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		CHECK(choose(&p, "http://c.example", t[i].value, NULL, NULL) == PROXY_FORWARD);
		CHECK(str_eq((str){ p.secret, p.secret_n }, str_of(t[i].secret)));
		CHECK(str_eq(p.url.host, S("p")) && p.url.port == 1 && str_eq(p.url.authority, S("p:1")));
	}
}

TEST(a_password_is_bounded)
{
	static char value[2000];
	int longest = 0;

	for (int n = 1; n < 1000; n++) {
		struct proxy p;
		enum proxy_way way;

		memset(value, 'u', sizeof value);
		memcpy(value + n, "@p:1", 5);
		way = choose(&p, "http://c.example", value, NULL, NULL);
		CHECK(way == (longest == n - 1 ? way : PROXY_BAD) && (way == PROXY_FORWARD || way == PROXY_BAD));
		longest = way == PROXY_FORWARD ? n : longest;
		CHECK(p.secret_n <= sizeof p.secret);
	}
	CHECK(longest > 700 && longest < 768);
}

TEST(what_is_no_proxy_is_told_from_none)
{
	static const char *const bad[] = { "https://p:1", "socks5://p:1",      "http://", "http://p:0", "http://p:65536",
		                               "http://p:x",  "http://user:pass@", "p q:1",   "://p",       "http:///p" };
	struct proxy p;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		CHECK(choose(&p, "http://c.example", bad[i], NULL, NULL) == PROXY_BAD);
		CHECK(choose(&p, "http://c.example", bad[i], NULL, "*") == PROXY_NONE);
	}
	CHECK(choose(&p, "http://c.example", "", NULL, NULL) == PROXY_NONE);
}

TEST(this_machine_is_reached_without_a_proxy)
{
	static const char *const here[] = { "http://localhost:4318",     "http://LOCALHOST.",       "http://a.localhost",
		                                "http://127.0.0.1:4318",     "http://127.9.9.9",        "http://[::1]:4318",
		                                "http://[::ffff:127.0.0.1]", "http://[0:0:0:0:0:0:0:1]" };
	static const char *const there[] = { "http://localhost.example", "http://notlocalhost",
		                                 "http://128.0.0.1",         "http://[::2]",
		                                 "http://[fe80::1]",         "http://169.254.100.1" };
	struct proxy p;

	for (size_t i = 0; i < sizeof here / sizeof *here; i++)
		CHECK(choose(&p, here[i], "http://p:1", NULL, NULL) == PROXY_NONE);
	for (size_t i = 0; i < sizeof there / sizeof *there; i++)
		CHECK(choose(&p, there[i], "http://p:1", NULL, NULL) == PROXY_FORWARD);
}

static bool excluded(const char *none, const char *host, uint16_t port)
{
	size_t n = strlen(none);

	return proxy_excludes((str){ test_guarded(none, n), n }, str_of(host), port);
}

TEST(no_proxy_names_hosts_and_what_is_below_them)
{
	static const struct {
		const char *none, *host;
		bool excluded;
	} t[] = {
		{ "", "a.example", false },
		{ "*", "a.example", true },
		{ "*", "10.0.0.1", true },
		{ "b.example, *", "a.example", true },
		{ "a.example", "a.example", true },
		{ "A.Example", "a.eXAMPLE", true },
		{ "a.example", "b.a.example", true },
		{ "a.example", "ba.example", false },
		{ ".a.example", "a.example", true },
		{ ".a.example", "b.a.example", true },
		{ "*.a.example", "b.a.example", true },
		{ "a.example.", "b.a.example", true },
		{ "a.example", "b.a.example.", true },
		{ "b.a.example", "a.example", false },
		{ "example", "a.example", true },
		{ ".", "a.example", false },
		{ "*.", "a.example", false },
		{ "x,,  a.example\t,y", "a.example", true },
		{ "x a.example y", "a.example", true },
		{ "a.exampl", "a.example", false },
		{ "10.0.0.1", "10.0.0.1", true },
		{ "10.0.0.1", "10.0.0.10", false },
		{ "0.1", "10.0.0.1", false },
		{ "10.0.0.1", "ten.10.0.0.1", true }, /* a name */
		{ "10.0.0.0/8", "10.200.3.4", true },
		{ "10.0.0.0/8", "11.0.0.0", false },
		{ "10.0.0.0/8", "a.10.0.0.0", false },
		{ "192.168.4.0/22", "192.168.7.255", true },
		{ "192.168.4.0/22", "192.168.8.0", false },
		{ "10.0.0.1/32", "10.0.0.1", true },
		{ "0.0.0.0/0", "8.8.8.8", true },
		{ "0.0.0.0/0", "fd00::1", false },
		{ "::/0", "fd00::1", true },
		{ "::/0", "8.8.8.8", true },
		{ "10.0.0.0/33", "10.0.0.0", false },
		{ "10.0.0.0/", "10.0.0.0", false },
		{ "10.0.0.0/-1", "10.0.0.0", false },
		{ "/8", "10.0.0.0", false },
		{ "fd00::/8", "fd12::1", true },
		{ "fd00::/8", "fe00::1", false },
		{ "fe80::/10", "febf::1", true },
		{ "fe80::/10", "fec0::1", false },
		{ "fd00::1", "fd00:0:0::1", true },
		{ "[fd00::1]", "fd00::1", true },
		{ "fd00::/129", "fd00::1", false },
		{ "::ffff:10.0.0.1", "10.0.0.1", true },
	};

	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		CHECK(excluded(t[i].none, t[i].host, 443) == t[i].excluded);
		if (excluded(t[i].none, t[i].host, 443) != t[i].excluded)
			test_failed(__FILE__, __LINE__, t[i].none);
	}
}

TEST(no_proxy_may_name_a_port)
{
	CHECK(excluded("a.example:4318", "a.example", 4318) && !excluded("a.example:4318", "a.example", 4317));
	CHECK(excluded("10.0.0.1:80", "10.0.0.1", 80) && !excluded("10.0.0.1:80", "10.0.0.1", 81));
	CHECK(excluded("[fd00::1]:80", "fd00::1", 80) && !excluded("[fd00::1]:80", "fd00::1", 81));
	CHECK(!excluded("[fd00::1]80", "fd00::1", 80) && !excluded("a.example:", "a.example", 80));
	CHECK(!excluded("a.example:x", "a.example", 80) && !excluded(":80", "a.example", 80) && !excluded("[", "a", 80));
}

/* ---- what the environment says ---- */

static enum proxy_way in_environment(const char *to, const char *const *variables, struct proxy *p)
{
	static const char *const names[] = { "http_proxy", "HTTP_PROXY",     "https_proxy", "HTTPS_PROXY",
		                                 "no_proxy",   "REQUEST_METHOD", "NO_PROXY" };
	struct url url;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		unsetenv(names[i]);
	for (; *variables; variables += 2)
		setenv(variables[0], variables[1], 1);
	CHECK(url_parse(str_of(to), &url));
	return proxy_for(p, &url);
}

#define IN_ENV(to, ...) in_environment(to, (const char *const[]){ __VA_ARGS__, NULL }, &p)

TEST(lower_case_wins_and_capitals_count_too)
{
	struct proxy p;

	CHECK(IN_ENV("http://c.example", "http_proxy", "http://a:1", "HTTP_PROXY", "http://b:2") == PROXY_FORWARD &&
	      p.url.port == 1);
	CHECK(IN_ENV("http://c.example", "http_proxy", "", "HTTP_PROXY", "http://b:2") == PROXY_FORWARD && p.url.port == 2);
	CHECK(!strcmp(p.variable, "HTTP_PROXY"));
	CHECK(IN_ENV("https://c.example", "HTTPS_PROXY", "http://b:3") == PROXY_TUNNEL && p.url.port == 3);
	CHECK(IN_ENV("https://c.example", "HTTPS_PROXY", "http://b:3", "NO_PROXY", "c.example") == PROXY_NONE);
	CHECK(IN_ENV("https://c.example", "HTTPS_PROXY", "http://b:3", "NO_PROXY", "c.example", "no_proxy", "d") ==
	      PROXY_TUNNEL);
}

TEST(the_proxy_of_somebodys_request_is_not_taken)
{
	struct proxy p;

	CHECK(IN_ENV("http://c.example", "HTTP_PROXY", "http://b:2", "REQUEST_METHOD", "GET") == PROXY_NONE);
	CHECK(IN_ENV("http://c.example", "http_proxy", "http://b:2", "REQUEST_METHOD", "GET") == PROXY_FORWARD);
	CHECK(IN_ENV("https://c.example", "HTTPS_PROXY", "http://b:2", "REQUEST_METHOD", "GET") == PROXY_TUNNEL);
	IN_ENV("http://c.example", "REQUEST_METHOD", "");
}

/* ---- the tunnel ---- */

struct tried {
	enum err e;
	int status, fd;
};

static struct tried tunnel(const struct act *acts, const char *proxy, const char *to, size_t cap)
{
	struct peer peer = peer_start(AF_INET, acts);
	struct stream s = { .fd = -1 };
	struct tried t = { .status = -1 };
	char room[512];
	struct proxy p;
	struct url url;

	CHECK(url_parse(str_of(to), &url) && choose(&p, to, NULL, proxy, NULL) == PROXY_TUNNEL);
	CHECK(stream_connect(&s, &peer.addr, SOON) == OK);
	t.e = proxy_connect(&s, &p, &url, room, cap, SOON, &t.status);
	t.fd = s.fd;
	if (t.e == OK) { /* it is the host's now */
		size_t got;

		CHECK(stream_write(&s, &(struct iovec){ (char *)"hello", 5 }, 1, SOON) == OK);
		CHECK(stream_read(&s, room, sizeof room, SOON, &got) == OK && got == 5 && !memcmp(room, "world", 5));
	}
	stream_close(&s);
	CHECK(peer_end(&peer) == 0);
	return t;
}

#define ASKED EXPECT("CONNECT c.example:443 HTTP/1.1\r\nHost: c.example:443\r\n\r\n")

TEST(a_tunnel_is_asked_for_and_then_the_hosts)
{
	const struct act plain[] = SCRIPT(ACCEPT, ASKED, SEND("HTTP/1.1 200 Connection established\r\n\r\n"),
	                                  EXPECT("hello"), SEND("world"), END_OF_STREAM);
	const struct act secret[] = SCRIPT(ACCEPT,
	                                   EXPECT("CONNECT [fd00::1]:8443 HTTP/1.1\r\nHost: "
	                                          "[fd00::1]:8443\r\nProxy-Authorization: Basic dXNlcjpwYXNz\r\n\r\n"),
	                                   DRIP("HTTP/1.0 299 OK\r\nContent-Length: 77\r\nVia: x\r\n\r\n"), EXPECT("hello"),
	                                   SEND("world"), END_OF_STREAM);
	const struct act interim[] =
		SCRIPT(ACCEPT, ASKED, DRIP("HTTP/1.1 103 Wait\r\n\r\nHTTP/1.1 100 Wait\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"),
	           EXPECT("hello"), SEND("world"), END_OF_STREAM);

	CHECK(tunnel(plain, "http://p:1", "https://c.example/v1/traces", 512).e == OK);
	CHECK(tunnel(secret, "http://user:pass@p:1", "https://[fd00::1]:8443", 512).e == OK);
	CHECK(tunnel(interim, "http://p:1", "https://c.example", 512).e == OK);
}

TEST(a_refusal_is_told_with_its_status)
{
	const struct act refuse[] = SCRIPT(ACCEPT, ASKED,
	                                   SEND("HTTP/1.1 407 Who are you\r\nContent-Length: 5\r\n\r\nnever"), CLOSE);
	const struct act moved[] = SCRIPT(ACCEPT, ASKED, DRIP("HTTP/1.1 302 Found\r\nLocation: http://x/\r\n\r\n"), CLOSE);
	struct tried t = tunnel(refuse, "http://p:1", "https://c.example", 512);

	CHECK(t.e == ERR_PROXY && t.status == 407 && t.fd == -1);
	t = tunnel(moved, "http://p:1", "https://c.example", 512);
	CHECK(t.e == ERR_PROXY && t.status == 302 && t.fd == -1);
}

TEST(whatever_else_a_proxy_does_is_an_error_of_its_kind)
{
	const struct act closes[] = SCRIPT(ACCEPT, ASKED, SEND("HTTP/1.1 200 OK\r\n"), CLOSE);
	const struct act resets[] = SCRIPT(ACCEPT, ASKED, RESET);
	const struct act garbage[] = SCRIPT(ACCEPT, ASKED, SEND("SSH-2.0-OpenSSH\r\n\r\n"), CLOSE);
	const struct act talks[] = SCRIPT(ACCEPT, ASKED, SEND("HTTP/1.1 200 OK\r\n\r\nx"), CLOSE);
	const struct act endless[] = SCRIPT(ACCEPT, ASKED, SEND("HTTP/1.1 200 OK\r\n"), FLOOD("A: b\r\n", 1000), CLOSE);
	const struct act interims[] = SCRIPT(ACCEPT, ASKED, FLOOD("HTTP/1.1 100 Wait\r\n\r\n", 1000), CLOSE);
	const struct {
		const struct act *acts;
		enum err e;
	} t[] = { { closes, ERR_CLOSED }, { resets, ERR_CLOSED },     { garbage, ERR_SYNTAX },
		      { talks, ERR_SYNTAX },  { endless, ERR_TOO_LARGE }, { interims, ERR_SYNTAX } };

	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct tried got = tunnel(t[i].acts, "http://p:1", "https://c.example", 512);

		CHECK(got.e == t[i].e && got.status == 0 && got.fd == -1);
	}
}

TEST(a_room_that_is_too_small_for_the_reply_says_so)
{
	const struct act acts[] = SCRIPT(ACCEPT, ASKED, DRIP("HTTP/1.1 407 Who\r\n\r\n"), END_OF_STREAM);
	const size_t whole = sizeof "HTTP/1.1 407 Who\r\n\r\n" - 1;

	for (size_t cap = 0; cap <= whole; cap++)
		CHECK(tunnel(acts, "http://p:1", "https://c.example", cap).e == (cap < whole ? ERR_TOO_LARGE : ERR_PROXY));
}

TEST(a_silent_proxy_is_left_at_the_deadline)
{
	const struct act acts[] = SCRIPT(ACCEPT, ASKED, SEND("HTTP/1.1 200"), END_OF_STREAM);
	struct peer peer = peer_start(AF_INET, acts);
	struct stream s = { .fd = -1 };
	int64_t start = clock_mono_ns();
	char room[512];
	struct proxy p;
	struct url url;
	int status;

	CHECK(url_parse(S("https://c.example"), &url) &&
	      choose(&p, "https://c.example", NULL, "p:1", NULL) == PROXY_TUNNEL);
	CHECK(stream_connect(&s, &peer.addr, SOON) == OK);
	CHECK(proxy_connect(&s, &p, &url, room, sizeof room, start + 50000000, &status) == ERR_TIMEOUT && s.fd == -1);
	CHECK(clock_mono_ns() - start >= 50000000 && clock_mono_ns() - start < 2000000000);
	CHECK(peer_end(&peer) == 0);
}
