// SPDX-License-Identifier: MIT
#include "net/dns.h"

#include "base/clock.h"
#include "base/late.h"
#include "net/dns_conf.h"
#include "net/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define MS 1000000
#define SECOND 1000000000
#define CONF_MAX 4096
#define MESSAGE_MAX 4096 /* 250 addresses; a longer answer counts as none */
#define IPV6_DELAY_NS (50 * (int64_t)MS)
#define DAY 86400

static struct {
	char conf[CONF_MAX];
	unsigned char message[MESSAGE_MAX];
} room LATE;

/* ---- one name, asked of all servers ---- */

enum { AAAA, A, QUESTIONS };

struct asked {
	struct dns_question question;
	enum dns_verdict verdict; /* DNS_FOREIGN: none yet; DNS_REFUSED: by the server asked last */
	struct dns_answer answer;
};

/*
 * A socket is connected to its server, so that the kernel drops what others send, and has a port of its own that, with the id, a forger would
 * have to guess. It stays open to the end: the answer of a slow server counts while the next one is asked.
 */
struct lookup {
	const struct dns_conf *conf;
	struct asked asked[QUESTIONS];
	struct pollfd socket[DNS_SERVERS_MAX];
	int64_t until; /* the next server's turn */
};

static bool settled(const struct asked *a)
{
	return a->verdict > DNS_TRUNCATED;
}

static void open_socket(struct pollfd *s, const struct addr *server)
{
	s->fd = stream_socket(server->sa.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK);
	if (s->fd >= 0 && connect(s->fd, &server->sa.any, server->n)) {
		close(s->fd);
		s->fd = -1;
	}
}

static void set_open(struct lookup *l, enum dns_verdict v)
{
	for (int i = 0; i < QUESTIONS; i++)
		if (!settled(&l->asked[i]))
			l->asked[i].verdict = v;
}

/* That nobody listens may be told to the second send already, and then to nobody else. */
static void send_to(struct lookup *l, size_t server)
{
	struct pollfd *s = &l->socket[server];
	unsigned char query[DNS_QUERY_MAX];
	enum dns_verdict v = DNS_FOREIGN;

	if (s->fd < 0)
		open_socket(s, &l->conf->server[server]);
	for (int i = 0; i < QUESTIONS; i++) {
		const struct asked *a = &l->asked[i];

		if (!settled(a) && send(s->fd, query, dns_query_write(&a->question, query), MSG_NOSIGNAL) < 0)
			v = DNS_REFUSED;
	}
	set_open(l, v);
}

static bool read_all(struct stream *s, unsigned char *p, size_t n, int64_t deadline)
{
	size_t got;

	for (; n; p += got, n -= got)
		if (stream_read(s, p, n, deadline, &got) != OK || !got)
			return false;
	return true;
}

/* RFC 1035 4.2.2: a message has its length before it. */
static enum dns_verdict over_tcp(const struct lookup *l, size_t server, struct asked *a)
{
	unsigned char query[2 + DNS_QUERY_MAX], length[2];
	size_t n = dns_query_write(&a->question, query + 2);
	struct iovec iov = { query, 2 + n };
	enum dns_verdict verdict = DNS_REFUSED;
	struct stream s;

	query[0] = (unsigned char)(n >> 8);
	query[1] = (unsigned char)n;
	if (stream_connect(&s, &l->conf->server[server], l->until) != OK)
		return DNS_REFUSED;
	if (stream_write(&s, &iov, 1, l->until) == OK && read_all(&s, length, 2, l->until)) {
		n = (size_t)length[0] << 8 | length[1];
		if (n <= sizeof room.message && read_all(&s, room.message, n, l->until))
			verdict = dns_answer_read(room.message, n, &a->question, &a->answer);
	}
	stream_close(&s);
	return verdict > DNS_TRUNCATED ? verdict : DNS_REFUSED;
}

/* A refusal counts only when it is that server's turn: of another it says nothing new. */
static void judge(struct lookup *l, size_t server, size_t n, bool its_turn)
{
	for (int i = 0; i < QUESTIONS; i++) {
		struct asked *a = &l->asked[i];
		enum dns_verdict v = settled(a) ? DNS_FOREIGN : dns_answer_read(room.message, n, &a->question, &a->answer);

		if (v == DNS_TRUNCATED)
			v = over_tcp(l, server, a);
		if (v == DNS_FOREIGN)
			continue;
		if (v != DNS_REFUSED || its_turn)
			a->verdict = v;
		return;
	}
}

