// SPDX-License-Identifier: MIT
#include "net/connect.h"

#include "base/clock.h"

#include "nameserver.h"
#include "peer.h"

#include <fcntl.h>

#define MS INT64_C(1000000)
#define LONG (20000 * MS)

/* A place that neither answers nor refuses: a listener whose queue is full. */
struct hole {
	struct addr addr;
	int fd[9];
};

static struct hole hole_open(void)
{
	struct hole h;
	enum err e = OK;

	h.fd[0] = peer_listen(AF_INET, &h.addr);
	listen(h.fd[0], 0);
	for (int i = 1; i < 9; i++) {
		struct stream s = { .fd = -1 };

		if (e == OK)
			e = stream_connect(&s, &h.addr, clock_mono_ns() + 100 * MS);
		h.fd[i] = s.fd;
	}
	CHECK(e == ERR_TIMEOUT);
	return h;
}

static void hole_close(struct hole *h)
{
	for (int i = 0; i < 9; i++)
		if (h->fd[i] >= 0)
			close(h->fd[i]);
}

static struct addr nobody(int family)
{
	struct addr a;

	close(peer_listen(family, &a));
	return a;
}

static bool connected_to(const struct stream *s, const struct addr *a)
{
	struct addr other = { .n = sizeof other.sa };

	return !getpeername(s->fd, &other.sa.any, &other.n) && other.n == a->n && !memcmp(&other.sa, &a->sa, a->n);
}

static int lowest_free(void)
{
	int fd = open("/dev/null", O_RDONLY);

	close(fd);
	return fd;
}

TEST(the_first_address_that_answers_is_it)
{
	int fd = lowest_free();

	for (int family = 0; family < 2; family++) {
		struct addr first, second;
		int one = peer_listen(family ? AF_INET6 : AF_INET, &first), two = peer_listen(AF_INET, &second);
		struct stream s = { .fd = -1 };

		CHECK(connect_any(&s, (struct addr[]){ first, second }, 2, clock_mono_ns() + LONG) == OK);
		CHECK(connected_to(&s, &first) && (fcntl(s.fd, F_GETFL) & O_NONBLOCK) && (fcntl(s.fd, F_GETFD) & FD_CLOEXEC));
		stream_close(&s);
		close(one);
		close(two);
	}
	CHECK(lowest_free() == fd);
}

TEST(an_address_that_refuses_gives_way_at_once)
{
	struct addr to[DNS_FOUND_MAX];
	int64_t began = clock_mono_ns();
	int fd = lowest_free(), listener;
	struct stream s = { .fd = -1 };

	for (int i = 0; i < DNS_FOUND_MAX; i++)
		to[i] = nobody(i % 2 ? AF_INET : AF_INET6);
	CHECK(connect_any(&s, to, DNS_FOUND_MAX, clock_mono_ns() + LONG) == ERR_CONNECT && s.fd == -1);
	listener = peer_listen(AF_INET, &to[DNS_FOUND_MAX - 1]);
	CHECK(connect_any(&s, to, DNS_FOUND_MAX, clock_mono_ns() + LONG) == OK && connected_to(&s, &to[DNS_FOUND_MAX - 1]));
	CHECK(clock_mono_ns() - began < 200 * MS); /* nobody waited for the next one's turn */
	stream_close(&s);
	close(listener);
	CHECK(lowest_free() == fd);
}

TEST(an_address_that_says_nothing_is_overtaken_after_250_ms)
{
	struct hole h = hole_open();
	struct addr good;
	int fd, listener = peer_listen(AF_INET6, &good);
	int64_t began = clock_mono_ns(), took;
	struct stream s = { .fd = -1 };

	fd = lowest_free();
	CHECK(connect_any(&s, (struct addr[]){ h.addr, good, good }, 3, began + LONG) == OK && connected_to(&s, &good));
	took = clock_mono_ns() - began;
	CHECK(took >= 250 * MS && took < 900 * MS); /* a second of the kernel's before it tries again */
	stream_close(&s);
	/* One that refuses meanwhile costs no more time. */
	began = clock_mono_ns();
	CHECK(connect_any(&s, (struct addr[]){ h.addr, nobody(AF_INET), good }, 3, began + LONG) == OK);
	CHECK(clock_mono_ns() - began < 450 * MS && connected_to(&s, &good));
	stream_close(&s);
	CHECK(lowest_free() == fd);
	close(listener);
	hole_close(&h);
}

