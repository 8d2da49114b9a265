// SPDX-License-Identifier: MIT
#include "record/spool.h"

#include "encode/wire_read.h"
#include "record/scope.h"
#include "record/wire.h"

#include <string.h>

#define EVICTED_BYTES_MIN 32768 /* at once: what stands behind is moved each time */

void spool_reset(struct spool *s, char *room, size_t cap)
{
	*s = (struct spool){ .room = room, .cap = cap };
}

static size_t run_end(const struct spool *s, unsigned i)
{
	return i + 1 < s->run_count ? s->runs[i + 1].at : s->n;
}

/* ---- putting in ---- */

/* The run to put an item of that scope into; SIGNAL_SCOPES_MAX: there can be no more of them. */
static unsigned run_of(struct spool *s, unsigned scope)
{
	unsigned i = s->run_count;

	while (i-- > s->mark_runs)
		if (s->runs[i].scope == scope)
			return i;
	/* Across the mark, where the last run happens to be of that scope: its items are taken back by its length. */
	if (s->run_count == s->mark_runs && s->run_count && s->runs[s->run_count - 1].scope == scope)
		return s->run_count - 1;
	if (s->run_count == SIGNAL_SCOPES_MAX)
		return SIGNAL_SCOPES_MAX;
	s->runs[s->run_count] = (struct run){ (uint32_t)s->n, (unsigned char)scope };
	return s->run_count++;
}

static bool has_room(const struct spool *s, size_t size, size_t reserve)
{
	size_t room = s->cap - s->n;

	return room >= reserve && size <= room - reserve;
}

/* The oldest, of n bytes together or more, or a whole run. False: nobody may go. */
static bool evict(struct spool *s, size_t n)
{
	size_t most = s->mark_n < n ? s->mark_n : n, held;
	str rest = { s->room, s->mark_n };
	struct wire_field item;
	size_t count = 0;

	if (s->pinned || !s->mark_items)
		return false;
	while (count < s->mark_items && (size_t)(rest.p - s->room) < most && wire_next(&rest, &item))
		count++;
	held = count < s->held ? count : s->held;
	s->evicted_held += held;
	s->evicted += count - held;
	spool_drop(s, count);
	return count > 0;
}

char *spool_open(struct spool *s, size_t n, unsigned scope, size_t reserve)
{
	size_t size = wire_bytes_size(SPOOL_ITEM_TAG, n), end;
	size_t least = size > EVICTED_BYTES_MIN ? size : EVICTED_BYTES_MIN;
	unsigned run;
	char *p;

	while (!has_room(s, size, reserve))
		if (!evict(s, least))
			return NULL;
	while ((run = run_of(s, scope)) == SIGNAL_SCOPES_MAX)
		if (!evict(s, run_end(s, 0)))
			return NULL;
	end = run_end(s, run);
	p = s->room + end;
	if (end < s->n) {
		memmove(p + size, p, s->n - end);
		for (unsigned i = run + 1; i < s->run_count; i++)
			s->runs[i].at += (uint32_t)size;
	}
	s->n += size;
	s->items++;
	return wire_length(p, SPOOL_ITEM_TAG, n);
}

/* ---- an invocation ---- */

void spool_mark(struct spool *s)
{
	s->mark_n = s->n;
	s->mark_items = s->items;
	s->mark_runs = s->run_count;
}

void spool_take_back(struct spool *s)
{
	s->n = s->mark_n;
	s->items = s->mark_items;
	s->run_count = s->mark_runs;
}

/* ---- handing out ---- */

static struct signal_scope scope_of(const struct spool *s, unsigned i)
{
	const struct run *run = &s->runs[i];

	return (struct signal_scope){ scope_head(run->scope & ~SPOOL_APART),
		                          { s->room + run->at, run_end(s, i) - run->at } };
}

void spool_items(const struct spool *s, struct signal_items *items)
{
	for (unsigned i = 0; i < s->run_count; i++)
		items->scopes[i] = scope_of(s, i);
	items->scope_count = s->run_count;
	items->count = s->items;
}

static size_t less(size_t a, size_t b)
{
	return a > b ? a - b : 0;
}

void spool_drop(struct spool *s, size_t count)
{
	str rest = { s->room, s->n };
	struct wire_field item;
	unsigned gone = 0;
	size_t n;

	if (count < s->items)
		for (size_t i = 0; i < count && wire_next(&rest, &item); i++)
			;
	else
		rest = (str){ s->room + s->n, 0 };
	n = s->n - rest.n;
	while (gone < s->run_count && run_end(s, gone) <= n)
		gone++;
	memmove(s->room, rest.p, rest.n);
	s->n = rest.n;
	s->items = less(s->items, count);
	s->run_count -= gone;
	for (unsigned i = 0; i < s->run_count; i++) {
		s->runs[i] = s->runs[i + gone];
		s->runs[i].at = (uint32_t)less(s->runs[i].at, n);
	}
	s->mark_n = less(s->mark_n, n);
	s->mark_items = less(s->mark_items, count);
	s->mark_runs = (unsigned)less(s->mark_runs, gone);
	s->held = less(s->held, count);
}

/* ---- those apart ---- */

static bool is_apart(const struct spool *s, unsigned i)
{
	return s->runs[i].scope & SPOOL_APART;
}

static size_t count_of(str items)
{
	struct wire_field item;
	size_t n = 0;

	while (wire_next(&items, &item))
		n++;
	return n;
}

bool spool_apart(const struct spool *s, struct signal_items *items)
{
	for (unsigned i = 0; i < s->run_count; i++)
		if (is_apart(s, i)) {
			items->scopes[items->scope_count] = scope_of(s, i);
			items->count += count_of(items->scopes[items->scope_count++].items);
		}
	return items->count > 0;
}

void spool_drop_apart(struct spool *s)
{
	unsigned runs = 0;
	size_t n = 0;

	for (unsigned i = 0; i < s->run_count; i++) {
		str items = scope_of(s, i).items;

		if (is_apart(s, i)) {
			s->items -= count_of(items);
			continue;
		}
		memmove(s->room + n, items.p, items.n);
		s->runs[runs++] = (struct run){ (uint32_t)n, s->runs[i].scope };
		n += items.n;
	}
	s->n = n;
	s->run_count = runs;
	spool_mark(s);
}

bool spool_half_full(const struct spool *s)
{
	return s->n > s->cap / 2 || s->run_count > SIGNAL_SCOPES_MAX / 2;
}
