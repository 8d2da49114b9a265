// SPDX-License-Identifier: MIT
/* The file itself: what is remembered is cleared between tests. */
#include "net/dns.c"

#include "nameserver.h"

#define LONG (20000 * (int64_t)MS)
#define ONE "\12\0\0\1"
#define TWO "\12\0\0\2"
#define SIX "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\6"
#define SEVEN "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\7"
#define V4(name_) { .type = DNS_A, .name = name_, .does = ANSWERS, .addresses = ONE, .count = 1, .ttl = 60 }
#define V6(name_) { .type = DNS_AAAA, .name = name_, .does = ANSWERS, .addresses = SIX, .count = 1, .ttl = 60 }
#define NO_V6(name_) { .type = DNS_AAAA, .name = name_, .does = ANSWERS }

static char conf_path[] = "/tmp/mote-dns-XXXXXX";
static struct nameserver server;
static struct dns_found found;

static struct dns start(const struct rule *rules, const char *conf)
{
	int fd;

	memset(memories, 0, sizeof memories);
	memcpy(conf_path + sizeof conf_path - 7, "XXXXXX", 6);
	fd = mkstemp(conf_path);
	CHECK(fd >= 0 && write(fd, conf, strlen(conf)) == (ssize_t)strlen(conf));
	close(fd);
	server = nameserver_start(rules);
	return (struct dns){ conf_path, server.port };
}

static void stop(void)
{
	nameserver_stop(&server);
	unlink(conf_path);
}

static enum err look_up(const struct dns *d, const char *host, int64_t within)
{
	found.n = 77;
	return dns_lookup(d, str_of(host), 4318, clock_mono_ns() + within, &found);
}

static bool is(size_t i, const char *bytes, size_t n)
{
	const struct addr *a = &found.addr[i];

	return i < found.n && (n == 4 ? a->n == sizeof a->sa.v4 && a->sa.v4.sin_family == AF_INET &&
	                                    a->sa.v4.sin_port == htons(4318) && !memcmp(&a->sa.v4.sin_addr, bytes, 4)
	                              : a->n == sizeof a->sa.v6 && a->sa.v6.sin6_family == AF_INET6 &&
	                                    a->sa.v6.sin6_port == htons(4318) && !memcmp(&a->sa.v6.sin6_addr, bytes, 16));
}

static unsigned asked_udp(int n)
{
	return server.asked->udp[n - 1];
}

static unsigned asked_tcp(int n)
{
	return server.asked->tcp[n - 1];
}

/* ---- what is found ---- */

TEST(both_families_are_asked_for_and_alternate)
{
	static const struct rule rules[] = {
		{ .type = DNS_A, .name = "host.test", .does = ANSWERS, .addresses = ONE TWO, .count = 2, .ttl = 60 },
		{ .type = DNS_AAAA, .name = "host.test", .does = ANSWERS, .addresses = SIX SEVEN, .count = 2, .ttl = 60 },
		{ 0 }
	};
	static const char *const confs[] = { "nameserver 127.0.0.1\n", "", "nameserver ::1", "nameserver nonsense\n" };

	for (size_t i = 0; i < sizeof confs / sizeof *confs; i++) {
		struct dns d = start(rules, confs[i]);

		CHECK(look_up(&d, "Host.test", LONG) == OK && found.n == 4);
		CHECK(is(0, SIX, 16) && is(1, ONE, 4) && is(2, SEVEN, 16) && is(3, TWO, 4));
		CHECK(asked_udp(i == 2 ? 4 : 1) == 2 && !asked_tcp(1));
		stop();
	}
}

TEST(without_a_resolv_conf_the_machine_itself_is_asked)
{
	static const struct rule rules[] = { V4("host.test"), NO_V6("host.test"), { 0 } };
	struct dns d = start(rules, "nameserver 127.0.0.2\n");

	unlink(conf_path);
	CHECK(look_up(&d, "host.test", LONG) == OK && found.n == 1 && is(0, ONE, 4) && asked_udp(1) == 2);
	stop();
}