static void receive(struct lookup *l, size_t server, bool its_turn)
{
	ssize_t n = recv(l->socket[server].fd, room.message, sizeof room.message, MSG_DONTWAIT);

	if (n >= 0)
		judge(l, server, (size_t)n, its_turn);
	else if (errno != EAGAIN && errno != EINTR && its_turn)
		set_open(l, DNS_REFUSED); /* nobody is there */
}

static bool waiting(const struct lookup *l)
{
	return l->asked[A].verdict == DNS_FOREIGN || l->asked[AAAA].verdict == DNS_FOREIGN;
}

static void listen_to_all(struct lookup *l, size_t turn)
{
	bool had_ipv4 = false;

	while (waiting(l) && stream_wait(l->socket, DNS_SERVERS_MAX, l->until) == OK) {
		for (size_t i = 0; i < l->conf->servers; i++)
			if (l->socket[i].fd >= 0 && l->socket[i].revents)
				receive(l, i, i == turn);
		if (!had_ipv4 && l->asked[A].verdict == DNS_ADDRESSES) {
			int64_t end = clock_mono_ns() + IPV6_DELAY_NS;

			had_ipv4 = true;
			l->until = end < l->until ? end : l->until;
		}
	}
}

static void ask_in_turn(struct lookup *l, int64_t deadline)
{
	size_t turns = l->conf->servers * (size_t)l->conf->attempts;

	for (size_t i = 0; i < turns; i++) {
		int64_t now = clock_mono_ns(), share = (stream_bounded(deadline) - now) / (int64_t)(turns - i);

		if (share <= 0)
			return;
		l->until = now + (share < l->conf->timeout_ns ? share : l->conf->timeout_ns);
		send_to(l, i % l->conf->servers);
		listen_to_all(l, i % l->conf->servers);
		if (l->asked[A].verdict == DNS_ADDRESSES || (settled(&l->asked[A]) && settled(&l->asked[AAAA])))
			return;
	}
}

static enum err ask(const struct dns_conf *conf, const struct dns_name *name, int64_t deadline,
                    struct asked asked[QUESTIONS])
{
	struct lookup l = { .conf = conf };
	uint16_t id[QUESTIONS];

	if (getrandom(id, sizeof id, 0) != sizeof id)
		return ERR_SYSTEM;
	for (int i = 0; i < QUESTIONS; i++)
		l.asked[i].question = (struct dns_question){ id[i], i == A ? DNS_A : DNS_AAAA, *name };
	for (int i = 0; i < DNS_SERVERS_MAX; i++)
		l.socket[i] = (struct pollfd){ .fd = -1, .events = POLLIN };
	ask_in_turn(&l, deadline);
	for (int i = 0; i < DNS_SERVERS_MAX; i++)
		if (l.socket[i].fd >= 0)
			close(l.socket[i].fd);
	memcpy(asked, l.asked, sizeof l.asked);
	if (asked[A].verdict == DNS_ADDRESSES || asked[AAAA].verdict == DNS_ADDRESSES)
		return OK;
	return settled(&asked[A]) && settled(&asked[AAAA]) ? ERR_NAME : ERR_RESOLVER;
}

/* ---- the names that a host may have ---- */

struct host {
	const struct dns_conf *conf;
	str name;
	int64_t deadline;
	struct asked asked[QUESTIONS];
};

static enum err ask_below(struct host *h, str domain)
{
	struct dns_name name;

	if (!dns_name_make(h->name, domain, &name))
		return ERR_NAME;
	return ask(h->conf, &name, h->deadline, h->asked);
}

static enum err ask_search_list(struct host *h)
{
	str domains = h->conf->search, domain;
	enum err e = ERR_NAME;

	while (e == ERR_NAME && (domain = str_word(&domains)).n)
		e = ask_below(h, domain);
	return e;
}

static enum err ask_host(struct host *h)
{
	uint64_t dots = 0;
	enum err e = ERR_NAME;

	for (size_t i = 0; i < h->name.n; i++)
		dots += h->name.p[i] == '.';
	if (h->name.p[h->name.n - 1] == '.')
		return ask_below(h, S(""));
	if (dots < h->conf->ndots && (e = ask_search_list(h)) != ERR_NAME)
		return e;
	if ((e = ask_below(h, S(""))) != ERR_NAME || dots < h->conf->ndots)
		return e;
	return ask_search_list(h);
}

/* Names that no server knows (RFC 6761 6.3, 6.4). */
static bool reserved(str host)
{
	size_t at;

	if (host.p[host.n - 1] == '.')
		host.n--;
	for (at = host.n; at && host.p[at - 1] != '.'; at--)
		;
	host = (str){ host.p + at, host.n - at };
	return str_ieq(host, S("invalid")) || str_ieq(host, S("localhost"));
}

