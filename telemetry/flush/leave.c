// SPDX-License-Identifier: MIT
#include "flush/leave.h"

#include "base/clock.h"
#include "base/late.h"
#include "diag.h"
#include "export/route.h"
#include "record/recorder.h"
#include "session.h"

/* So many items are a batch; the SDK specification's OTEL_BSP_MAX_EXPORT_BATCH_SIZE. */
#define MANY_ITEMS 512

static const struct signal_source *const sources[] = { &log_source, &metric_source };

#define SOURCES (sizeof sources / sizeof sources[0])

/* Spans, and the log records of whoever makes some. */
static struct {
	enum signal signal;
	struct spool *spool;
	struct count *count;
	size_t ready; /* overlap: the first so many are on their way */
} spooled[2];

static unsigned spools;

void leave_forget(void)
{
	spools = 0;
	spooled[spools].signal = SIGNAL_TRACES;
	spooled[spools].spool = &recorder.spool;
	spooled[spools].count = &recorder.count;
	spooled[spools++].ready = 0;
	for (size_t i = 0; i < SOURCES; i++)
		if (sources[i] && sources[i]->spool) {
			spooled[spools].signal = sources[i]->signal;
			spooled[spools].spool = sources[i]->spool;
			spooled[spools].count = sources[i]->count;
			spooled[spools++].ready = 0;
		}
}

/* ---- batches ---- */

static void make(struct batch *b, enum signal signal, const struct signal_items *items, struct count *count,
                 int64_t deadline)
{
	*b = (struct batch){
		.signal = signal,
		.resource = &session.resource,
		.items = items,
		.count = count,
		.source = session_name().n ? session_name() : S("unknown-service"),
		.out = session_out,
		.deadline = deadline,
	};
}

/* Those that had to make room since the last batch. */
static void account_for_evicted(unsigned i)
{
	struct spool *s = spooled[i].spool;

	if (s->evicted_held)
		ship_evicted(spooled[i].signal, spooled[i].count, s->evicted_held);
	spooled[i].count->dropped[DROP_KEPT] += s->evicted;
	s->evicted_held = s->evicted = 0;
}

static void dropped(struct spool *s, size_t gone, size_t kept)
{
	spool_drop(s, gone);
	s->held = kept;
	spool_mark(s);
}

/* What is not sampled: for one exporter, which keeps nothing, and for no other if that one fails. */
static void send_unsampled(struct spool *s, struct count *count, int64_t deadline)
{
	struct signal_items items = { .count = 0 };
	struct batch b;

	if (!spool_apart(s, &items))
		return;
	make(&b, SIGNAL_TRACES, &items, count, deadline);
	xray_udp_ship(&b, deadline);
	spool_drop_apart(s);
}

static bool send(unsigned i, int64_t deadline, bool may_keep)
{
	struct spool *s = spooled[i].spool;
	struct count *count = spooled[i].count;
	struct signal_items items = { .count = 0 };
	uint64_t before = count_dropped(count);
	size_t kept = 0;
	struct batch b;

	account_for_evicted(i);
	if (s == &recorder.spool && recorder.record_only)
		send_unsampled(s, count, deadline);
	if (!s->items)
		return count_dropped(count) == before;
	spool_items(s, &items);
	make(&b, spooled[i].signal, &items, count, deadline);
	b.kept = may_keep ? &kept : NULL;
	ship(&b, s->held);
	dropped(s, items.count - kept, kept);
	return count_dropped(count) == before;
}

/*
 * At the end, when nothing can be kept, a receiver that is silent must leave time to those of other signals: each has an equal part of what is left, and
 * what it does not use is theirs. first: of the spools that are still to go.
 */
static int64_t part(int64_t deadline, bool may_keep, unsigned first)
{
	int64_t now = clock_mono_ns(), ways = 1;

	if (may_keep || deadline <= now)
		return deadline;
	for (unsigned i = first + 1; i < spools; i++)
		ways += spooled[i].spool->items > 0;
	for (size_t i = 0; i < SOURCES; i++)
		ways += sources[i] && !sources[i]->spool && (!sources[i]->due || sources[i]->due(clock_wall_ns(), true));
	return now + (deadline - now) / ways;
}

bool leave_spooled(int64_t deadline, bool may_keep)
{
	bool sent = true;

	for (unsigned i = 0; i < spools; i++)
		sent &= send(i, part(deadline, may_keep, i), may_keep);
	return sent;
}

static bool collect(const struct signal_source *source, int64_t deadline, bool last, bool may_keep)
{
	int64_t now = clock_wall_ns();
	uint64_t before = count_dropped(source->count);
	size_t kept = 0;
	struct batch b;

	if (source->due && !source->due(now, last))
		return true;
	do {
		struct signal_items items = { .count = 0 };

		if (!source->collect(&items, now))
			break;
		make(&b, source->signal, &items, source->count, deadline);
		b.kept = may_keep ? &kept : NULL;
		if (items.count)
			ship(&b, source->held());
		source->keep(kept);
	} while (!kept && clock_mono_ns() < deadline);
	return count_dropped(source->count) == before;
}