TEST(one_family_is_enough)
{
	static const struct rule rules[] = {
		V4("four.test"), NO_V6("four.test"), V6("six.test"), { .name = "six.test", .does = ANSWERS }, { 0 }
	};
	struct dns d = start(rules, "nameserver 127.0.0.1\n");

	CHECK(look_up(&d, "four.test", LONG) == OK && found.n == 1 && is(0, ONE, 4));
	CHECK(look_up(&d, "six.test", LONG) == OK && found.n == 1 && is(0, SIX, 16));
	stop();
}

TEST(an_ipv6_answer_that_does_not_come_is_waited_for_briefly)
{
	static const struct rule rules[] = { V4("host.test"),
		                                 { .type = DNS_AAAA, .name = "host.test", .does = SAYS_NOTHING },
		                                 { 0 } };
	struct dns d = start(rules, "nameserver 127.0.0.1\nnameserver 127.0.0.2\n");
	int64_t began = clock_mono_ns(), took;

	CHECK(look_up(&d, "host.test", LONG) == OK && found.n == 1 && is(0, ONE, 4));
	took = clock_mono_ns() - began;
	CHECK(took >= IPV6_DELAY_NS && took < 2000 * (int64_t)MS && !asked_udp(2));
	stop();
}

TEST(an_alias_leads_to_its_address)
{
	static const struct rule rules[] = {
		{ .type = DNS_A, .name = "host.test", .does = ALIASES, .addresses = ONE, .count = 1, .ttl = 60 },
		{ .type = DNS_AAAA, .name = "host.test", .does = ALIASES },
		{ 0 }
	};
	struct dns d = start(rules, "nameserver 127.0.0.1\n");

	CHECK(look_up(&d, "host.test", LONG) == OK && found.n == 1 && is(0, ONE, 4));
	stop();
}

/* ---- what is not ---- */

TEST(a_name_that_does_not_exist_or_has_no_address_is_told_from_a_server_that_fails)
{
	static const struct rule rules[] = { { .name = "empty.test", .does = ANSWERS },
		                                 { .name = "broken.test", .does = FAILS },
		                                 { .name = "garbled.test", .does = GARBLES },
		                                 { .type = DNS_A, .name = "half.test", .does = FAILS },
		                                 { 0 } };
	struct dns d = start(rules, "nameserver 127.0.0.1\nnameserver 127.0.0.2\n");
	int64_t began = clock_mono_ns();

	CHECK(look_up(&d, "none.test", LONG) == ERR_NAME && asked_udp(1) == 2 && !asked_udp(2));
	CHECK(look_up(&d, "empty.test", LONG) == ERR_NAME && asked_udp(1) == 4 && !asked_udp(2));
	CHECK(look_up(&d, "broken.test", LONG) == ERR_RESOLVER && asked_udp(1) == 8 && asked_udp(2) == 4);
	CHECK(look_up(&d, "garbled.test", LONG) == ERR_RESOLVER);
	CHECK(look_up(&d, "half.test", LONG) == ERR_RESOLVER);
	CHECK(clock_mono_ns() - began < LONG / 4); /* all of that without waiting */
	stop();
}

TEST(names_that_dns_cannot_have_are_not_asked_for)
{
	static const struct rule rules[] = { { 0 } };
	static const char *const t[] = {
		"", ".", "a..b", "invalid", "no.such.INVALID", "no.invalid.", "my.localhost", "localhost."
	};
	struct dns d = start(rules, "nameserver 127.0.0.1\n");

	for (size_t i = 0; i < sizeof t / sizeof *t; i++)
		CHECK(look_up(&d, t[i], LONG) == ERR_HOST);
	CHECK(look_up(&d, "valid", LONG) == ERR_NAME && asked_udp(1) == 2);
	stop();
}

