// SPDX-License-Identifier: MIT
/* The file itself: read_hosts() is tested over a pipe, since /etc/hosts is the machine's. */
#include "net/addr.c"

#include "test.h"

#include <stdio.h>

static bool is_v4(const struct addr *a, const char *text, uint16_t port)
{
	char room[INET6_ADDRSTRLEN];

	return a->n == sizeof a->sa.v4 && a->sa.v4.sin_family == AF_INET && ntohs(a->sa.v4.sin_port) == port &&
	       inet_ntop(AF_INET, &a->sa.v4.sin_addr, room, sizeof room) && !strcmp(room, text);
}

static bool is_v6(const struct addr *a, const char *text, uint16_t port)
{
	char room[INET6_ADDRSTRLEN];

	return a->n == sizeof a->sa.v6 && a->sa.v6.sin6_family == AF_INET6 && ntohs(a->sa.v6.sin6_port) == port &&
	       !a->sa.v6.sin6_scope_id && inet_ntop(AF_INET6, &a->sa.v6.sin6_addr, room, sizeof room) &&
	       !strcmp(room, text);
}

static str guarded(const char *z)
{
	return (str){ test_guarded(z, strlen(z)), strlen(z) };
}

TEST(literals_become_addresses)
{
	struct addr a;

	CHECK(addr_literal(guarded("127.0.0.1"), 9001, &a) && is_v4(&a, "127.0.0.1", 9001));
	CHECK(addr_literal(guarded("255.255.255.255"), 65535, &a) && is_v4(&a, "255.255.255.255", 65535));
	CHECK(addr_literal(guarded("::"), 1, &a) && is_v6(&a, "::", 1));
	CHECK(addr_literal(guarded("2001:DB8::1"), 80, &a) && is_v6(&a, "2001:db8::1", 80));
	CHECK(addr_literal(guarded("::ffff:10.0.0.1"), 80, &a) && is_v6(&a, "::ffff:10.0.0.1", 80));
	CHECK(addr_literal(guarded("2001:db80:1111:2222:3333:4444:5555:6666"), 80, &a));
	CHECK(addr_literal(guarded("2001:db80:1111:2222:3333:4444:255.255.255.255"), 80, &a)); /* 45 bytes, the longest */
}

TEST(what_only_looks_like_a_literal_is_none)
{
	static const char *const t[] = { "",
		                             "1",
		                             "127.1",
		                             "1.2.3",
		                             "1.2.3.4.",
		                             "1.2.3.4.5",
		                             "256.0.0.1",
		                             "01.2.3.4",
		                             "1.2.3.4 ",
		                             " 1.2.3.4",
		                             "0x7f.0.0.1",
		                             "1.2.3.4:80",
		                             "[::1]",
		                             "::1%lo",
		                             ":::",
		                             "1::2::3",
		                             "12345::",
		                             "localhost",
		                             "2001:db80:1111:2222:3333:4444:255.255.255.2555",
		                             "::ffff:1.2.3" };
	struct addr a;

	for (size_t i = 0; i < sizeof t / sizeof *t; i++)
		CHECK(!addr_literal(guarded(t[i]), 80, &a));
	CHECK(!addr_literal(S("127.0.0.1\0"), 80, &a)); /* inet_pton() would see no more than the NUL */
	CHECK(!addr_literal((str){ 0 }, 80, &a));
}

TEST(the_first_line_of_a_hosts_file_that_names_the_host_wins)
{
	static const char text[] = "# 9.9.9.9 commented\n"
							   "127.0.0.1\tlocalhost loopback\n"
							   "\n"
							   "  \t \n"
							   "10.0.0.1 alpha alpha.example # beta\n"
							   "10.0.0.2\t \tbeta\talpha\r\n"
							   "::1 six\n"
							   "fe80::1%lo0 linked\n"
							   "nonsense linked\n"
							   "10.0.0.3 linked\n"
							   "10.0.0.4 #empty\n"
							   "10.0.0.5\n"
							   "10.0.0.6 last";
	str hosts = guarded(text);
	struct addr a;

	CHECK(addr_in_hosts(hosts, S("localhost"), 1, &a) && is_v4(&a, "127.0.0.1", 1));
	CHECK(addr_in_hosts(hosts, S("LoopBack"), 1, &a) && is_v4(&a, "127.0.0.1", 1));
	CHECK(addr_in_hosts(hosts, S("alpha"), 2, &a) && is_v4(&a, "10.0.0.1", 2));
	CHECK(addr_in_hosts(hosts, S("ALPHA.example"), 2, &a) && is_v4(&a, "10.0.0.1", 2));
	CHECK(addr_in_hosts(hosts, S("beta"), 3, &a) && is_v4(&a, "10.0.0.2", 3));
	CHECK(addr_in_hosts(hosts, S("six"), 4, &a) && is_v6(&a, "::1", 4));
	CHECK(addr_in_hosts(hosts, S("linked"), 5, &a) &&
	      is_v4(&a, "10.0.0.3", 5)); /* lines that give no address are passed over */
	CHECK(addr_in_hosts(hosts, S("last"), 6, &a) && is_v4(&a, "10.0.0.6", 6));
	CHECK(!addr_in_hosts(hosts, S("commented"), 1, &a));
	CHECK(!addr_in_hosts(hosts, S("empty"), 1, &a));
	CHECK(!addr_in_hosts(hosts, S("10.0.0.5"), 1, &a));
	CHECK(!addr_in_hosts(hosts, S("alp"), 1, &a) && !addr_in_hosts(hosts, S("alpha.exampl"), 1, &a));
	CHECK(!addr_in_hosts(hosts, S(""), 1, &a) && !addr_in_hosts((str){ 0 }, S("alpha"), 1, &a));
}

