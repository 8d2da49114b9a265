// SPDX-License-Identifier: MIT
#include "base/clock.h"
#include "test.h"
#include "tls/tls.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MS INT64_C(1000000)

static bool contains(str s, const char *part)
{
	return s.n && memmem(s.p, s.n, part, strlen(part));
}

static enum err configure(const char *host)
{
	const struct tls_settings settings = { .host = str_of(host) };

	return tls_configure(1, &settings);
}

/* A server that says only this; hello: what it was sent. */
static enum err told(str said, bool closes, char *hello, size_t *n)
{
	struct stream s = { .fd = -1 };
	int fd[2];
	enum err e;

	CHECK(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd));
	s.fd = fd[0];
	CHECK(write(fd[1], said.p, said.n) == (ssize_t)said.n);
	if (closes)
		shutdown(fd[1], SHUT_WR);
	e = tls_start(&s, 1, clock_mono_ns() + 30 * MS);
	CHECK(s.fd < 0 && !s.layer);
	if (hello) {
		ssize_t got = read(fd[1], hello, *n);
		*n = got > 0 ? (size_t)got : 0;
	}
	close(fd[1]);
	return e;
}

TEST(tls_takes_names_and_refuses_addresses)
{
	char long_name[300];

	CHECK(configure("logs.us-east-1.amazonaws.com") == OK && !tls_problem(2).n);
	CHECK(configure("127.0.0.1") == ERR_CERTIFICATE && contains(tls_problem(1), "use the host's name"));
	CHECK(configure("::1") == ERR_CERTIFICATE && configure("[::1]") == ERR_CERTIFICATE &&
	      configure("") == ERR_CERTIFICATE);
	memset(long_name, 'a', sizeof long_name);
	long_name[253] = 0;
	CHECK(configure(long_name) == OK);
	long_name[253] = 'a';
	long_name[254] = 0;
	CHECK(configure(long_name) == ERR_CERTIFICATE);
}

TEST(tls_without_settings_does_not_start)
{
	unsigned failed = tls_counts.failed;
	char hello[64];
	size_t n = sizeof hello;

	tls_forget();
	CHECK(told(S(""), true, hello, &n) == ERR_TLS && !n);
	CHECK(tls_counts.failed == failed + 1);
}

TEST(tls_says_hello_with_the_name_and_http_1_1)
{
	char hello[1024];
	size_t n = sizeof hello;

	CHECK(configure("collector.example.") == OK);
	CHECK(told(S(""), true, hello, &n) == ERR_CLOSED &&
	      contains(tls_problem(1), "closed the connection in the TLS handshake"));
	CHECK(n > 100 && hello[0] == 22 && hello[1] == 3);
	CHECK(memmem(hello, n,
	             "\0\0\0\x16\0\x14\0\0\x11"
	             "collector.example",
	             26) != NULL);
	CHECK(memmem(hello, n, "\x08http/1.1", 9) != NULL);
	CHECK(!memcmp(hello + 9, "\x03\x03", 2)); /* 1.2, and the random number behind it differs each time */
}

TEST(tls_gives_no_two_hellos_the_same_random_number)
{
	char first[1024], second[1024];
	size_t n = sizeof first, m = sizeof second;

	CHECK(configure("collector.example") == OK);
	told(S(""), true, first, &n);
	told(S(""), true, second, &m);
	CHECK(n == m && n > 43 && memcmp(first + 11, second + 11, 32));
}

TEST(tls_explains_what_a_server_says_instead_of_hello)
{
	static const struct {
		str said;
		enum err err;
		const char *text;
	} cases[] = {
		{ { "\x15\x03\x03\x00\x02\x02\x46", 7 }, ERR_TLS, "TLS 1.3 only" },
		{ { "\x15\x03\x03\x00\x02\x02\x28", 7 }, ERR_TLS, "no cipher suite in common" },
		{ { "\x15\x03\x03\x00\x02\x02\x30", 7 }, ERR_CERTIFICATE, "authority of the client certificate" },
		{ { "\x15\x03\x03\x00\x02\x02\x74", 7 }, ERR_CERTIFICATE, "wants a client certificate" },
		{ { "\x15\x03\x03\x00\x02\x02\x70", 7 }, ERR_TLS, "does not know the name peer.test" },
		{ { "\x15\x03\x03\x00\x02\x02\x78", 7 }, ERR_TLS, "ALPN" },
		{ { "\x15\x03\x03\x00\x02\x02\x50", 7 }, ERR_TLS, "TLS alert 80" },
		{ { "HTTP/1.1 400 Bad Request\r\n\r\n", 28 }, ERR_TLS, "speaks no TLS on this port" },
		{ { "\x17\x03\x03\x00\x05"
		    "hello",
		    10 },
		  ERR_TLS,
		  "BearSSL error" },
	};

	CHECK(configure("peer.test") == OK);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		CHECK(told(cases[i].said, false, NULL, NULL) == cases[i].err);
		CHECK(contains(tls_problem(1), cases[i].text) && contains(tls_problem(1), "peer.test"));
	}
}

TEST(tls_waits_for_a_silent_server_until_the_deadline)
{
	int64_t before = clock_mono_ns();

	CHECK(configure("peer.test") == OK);
	CHECK(told(S("\x16\x03\x03"), false, NULL, NULL) == ERR_TIMEOUT && clock_mono_ns() - before >= 30 * MS);
	CHECK(contains(tls_problem(1), "did not finish"));
}

TEST(sealed_records_take_what_was_promised)
{
	CHECK(tls_sealed_bytes(0) == 29 && tls_sealed_bytes(16383) == 16383 + 29 && tls_sealed_bytes(16385) == 16385 + 58);
}