TEST(the_deadline_is_kept_whatever_the_servers_do)
{
	static const struct rule rules[] = { { .name = "silent.test", .does = SAYS_NOTHING },
		                                 { .name = "lies.test", .does = ONLY_LIES, .addresses = SIX, .count = 1 },
		                                 { .name = "tcp.test", .does = TCP_SILENT },
		                                 { 0 } };
	static const char *const t[] = { "silent.test", "lies.test", "tcp.test" };

	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct dns d = start(rules, "nameserver 127.0.0.1\nnameserver 127.0.0.2\nnameserver 127.0.0.3\n");
		int64_t began = clock_mono_ns(), took;

		CHECK(look_up(&d, t[i], 120 * (int64_t)MS) == ERR_RESOLVER);
		took = clock_mono_ns() - began;
		CHECK(took >= 110 * (int64_t)MS && took < 2000 * (int64_t)MS);
		CHECK(look_up(&d, t[i], -1) == ERR_RESOLVER && look_up(&d, t[i], 0) == ERR_RESOLVER);
		stop();
	}
}

TEST(without_a_deadline_the_timeouts_of_resolv_conf_bound_it)
{
	static const struct rule rules[] = { { .name = "silent.test", .does = SAYS_NOTHING }, { 0 } };
	struct dns d = start(rules, "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n");
	int64_t began = clock_mono_ns(), took;

	CHECK(dns_lookup(&d, S("silent.test"), 1, STREAM_FOREVER, &found) == ERR_RESOLVER);
	took = clock_mono_ns() - began;
	CHECK(took >= SECOND && took < 5 * (int64_t)SECOND && asked_udp(1) == 2);
	stop();
}

TEST(where_no_server_listens_nobody_waits)
{
	static const struct rule rules[] = { { 0 } };
	struct dns d = start(rules, "nameserver 127.0.0.1\nnameserver ::1\n");
	int64_t began = clock_mono_ns();

	nameserver_stop(&server);
	CHECK(look_up(&d, "host.test", LONG) == ERR_RESOLVER && clock_mono_ns() - began < LONG / 4);
	unlink(conf_path);
}

/* ---- several servers ---- */

TEST(the_next_server_is_asked_when_one_is_silent_fails_or_garbles)
{
	static const struct rule rules[] = { { .server = 1, .name = "silent.test", .does = SAYS_NOTHING },
		                                 { .server = 1, .name = "fails.test", .does = FAILS },
		                                 { .server = 1, .name = "garbles.test", .does = GARBLES },
		                                 { .server = 1, .name = "lies.test", .does = ONLY_LIES },
		                                 { .server = 1, .name = "cuts.test", .does = TCP_CUTS },
		                                 V4("silent.test"),
		                                 NO_V6("silent.test"),
		                                 V4("fails.test"),
		                                 NO_V6("fails.test"),
		                                 V4("garbles.test"),
		                                 NO_V6("garbles.test"),
		                                 V4("lies.test"),
		                                 NO_V6("lies.test"),
		                                 V4("cuts.test"),
		                                 NO_V6("cuts.test"),
		                                 { 0 } };
	static const char *const t[] = { "silent.test", "fails.test", "garbles.test", "lies.test", "cuts.test" };

	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct dns d = start(rules, "nameserver 127.0.0.1\nnameserver 127.0.0.2\n");

		CHECK(look_up(&d, t[i], 1000 * (int64_t)MS) == OK && found.n == 1 && is(0, ONE, 4));
		CHECK(asked_udp(1) == 2 && asked_udp(2) == 2);
		stop();
	}
}

TEST(a_slow_server_is_still_listened_to_while_the_next_one_is_asked)
{
	static const struct rule rules[] = { { .server = 1,
		                                   .type = DNS_A,
		                                   .name = "slow.test",
		                                   .does = ANSWERS,
		                                   .addresses = ONE,
		                                   .count = 1,
		                                   .ttl = 9,
		                                   .delay_ms = 400 },
		                                 { .server = 1, .name = "slow.test", .does = ANSWERS, .delay_ms = 400 },
		                                 { .server = 2, .name = "slow.test", .does = SAYS_NOTHING },
		                                 { 0 } };
	struct dns d = start(rules, "nameserver 127.0.0.1\nnameserver 127.0.0.2\noptions attempts:1\n");

	CHECK(look_up(&d, "slow.test", 600 * (int64_t)MS) == OK && is(0, ONE, 4) && asked_udp(2) == 2);
	stop();
}