/* ---- what is remembered ---- */

/* CLOCK_MONOTONIC goes on while the sandbox is frozen, so what was remembered before is as old as it is. */
static struct memory {
	size_t n;
	char host[DNS_NAME_MAX];
	int64_t expires;
	struct dns_found found; /* without a port */
} memories[4] LATE;

#define MEMORIES (sizeof memories / sizeof *memories)

static struct memory *recall(str host)
{
	for (size_t i = 0; i < MEMORIES; i++)
		if (str_ieq((str){ memories[i].host, memories[i].n }, host))
			return &memories[i];
	return NULL;
}

/* In the place of the same host, else of what ends first. */
static void remember(str host, const struct dns_found *found, uint32_t ttl)
{
	struct memory *m = recall(host);

	if (!ttl || host.n > sizeof m->host)
		return;
	if (!m) {
		m = memories;
		for (size_t i = 1; i < MEMORIES; i++)
			if (memories[i].expires < m->expires)
				m = &memories[i];
	}
	m->n = host.n;
	memcpy(m->host, host.p, host.n);
	m->expires = clock_mono_ns() + (int64_t)(ttl < DAY ? ttl : DAY) * SECOND;
	m->found = *found;
}

void dns_forget(str host)
{
	struct memory *m = recall(host);

	if (m)
		m->expires = 0;
}

/* ---- all of it ---- */

static void add(struct dns_found *to, int question, const unsigned char *bytes)
{
	struct addr *a = &to->addr[to->n++];

	*a = (struct addr){ 0 };
	if (question == A) {
		a->n = sizeof a->sa.v4;
		a->sa.v4.sin_family = AF_INET;
		memcpy(&a->sa.v4.sin_addr, bytes, 4);
	} else {
		a->n = sizeof a->sa.v6;
		a->sa.v6.sin6_family = AF_INET6;
		memcpy(&a->sa.v6.sin6_addr, bytes, 16);
	}
}

/* Returns how many seconds it lives. */
static uint32_t gather(const struct asked asked[QUESTIONS], struct dns_found *out)
{
	uint32_t ttl = UINT32_MAX;

	out->n = 0;
	for (int i = 0; i < QUESTIONS; i++)
		if (asked[i].verdict == DNS_ADDRESSES && asked[i].answer.ttl < ttl)
			ttl = asked[i].answer.ttl;
	for (size_t k = 0; k < DNS_ADDRESSES_MAX; k++)
		for (int i = 0; i < QUESTIONS; i++)
			if (asked[i].verdict == DNS_ADDRESSES && k < asked[i].answer.count)
				add(out, i, asked[i].answer.address[k]);
	return ttl;
}

static void set_port(struct dns_found *found, uint16_t port)
{
	for (size_t i = 0; i < found->n; i++)
		if (found->addr[i].sa.any.sa_family == AF_INET)
			found->addr[i].sa.v4.sin_port = htons(port);
		else
			found->addr[i].sa.v6.sin6_port = htons(port);
}

static void read_conf(const struct dns *d, struct dns_conf *conf)
{
	char *text = room.conf;
	size_t cap = sizeof room.conf;
	int fd = open(d->conf, O_RDONLY | O_CLOEXEC);
	size_t n = 0;
	ssize_t got = 1;

	while (fd >= 0 && n < cap && ((got = read(fd, text + n, cap - n)) > 0 || (got < 0 && errno == EINTR)))
		n += got > 0 ? (size_t)got : 0;
	if (fd >= 0)
		close(fd);
	while (n == cap && cap && text[cap - 1] != '\n') /* the beginning of a line is no line */
		n = --cap;
	dns_conf_read((str){ text, n }, d->port, conf);
}

enum err dns_lookup(const struct dns *d, str host, uint16_t port, int64_t deadline, struct dns_found *out)
{
	struct memory *m = recall(host);
	struct dns_conf conf;
	struct host h = { .conf = &conf, .name = host, .deadline = deadline };
	struct dns_name name;
	enum err e;

	if (m && clock_mono_ns() < m->expires) {
		*out = m->found;
		set_port(out, port);
		return OK;
	}
	if (!dns_name_make(host, S(""), &name) || reserved(host))
		return ERR_HOST;
	read_conf(d, &conf);
	if ((e = ask_host(&h)) != OK)
		return e;
	remember(host, out, gather(h.asked, out));
	set_port(out, port);
	return OK;
}