bool leave_collected(int64_t deadline, bool last, bool may_keep)
{
	bool sent = true;

	for (size_t i = 0; i < SOURCES; i++)
		if (sources[i] && !sources[i]->spool)
			sent &= collect(sources[i], deadline, last, may_keep);
	return sent;
}

/* ---- overlap ---- */

/* One that others share, or that has been kept, goes the usual way. */
static bool made_ready(unsigned i, int64_t deadline)
{
	struct spool *s = spooled[i].spool;
	struct signal_items items = { .count = 0 };
	struct batch b;

	if (!s->items || s->held || !route_is_otlp(spooled[i].signal))
		return false;
	account_for_evicted(i);
	spool_items(s, &items);
	make(&b, spooled[i].signal, &items, spooled[i].count, deadline);
	if (!otlp_prepare(&b, deadline))
		return false;
	spooled[i].ready = s->pinned = s->items;
	spool_mark(s);
	return true;
}

void leave_ready(int64_t deadline)
{
	for (unsigned i = 0; i < spools; i++)
		if (!made_ready(i, deadline))
			send(i, deadline, true);
}

void leave_push(void)
{
	for (unsigned i = 0; i < spools; i++)
		if (spooled[i].ready)
			otlp_push(spooled[i].signal, clock_wall_ns(), clock_mono_ns());
}

static void finish(unsigned i, int64_t deadline, bool may_keep)
{
	struct spool *s = spooled[i].spool, first = *s;
	struct signal_items items = { .count = 0 };
	size_t kept = 0;
	struct batch b;

	first.n = s->mark_n;
	first.items = s->mark_items;
	first.run_count = s->mark_runs;
	spool_items(&first, &items);
	make(&b, spooled[i].signal, &items, spooled[i].count, deadline);
	b.kept = may_keep ? &kept : NULL;
	spooled[i].ready = s->pinned = 0;
	otlp_finish(&b, deadline);
	spool_drop(s, items.count - kept);
	s->held = kept;
}

void leave_finish(int64_t deadline, bool may_keep)
{
	for (unsigned i = 0; i < spools; i++)
		if (spooled[i].ready)
			finish(i, part(deadline, may_keep, i), may_keep);
}

/* ---- what is here ---- */

bool leave_many(void)
{
	for (unsigned i = 0; i < spools; i++)
		if (spooled[i].spool->items >= MANY_ITEMS || spool_half_full(spooled[i].spool))
			return true;
	return false;
}

bool leave_held(void)
{
	bool held = false;

	for (unsigned i = 0; i < spools; i++)
		held |= spooled[i].spool->held > 0;
	for (size_t i = 0; i < SOURCES; i++)
		held |= sources[i] && !sources[i]->spool && sources[i]->held();
	return held;
}

static void put_total(struct buf *b, const char *what, uint64_t n)
{
	buf_put(b, str_of(what));
	buf_u64(b, n);
}

static void put_totals(struct buf *b, const struct count *c)
{
	put_total(b, "so far made ", c->made);
	put_total(b, ", delivered ", c->delivered);
	put_total(b, ", handed over ", c->handed_over);
	put_total(b, ", dropped ", count_dropped(c));
}

static void say_held(enum signal signal, size_t held, const struct count *c)
{
	struct diag d;
	struct buf *b;

	if (!held)
		return;
	b = diag_open(&d, DIAG_WARN);
	buf_put(b, ship_items(signal));
	put_total(b, " held until the next invocation, and lost if none comes: ", held);
	buf_put(b, S("; "));
	put_totals(b, c);
	diag_close(&d);
}

void leave_say_held(void)
{
	for (unsigned i = 0; i < spools; i++)
		say_held(spooled[i].signal, spooled[i].spool->held, spooled[i].count);
	for (size_t i = 0; i < SOURCES; i++)
		if (sources[i] && !sources[i]->spool)
			say_held(sources[i]->signal, sources[i]->held(), sources[i]->count);
}

static void say_totals(enum signal signal, const struct count *c)
{
	struct diag d;
	struct buf *b;

	if (!c->made || !diag_wanted(DIAG_DEBUG))
		return;
	b = diag_open(&d, DIAG_DEBUG);
	buf_put(b, ship_items(signal));
	buf_put(b, S(": "));
	put_totals(b, c);
	diag_close(&d);
}

void leave_say_totals(void)
{
	say_totals(SIGNAL_TRACES, &recorder.count);
	for (size_t i = 0; i < SOURCES; i++)
		if (sources[i])
			say_totals(sources[i]->signal, sources[i]->count);
}