TEST(a_late_refusal_of_one_server_is_not_that_of_the_next)
{
	static const struct rule rules[] = { { .server = 1, .name = "slow.test", .does = FAILS, .delay_ms = 350 },
		                                 { .type = DNS_A,
		                                   .name = "slow.test",
		                                   .does = ANSWERS,
		                                   .addresses = ONE,
		                                   .count = 1,
		                                   .ttl = 9,
		                                   .delay_ms = 150 },
		                                 { .name = "slow.test", .does = ANSWERS, .delay_ms = 150 },
		                                 { 0 } };
	struct dns d = start(rules, "nameserver 127.0.0.1\nnameserver 127.0.0.2\noptions attempts:1\n");

	CHECK(look_up(&d, "slow.test", 600 * (int64_t)MS) == OK && is(0, ONE, 4));
	stop();
}

TEST(a_lost_datagram_is_asked_for_again)
{
	static const struct rule rules[] = {
		{ .type = DNS_A, .name = "host.test", .does = ANSWERS, .addresses = ONE, .count = 1, .ttl = 9 },
		{ .type = DNS_AAAA, .name = "host.test", .does = ANSWERS },
		{ 0 }
	};
	struct dns d = start(rules, "nameserver 127.0.0.1\n");

	kill(server.pid, SIGSTOP);
	pid_t waker = fork();
	if (!waker) {
		usleep(300000);
		kill(server.pid, SIGCONT);
		_exit(0);
	}
	CHECK(look_up(&d, "host.test", 400 * (int64_t)MS) == OK && is(0, ONE, 4) && asked_udp(1) >= 2);
	waitpid(waker, NULL, 0);
	stop();
}

/* ---- lies ---- */

TEST(a_forged_answer_is_passed_over_and_the_right_one_is_waited_for)
{
	static const struct rule rules[] = {
		{ .type = DNS_A, .name = "host.test", .does = LIES, .addresses = ONE, .count = 1, .ttl = 60 },
		{ .type = DNS_AAAA, .name = "host.test", .does = LIES, .addresses = SIX, .count = 1, .ttl = 60 },
		{ 0 }
	};
	struct dns d = start(rules, "nameserver 127.0.0.1\n");

	CHECK(look_up(&d, "host.test", LONG) == OK && found.n == 2 && is(0, SIX, 16) && is(1, ONE, 4) && asked_udp(1) == 2);
	stop();
}

/* ---- TCP ---- */

TEST(a_truncated_answer_is_asked_for_again_over_tcp)
{
	static const struct rule rules[] = {
		{ .type = DNS_A, .name = "host.test", .does = TRUNCATES, .addresses = ONE TWO, .count = 2, .ttl = 60 },
		NO_V6("host.test"),
		{ .server = 1, .name = "closes.test", .does = TCP_CLOSES },
		{ .server = 1, .name = "huge.test", .does = TCP_HUGE },
		{ .server = 1, .name = "again.test", .does = TRUNCATES_ONLY },
		V4("closes.test"),
		V4("huge.test"),
		V4("again.test"),
		{ 0 }
	};
	struct dns d = start(rules, "nameserver 127.0.0.1\nnameserver 127.0.0.2\n");

	CHECK(look_up(&d, "host.test", LONG) == OK && found.n == 2 && is(0, ONE, 4) && is(1, TWO, 4));
	CHECK(asked_udp(1) == 2 && asked_tcp(1) == 1 && !asked_udp(2) && !asked_tcp(2));
	CHECK(look_up(&d, "closes.test", LONG) == OK && is(0, ONE, 4) && asked_tcp(1) == 3 && asked_udp(2) == 2);
	CHECK(look_up(&d, "huge.test", LONG) == OK && is(0, ONE, 4) && asked_tcp(1) == 5);
	CHECK(look_up(&d, "again.test", LONG) == OK && is(0, ONE, 4) && asked_tcp(1) == 7 && !asked_tcp(2));
	stop();
}

