// SPDX-License-Identifier: MIT
#include "export/cut.h"

#include "encode/wire_read.h"
#include "export/envelope.h"

size_t cut_around(const struct batch *b)
{
	return b->resource->resource.n + b->resource->url.n + ENVELOPE_HEAD_MAX;
}

/* Metric.data is one of the fields 5, 7, 9 and 10, messages whose field 1 is data_points. */
size_t cut_count(enum signal signal, str item)
{
	struct wire_field metric, data, point;
	size_t n = 0;

	if (signal != SIGNAL_METRICS)
		return 1;
	if (!wire_next(&item, &metric))
		return 0;
	while (wire_next(&metric.bytes, &data))
		if (data.type == WIRE_BYTES && (data.number == 5 || data.number == 7 || data.number == 9 || data.number == 10))
			while (wire_next(&data.bytes, &point))
				n += point.number == 1;
	return n;
}

static size_t item_weight(const struct cut *c, str item)
{
	return c->weigh_item ? c->weigh_item(c->batch->signal, item) : item.n;
}

static size_t scope_weight(const struct cut *c, str head)
{
	return c->weigh_scope ? c->weigh_scope(c->batch->signal, head) : head.n + ENVELOPE_HEAD_MAX;
}

/* Puts a item into the run; it opens its scope there when it is the first one of it. */
static void add(struct cut *c, const struct signal_scope *from, str item, bool first)
{
	struct signal_scope *to;

	if (first)
		c->run.scopes[c->run.scope_count++] = (struct signal_scope){ from->head, { item.p, 0 } };
	to = &c->run.scopes[c->run.scope_count - 1];
	to->items.n += item.n;
	c->run.count += cut_count(c->batch->signal, item);
}

bool cut_next(struct cut *c)
{
	const struct signal_items *all = c->batch->items;
	size_t weight = 0;

	c->run.scope_count = c->run.count = 0;
	c->too_large = false;
	for (; c->scope < all->scope_count; c->scope++, c->at = 0) {
		const struct signal_scope *s = &all->scopes[c->scope];
		struct wire_field item;
		bool first = true;
		str rest = { s->items.p + c->at, s->items.n - c->at };

		while (wire_next(&rest, &item)) {
			size_t more = item_weight(c, item.whole) + (first ? scope_weight(c, s->head) : 0);
			bool fits = weight <= c->most && more <= c->most - weight;

			if (!fits && c->run.scope_count)
				return true;
			add(c, s, item.whole, first);
			c->at += item.whole.n;
			weight += more;
			first = false;
			if (!fits)
				return c->too_large = true;
		}
	}
	return c->run.scope_count > 0;
}

void cut_behind(enum signal signal, const struct signal_items *all, size_t n, struct signal_items *rest)
{
	*rest = (struct signal_items){ .count = all->count - n };
	for (size_t i = 0; i < all->scope_count; i++) {
		str items = all->scopes[i].items, next = items;
		struct wire_field item;

		while (n && wire_next(&next, &item)) {
			size_t of = cut_count(signal, item.whole);

			n -= of < n ? of : n;
			items = next;
		}
		if (items.n)
			rest->scopes[rest->scope_count++] = (struct signal_scope){ all->scopes[i].head, items };
	}
}