TEST(the_deadline_holds_for_all_of_them_together)
{
	struct hole h = hole_open();
	int fd = lowest_free();
	int64_t began = clock_mono_ns(), took;
	struct stream s = { .fd = -1 };

	CHECK(connect_any(&s, (struct addr[]){ h.addr, h.addr, h.addr }, 3, began + 300 * MS) == ERR_TIMEOUT && s.fd == -1);
	took = clock_mono_ns() - began;
	CHECK(took >= 300 * MS && took < 2000 * MS && lowest_free() == fd);
	CHECK(connect_any(&s, &h.addr, 1, began) == ERR_TIMEOUT && s.fd == -1);
	/* One refuses while the other is still silent: the silence counts. */
	CHECK(connect_any(&s, (struct addr[]){ h.addr, nobody(AF_INET) }, 2, clock_mono_ns() + 300 * MS) == ERR_TIMEOUT);
	CHECK(lowest_free() == fd);
	hole_close(&h);
}

/* ---- by name ---- */

static struct dns resolver(struct nameserver *server, const struct rule *rules, char path[])
{
	int fd = mkstemp(path);

	CHECK(fd >= 0 && write(fd, "nameserver 127.0.0.1\n", 21) == 21);
	close(fd);
	*server = nameserver_start(rules);
	return (struct dns){ path, server->port };
}

TEST(a_host_is_connected_to_by_literal_localhost_and_dns)
{
	static const struct rule rules[] = {
		{ .type = DNS_A, .name = "up.connect.test", .does = ANSWERS, .addresses = "\177\0\0\1", .count = 1, .ttl = 60 },
		{ .type = DNS_AAAA,
		  .name = "up.connect.test",
		  .does = ANSWERS,
		  .addresses = "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1",
		  .count = 1,
		  .ttl = 60 },
		{ 0 }
	};
	char path[] = "/tmp/mote-connect-XXXXXX";
	struct nameserver server;
	struct dns d = resolver(&server, rules, path);
	struct addr v4;
	int listener = peer_listen(AF_INET, &v4); /* nobody at ::1, which comes first */
	uint16_t port = ntohs(v4.sa.v4.sin_port);
	static const char *const hosts[] = { "127.0.0.1", "localhost", "up.connect.test", "UP.connect.test" };
	struct stream s = { .fd = -1 };

	for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
		CHECK(connect_host(&s, &d, str_of(hosts[i]), port, clock_mono_ns() + LONG) == OK && connected_to(&s, &v4));
		stream_close(&s);
		CHECK(server.asked->udp[0] == (i < 2 ? 0 : 2));
	}
	CHECK(connect_host(&s, &d, S("none.connect.test"), port, clock_mono_ns() + LONG) == ERR_NAME && s.fd == -1);
	CHECK(connect_host(&s, &d, S("none.invalid"), port, clock_mono_ns() + LONG) == ERR_HOST && s.fd == -1);
	close(listener);
	nameserver_stop(&server);
	unlink(path);
}

TEST(addresses_where_nobody_is_are_asked_for_again)
{
	static const struct rule rules[] = { { .type = DNS_A,
		                                   .name = "down.connect.test",
		                                   .does = ANSWERS,
		                                   .addresses = "\177\0\0\1",
		                                   .count = 1,
		                                   .ttl = 60 },
		                                 { 0 } };
	char path[] = "/tmp/mote-connect-XXXXXX";
	struct nameserver server;
	struct dns d = resolver(&server, rules, path);
	struct addr v4 = nobody(AF_INET);
	uint16_t port = ntohs(v4.sa.v4.sin_port);
	struct stream s = { .fd = -1 };

	for (unsigned i = 1; i < 4; i++) {
		CHECK(connect_host(&s, &d, S("down.connect.test"), port, clock_mono_ns() + LONG) == ERR_CONNECT && s.fd == -1);
		CHECK(server.asked->udp[0] == 2 * i);
	}
	nameserver_stop(&server);
	unlink(path);
}