/* ---- the search list ---- */

TEST(the_search_list_comes_before_or_behind_the_name_as_its_dots_say)
{
	static const char conf[] = "nameserver 127.0.0.1\nsearch one.test two.test\n";
	static const struct rule rules[] = {
		V4("host.two.test"),
		NO_V6("host.two.test"),
		{ .type = DNS_A, .name = "host", .does = ANSWERS, .addresses = TWO, .count = 1 },
		NO_V6("host"),
		V4("a.b.one.test"),
		NO_V6("a.b.one.test"),
		V4("plain"),
		NO_V6("plain"),
		{ .name = "fails.one.test", .does = FAILS },
		V4("fails.two.test"),
		{ 0 }
	};
	struct dns d = start(rules, conf);

	CHECK(look_up(&d, "host", LONG) == OK && is(0, ONE, 4) && asked_udp(1) == 4); /* one.test, two.test */
	CHECK(look_up(&d, "host.", LONG) == OK && is(0, TWO, 4) && asked_udp(1) == 6);
	CHECK(look_up(&d, "a.b", LONG) == OK && is(0, ONE, 4) && asked_udp(1) == 10); /* as it stands, one.test */
	CHECK(look_up(&d, "plain", LONG) == OK && asked_udp(1) == 16);
	CHECK(look_up(&d, "a.b.", LONG) == ERR_NAME && asked_udp(1) == 18);
	CHECK(look_up(&d, "fails", LONG) == ERR_RESOLVER); /* who knows what one.test would have said */
	CHECK(look_up(&d, "no", LONG) == ERR_NAME);
	stop();
}

/* ---- what is remembered ---- */

TEST(an_address_is_remembered_while_it_lives_and_no_longer)
{
	static const struct rule rules[] = { V4("host.test"), NO_V6("host.test"), { 0 } };
	struct dns d = start(rules, "nameserver 127.0.0.1\n");
	struct memory *m;

	CHECK(look_up(&d, "host.test", LONG) == OK && asked_udp(1) == 2);
	CHECK(look_up(&d, "HOST.test", -1) == OK && is(0, ONE, 4) && asked_udp(1) == 2);
	CHECK(dns_lookup(&d, S("host.test"), 1, -1, &found) == OK && found.addr[0].sa.v4.sin_port == htons(1));
	CHECK(look_up(&d, "host.test.", LONG) == OK && asked_udp(1) == 4); /* with a search list it may be another one */
	m = recall(S("host.test"));
	CHECK(m && m->expires - clock_mono_ns() > 30 * (int64_t)SECOND &&
	      m->expires - clock_mono_ns() <= 60 * (int64_t)SECOND);
	m->expires = clock_mono_ns(); /* as after a freeze of a minute */
	CHECK(look_up(&d, "host.test", LONG) == OK && asked_udp(1) == 6 && recall(S("host.test")) == m);
	dns_forget(S("host.test"));
	dns_forget(S("never.test"));
	CHECK(look_up(&d, "host.test", LONG) == OK && asked_udp(1) == 8);
	stop();
}

