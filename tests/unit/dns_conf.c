// SPDX-License-Identifier: MIT
#include "net/dns_conf.h"

#include "test.h"

#include <arpa/inet.h>
#include <string.h>

#define SECOND INT64_C(1000000000)

static struct dns_conf c;

static void read_it(const char *text)
{
	dns_conf_read((str){ test_guarded(text, strlen(text)), strlen(text) }, 53, &c);
}

static bool is_server(size_t i, const char *text)
{
	const struct addr *a = &c.server[i];
	bool v4 = a->sa.any.sa_family == AF_INET;
	char room[INET6_ADDRSTRLEN];

	return i < c.servers && (v4 ? a->sa.v4.sin_port : a->sa.v6.sin6_port) == htons(53) &&
	       inet_ntop(a->sa.any.sa_family, v4 ? (const void *)&a->sa.v4.sin_addr : (const void *)&a->sa.v6.sin6_addr,
	                 room, sizeof room) &&
	       !strcmp(room, text);
}

TEST(an_empty_resolv_conf_is_the_defaults)
{
	static const char *const t[] = {
		"",
		"\n",
		"# nameserver 10.0.0.1\n; nameserver 10.0.0.2",
		"nameserver\nsearch\noptions",
		"nameservers 10.0.0.1\n",
		"nameserver 10.0.0.1.2\nnameserver fe80::1%lo\n",
		"options ndots: ndots:x ndots:-1 timeout:0 attempts:0 timeout:99999999999 rotate edns0"
	};

	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		read_it(t[i]);
		CHECK(c.servers == 1 && is_server(0, "127.0.0.1"));
		CHECK(c.ndots == 1 && c.attempts == 2 && c.timeout_ns == 5 * SECOND && !c.search.n);
	}
}

TEST(three_servers_of_both_families_are_kept_and_no_more)
{
	read_it("nameserver 10.0.0.1\n\tnameserver\tfd00:ec2::253 \r\nnameserver wrong\nnameserver 10.0.0.3 # third\n"
	        "nameserver 10.0.0.4\n");
	CHECK(c.servers == 3 && is_server(0, "10.0.0.1") && is_server(1, "fd00:ec2::253") && is_server(2, "10.0.0.3"));
}

TEST(the_last_search_or_domain_line_wins)
{
	str rest;

	read_it("domain one.test two.test\nsearch a.test\t b.test \r\n");
	rest = c.search;
	CHECK(str_eq(str_word(&rest), S("a.test")) && str_eq(str_word(&rest), S("b.test")) && !str_word(&rest).n);
	read_it("search a.test b.test\ndomain one.test two.test");
	rest = c.search;
	CHECK(str_eq(str_word(&rest), S("one.test")) && !str_word(&rest).n);
}

TEST(options_are_cut_down_to_what_is_allowed)
{
	read_it("options ndots:5 timeout:2\noptions attempts:3\n");
	CHECK(c.ndots == 5 && c.timeout_ns == 2 * SECOND && c.attempts == 3);
	read_it("options ndots:0");
	CHECK(c.ndots == 0);
	read_it("options ndots:16 timeout:31 attempts:6");
	CHECK(c.ndots == 15 && c.timeout_ns == 30 * SECOND && c.attempts == 5);
}

TEST(every_beginning_of_a_resolv_conf_is_read_without_looking_behind_it)
{
	static const char text[] = "nameserver 10.0.0.1\r\nsearch a b\noptions ndots:2 timeout:1\nnameserver ::1";

	for (size_t n = 0; n < sizeof text; n++) {
		dns_conf_read((str){ test_guarded(text, n), n }, 53, &c);
		CHECK(c.servers == (n >= sizeof text - 2 ? 2 : 1)); /* "::" is an address too */
		CHECK(is_server(0, "10.0.0.1") == (n >= 19));
	}
}
