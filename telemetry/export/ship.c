// SPDX-License-Identifier: MIT
#include "export/ship.h"

#include "base/clock.h"
#include "base/late.h"
#include "diag.h"
#include "export/cut.h"
#include "export/route.h"

#include <string.h>

#define NEXT_WAY_NS \
	100000000 /* of the time that is left, for those behind the first of a chain: each of them is quick */

/* What has become of the items that an exporter keeps, by the others of the list: it counts when he has done with them. */
static struct count elsewhere[SIGNALS] LATE;

void ship_forget(void)
{
	memset(elsewhere, 0, sizeof elsewhere);
	route_forget();
	xray_udp_forget();
	stdout_line_forget();
}

str ship_path(enum signal signal)
{
	static const char *const paths[] = { "/v1/traces", "/v1/metrics", "/v1/logs" };

	return str_of(paths[signal]);
}

str ship_items(enum signal signal)
{
	static const char *const items[] = { "spans", "data points", "log records" };

	return str_of(items[signal]);
}

/* ---- counting ---- */

static uint64_t arrived(const struct count *c)
{
	return c->delivered + c->handed_over;
}

/*
 * Which items an exporter took is not known, only how many: so at least as many arrived somewhere as at the best of them, at least as many
 * were delivered as at the best of those, and the rest is dropped for that one's reasons.
 */
static void merge(struct count *sum, const struct count *one)
{
	uint64_t delivered = sum->delivered > one->delivered ? sum->delivered : one->delivered, all;

	if (arrived(one) > arrived(sum))
		*sum = *one;
	all = arrived(sum);
	sum->delivered = delivered;
	sum->handed_over = all - delivered;
}

static void add_count(struct count *to, const struct count *c)
{
	to->delivered += c->delivered;
	to->handed_over += c->handed_over;
	for (int i = 0; i < DROP_REASONS; i++)
		to->dropped[i] += c->dropped[i];
}

static void move(uint64_t *from, uint64_t *to, uint64_t *n)
{
	uint64_t moved = *n < *from ? *n : *from;

	*from -= moved;
	*to += moved;
	*n -= moved;
}

/* Moves n items, those that arrived first. */
static void take(struct count *from, struct count *to, uint64_t n)
{
	move(&from->handed_over, &to->handed_over, &n);
	move(&from->delivered, &to->delivered, &n);
	for (int i = 0; i < DROP_REASONS; i++)
		move(&from->dropped[i], &to->dropped[i], &n);
}

void ship_evicted(enum signal signal, struct count *count, size_t n)
{
	struct count gone = { 0 };

	take(&elsewhere[signal], &gone, n);
	count->delivered += gone.delivered;
	count->handed_over += gone.handed_over;
	count->dropped[DROP_KEPT] += n - arrived(&gone);
}

/* ---- one way ---- */

/* The first of a chain leaves some time to the others. */
static int64_t share(int64_t deadline, bool others)
{
	int64_t left = deadline - clock_mono_ns();

	if (!others || left <= 0)
		return deadline;
	return deadline - (left > 2 * NEXT_WAY_NS ? NEXT_WAY_NS : left / 2);
}

static void go_by(const struct exporter *const *way, const struct batch *batch)
{
	struct batch b = *batch;

	b.next = way + 1;
	if (!(*way)->keeps || *b.next)
		b.kept = NULL;
	(*way)->ship(&b, share(b.deadline, *b.next));
}

void ship_undelivered(const struct batch *batch, const struct signal_items *items, enum drop reason, str what,
                      str cause)
{
	struct batch rest = *batch;
	struct diag d;
	struct buf *b;

	if (!batch->next || !*batch->next) {
		ship_dropped(batch, reason, items->count, what, cause);
		return;
	}
	if (what.n) {
		b = diag_open(&d, DIAG_WARN);
		buf_put(b, what);
		buf_put(b, S(": "));
		buf_put(b, cause);
		buf_put(b, S(", "));
		buf_u64(b, items->count);
		buf_putc(b, ' ');
		buf_put(b, ship_items(batch->signal));
		buf_put(b, S(" go by "));
		buf_put(b, str_of((*batch->next)->name));
		diag_close(&d);
	}
	rest.items = items;
	go_by(batch->next, &rest);
}

void ship_dropped(const struct batch *batch, enum drop reason, size_t n, str what, str cause)
{
	struct diag d;
	struct buf *b;
	str items = ship_items(batch->signal);

	batch->count->dropped[reason] += n;
	if (!what.n)
		return;
	b = diag_open(&d, DIAG_ERROR);
	buf_put(b, what);
	buf_put(b, S(": "));
	buf_put(b, cause);
	buf_put(b, S(", dropped "));
	buf_u64(b, n);
	buf_putc(b, ' ');
	buf_put(b, n == 1 ? (str){ items.p, items.n - 1 } : items);
	diag_close(&d);
}

/* ---- all of them ---- */

static struct count ship_by(const struct chain *chain, const struct batch *batch)
{
	struct count count = { 0 };
	struct batch b = *batch;

	b.count = &count;
	if (b.items->count)
		go_by(chain->at, &b);
	return count;
}

static bool keeps(const struct chain *chain)
{
	return chain->at[0]->keeps && !chain->at[1];
}

/* Of those that see each item once; false: there are none. */
static bool ship_to_others(const struct chain *chains, unsigned count, const struct batch *batch, struct count *sum)
{
	unsigned n = 0;

	for (unsigned i = 0; i < count; i++) {
		struct count one;

		if (keeps(&chains[i]))
			continue;
		one = ship_by(&chains[i], batch);
		if (n++)
			merge(sum, &one);
		else
			*sum = one;
	}
	return n > 0;
}

/* There is at most one that keeps: OTLP is one way. */
static const struct chain *keeper_of(const struct chain *chains, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (keeps(&chains[i]))
			return &chains[i];
	return NULL;
}

void ship(const struct batch *batch, size_t held)
{
	unsigned ways;
	const struct chain *chains = route(batch->signal, &ways), *keeper = keeper_of(chains, ways);
	struct count *before = &elsewhere[batch->signal], sum = { 0 }, others = { 0 };
	struct signal_items fresh = { .count = 0 };
	struct batch b = *batch;
	size_t kept = 0;

	if (!ways) {
		batch->count->dropped[DROP_NOWHERE] += batch->items->count;
		return;
	}
	if (keeper) {
		if (b.kept)
			b.kept = &kept;
		sum = ship_by(keeper, &b);
		b.kept = NULL;
	}
	if (held) {
		cut_behind(batch->signal, batch->items, held, &fresh);
		b.items = &fresh;
	}
	if (!ship_to_others(chains, ways, &b, &others)) {
		add_count(batch->count, &sum);
	} else if (!keeper) {
		add_count(batch->count, &others);
	} else {
		struct count kept_there = { 0 };

		add_count(&others, before);
		take(&others, &kept_there, kept);
		*before = kept_there;
		merge(&sum, &others);
		add_count(batch->count, &sum);
	}
	if (batch->kept)
		*batch->kept = kept;
}