TEST(the_shortest_life_counts_zero_is_not_remembered_and_a_day_is_the_longest)
{
	static const struct rule rules[] = {
		{ .type = DNS_A, .name = "zero.test", .does = ANSWERS, .addresses = ONE, .count = 1, .ttl = 0 },
		V6("zero.test"),
		{ .type = DNS_A, .name = "short.test", .does = ANSWERS, .addresses = ONE, .count = 1, .ttl = 5 },
		V6("short.test"),
		{ .type = DNS_A, .name = "long.test", .does = ANSWERS, .addresses = ONE, .count = 1, .ttl = INT32_MAX },
		NO_V6("long.test"),
		{ 0 }
	};
	struct dns d = start(rules, "nameserver 127.0.0.1\n");

	CHECK(look_up(&d, "zero.test", LONG) == OK && found.n == 2 && !recall(S("zero.test")));
	CHECK(look_up(&d, "zero.test", LONG) == OK && asked_udp(1) == 4);
	CHECK(look_up(&d, "short.test", LONG) == OK);
	CHECK(recall(S("short.test"))->expires - clock_mono_ns() <= 5 * (int64_t)SECOND);
	CHECK(look_up(&d, "long.test", LONG) == OK);
	CHECK(recall(S("long.test"))->expires - clock_mono_ns() <= DAY * (int64_t)SECOND);
	stop();
}

TEST(of_more_names_than_fit_the_one_that_ends_first_gives_way)
{
	static const uint32_t lives[] = { 50, 20, 90, 60, 70, 80 };
	struct rule rules[7] = { 0 };
	char names[6][16];
	struct dns d;

	for (size_t i = 0; i < 6; i++) {
		snprintf(names[i], sizeof names[i], "h%zu.test", i);
		rules[i] = (struct rule){
			.type = DNS_A, .name = names[i], .does = ANSWERS, .addresses = ONE, .count = 1, .ttl = lives[i]
		};
	}
	d = start(rules, "nameserver 127.0.0.1\n");
	for (size_t i = 0; i < 6; i++)
		CHECK(look_up(&d, names[i], LONG) == OK);
	for (size_t i = 0; i < 6; i++)
		CHECK(!recall(str_of(names[i])) == (lives[i] == 20 || lives[i] == 50));
	stop();
}

TEST(nothing_that_failed_is_remembered)
{
	static const struct rule rules[] = { { .name = "broken.test", .does = FAILS }, { 0 } };
	struct dns d = start(rules, "nameserver 127.0.0.1\n");

	for (unsigned i = 1; i < 4; i++)
		CHECK(look_up(&d, "none.test", LONG) == ERR_NAME && asked_udp(1) == 2 * i);
	CHECK(look_up(&d, "broken.test", LONG) == ERR_RESOLVER && asked_udp(1) == 10);
	CHECK(look_up(&d, "broken.test", LONG) == ERR_RESOLVER && asked_udp(1) == 14);
	stop();
}

TEST(a_lookup_leaks_no_descriptor)
{
	static const struct rule rules[] = {
		V4("host.test"), { .name = "broken.test", .does = FAILS }, { .name = "tcp.test", .does = TCP_CUTS }, { 0 }
	};
	struct dns d = start(rules, "nameserver 127.0.0.1\nnameserver ::1\n");
	int before = open("/dev/null", O_RDONLY), after;

	close(before);
	look_up(&d, "host.test", LONG);
	look_up(&d, "none.test", LONG);
	look_up(&d, "broken.test", LONG);
	look_up(&d, "tcp.test", LONG);
	after = open("/dev/null", O_RDONLY);
	CHECK(before == after);
	close(after);
	stop();
}

/* ---- resolv.conf ---- */

TEST(of_a_long_resolv_conf_the_whole_lines_that_fit_are_read)
{
	static const struct rule rules[] = { V4("host.test"), NO_V6("host.test"), { 0 } };
	static char conf[CONF_MAX + 100];

	for (size_t shift = 0; shift < 24;
	     shift++) { /* 127.0.0.2 stands across the end, and must not be cut to 127.0.0. or so */
		struct dns d;

		memset(conf, '#', sizeof conf - 1);
		memcpy(conf + CONF_MAX - shift, "\nnameserver 127.0.0.2\n", 22);
		d = start(rules, conf);
		CHECK(look_up(&d, "host.test", LONG) == OK && is(0, ONE, 4));
		CHECK(asked_udp(shift < 22 ? 1 : 2) == 2);
		stop();
	}
}