TEST(every_beginning_of_a_hosts_file_is_read_without_looking_behind_it)
{
	static const char text[] = "10.0.0.1 a\n#c\n\n10.0.0.2\tb c\r\n::1 six";

	for (size_t n = 0; n < sizeof text; n++) {
		struct addr a;
		str hosts = { test_guarded(text, n), n };

		CHECK(addr_in_hosts(hosts, S("a"), 1, &a) == (n >= 10));
		CHECK(!addr_in_hosts(hosts, S("nobody"), 1, &a));
	}
}

/* The hosts file through a pipe that holds at most step bytes of it at a time. */
static bool found(str file, size_t step, str name, struct addr *a)
{
	int fd[2];
	bool result = false;

	if (pipe(fd)) {
		perror("pipe");
		return false;
	}
	pid_t writer = fork();
	if (!writer) {
		close(fd[0]);
		for (size_t at = 0; at < file.n; at += step) {
			ssize_t n = (ssize_t)(file.n - at < step ? file.n - at : step);
			if (write(fd[1], file.p + at, (size_t)n) != n)
				break;
		}
		_exit(0);
	}
	close(fd[1]);
	result = read_hosts(fd[0], name, 7, a);
	close(fd[0]);
	return result;
}

TEST(a_hosts_file_of_any_size_is_read_in_pieces)
{
	static char text[40000];
	size_t n = 0;
	struct addr a;

	for (unsigned i = 0; n < sizeof text - 100; i++)
		n += (size_t)snprintf(text + n, 64, "10.0.%u.%u host%u.example host%u\n", i / 256, i % 256, i, i);
	n += (size_t)snprintf(text + n, 64, "10.9.9.9 end");
	for (size_t step = 1; step < 10000; step = step * 3 + 1) {
		CHECK(found((str){ text, n }, step, S("host0"), &a) && is_v4(&a, "10.0.0.0", 7));
		CHECK(found((str){ text, n }, step, S("host700"), &a) && is_v4(&a, "10.0.2.188", 7));
		CHECK(found((str){ text, n }, step, S("end"), &a) && is_v4(&a, "10.9.9.9", 7));
		CHECK(!found((str){ text, n }, step, S("host9999"), &a));
	}
	CHECK(!found((str){ 0 }, 1, S("a"), &a));
}

TEST(a_line_that_is_too_long_is_passed_over_whole)
{
	static char text[3 * 4096 + 200];
	struct addr a;

	for (size_t length = 4000; length < 3 * 4096; length += 61) {
		memset(text, 'x', length);
		memcpy(text, "10.0.0.1 ", 9);
		memcpy(text + length - 6, " inside", 7); /* the name stands at the end of the long line */
		text[length] = 'e';
		size_t n = length + 1;
		n += (size_t)snprintf(text + n, 100, "\n10.0.0.2 after\n10.0.0.3 inside");
		CHECK(found((str){ text, n }, 5000, S("after"), &a) && is_v4(&a, "10.0.0.2", 7));
		CHECK(found((str){ text, n }, 5000, S("inside"), &a) && is_v4(&a, length < 4096 ? "10.0.0.1" : "10.0.0.3", 7));
		memcpy(text + length + 1, "\0", 1); /* and one that never ends */
		CHECK(length < 4096 || !found((str){ text, length }, 5000, S("inside"), &a));
	}
}

TEST(the_rest_of_a_line_that_is_too_long_is_no_line)
{
	static char text[40000];
	struct addr a;

	for (size_t n = 0; n + 16 <= sizeof text; n += 16)
		memcpy(text + n, n ? " 10.6.6.6 inside" : "#              .", 16);
	for (size_t n = 4096; n < sizeof text; n += 4001)
		CHECK(!found((str){ text, n }, 4096, S("inside"), &a));
}

TEST(localhost_is_loopback_whatever_the_file_says)
{
	struct addr a;

	CHECK(addr_resolve(S("localhost"), 9001, &a) == OK && is_v4(&a, "127.0.0.1", 9001));
	CHECK(addr_resolve(S("LOCALHOST"), 9001, &a) == OK && is_v4(&a, "127.0.0.1", 9001));
	CHECK(addr_resolve(S("10.1.2.3"), 9001, &a) == OK && is_v4(&a, "10.1.2.3", 9001));
	CHECK(addr_resolve(S("::1"), 9001, &a) == OK && is_v6(&a, "::1", 9001));
}

TEST(a_name_nobody_knows_is_an_error_of_its_own)
{
	struct addr a;

	CHECK(addr_resolve(S("no-such-host.invalid"), 80, &a) == ERR_HOST);
	CHECK(addr_resolve(S(""), 80, &a) == ERR_HOST);
	CHECK(addr_resolve((str){ 0 }, 80, &a) == ERR_HOST);
	CHECK(addr_resolve(S("127.0.0.1\0x"), 80, &a) == ERR_HOST);
}
