// SPDX-License-Identifier: MIT
#include "net/connect.h"

#include "base/clock.h"

#define STAGGER_NS (250 * (int64_t)1000000) /* RFC 8305 section 5: the recommended delay */

struct race {
	struct pollfd socket[DNS_FOUND_MAX]; /* of each address; fd -1: not tried yet, or failed */
	size_t tried, running;
	int64_t next; /* when the next one is tried */
	enum err failed;
};

/* One starts. True: it is connected already. */
static bool start_next(struct race *r, const struct addr *to)
{
	struct stream s;
	enum err e = stream_begin(&s, to, false);

	r->socket[r->tried++].fd = s.fd;
	if (e == ERR_TIMEOUT) {
		r->running++;
		r->next = clock_mono_ns() + STAGGER_NS;
	} else if (e != OK) {
		r->failed = e; /* and the next one need not wait */
	}
	return e == OK;
}

/* The one that is connected, or else tried; those that failed are out, and the next one need not wait any more. */
static size_t look(struct race *r)
{
	for (size_t i = 0; i < r->tried; i++) {
		struct stream s = { .fd = r->socket[i].fd };
		enum err e;

		if (s.fd < 0 || !r->socket[i].revents)
			continue;
		if ((e = stream_settle(&s)) == OK)
			return i;
		stream_close(&s);
		r->socket[i].fd = -1;
		r->running--;
		r->next = 0;
		r->failed = e;
	}
	return r->tried;
}

/* Which of them it is; n when none. */
static size_t run(struct race *r, const struct addr *to, size_t n, int64_t deadline)
{
	for (;;) {
		int64_t now = clock_mono_ns(), end = stream_bounded(deadline), until = end;
		size_t winner;

		if (now >= end) {
			r->failed = ERR_TIMEOUT;
			return n;
		}
		if (r->tried < n && (!r->running || now >= r->next)) {
			if (start_next(r, &to[r->tried]))
				return r->tried - 1;
			continue;
		}
		if (!r->running)
			return n;
		if (r->tried < n && r->next < end)
			until = r->next;
		if (stream_wait(r->socket, (nfds_t)r->tried, until) == OK && (winner = look(r)) < r->tried)
			return winner;
	}
}

enum err connect_any(struct stream *s, const struct addr *to, size_t n, int64_t deadline)
{
	struct race r = { .failed = ERR_CONNECT };
	size_t winner;

	for (size_t i = 0; i < DNS_FOUND_MAX; i++)
		r.socket[i] = (struct pollfd){ .fd = -1, .events = POLLOUT };
	winner = run(&r, to, n, deadline);
	for (size_t i = 0; i < r.tried; i++)
		if (i != winner)
			stream_close(&(struct stream){ .fd = r.socket[i].fd });
	*s = (struct stream){ .fd = winner < n ? r.socket[winner].fd : -1 };
	return winner < n ? OK : r.failed;
}

enum err connect_host(struct stream *s, const struct dns *dns, str host, uint16_t port, int64_t deadline)
{
	struct dns_found found = { .n = 1 };
	enum err e = addr_resolve(host, port, &found.addr[0]);

	*s = (struct stream){ .fd = -1 };
	if (e == ERR_HOST)
		e = dns_lookup(dns, host, port, deadline, &found);
	if (e == OK && (e = connect_any(s, found.addr, found.n, deadline)) != OK)
		dns_forget(host);
	return e;
}
