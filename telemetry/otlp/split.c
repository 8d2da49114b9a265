// SPDX-License-Identifier: MIT
#include "otlp/split.h"

#include "encode/otlp_json.h"
#include "encode/wire_read.h"
#include "export/cut.h"
#include "export/envelope.h"
#include "otlp/trim.h"

#include "logs.pb.h"
#include "metrics.pb.h"
#include "trace.pb.h"

#define JSON_BYTES_MAX (96 * 1024) /* of a request: it is put together in memory, and compressed into as much */

void split_start(struct split *s, const struct batch *b, const struct resource *resource,
                 const struct otlp_limits *limits, bool json)
{
	size_t scope = 0;

	*s = (struct split){ .batch = b, .limits = *limits, .json = json };
	s->around = json ? otlp_json_around(b->signal, resource)
	                 : resource->resource.n + resource->url.n + ENVELOPE_HEAD_MAX;
	if (json && s->limits.bytes > JSON_BYTES_MAX)
		s->limits.bytes = JSON_BYTES_MAX;
	for (size_t i = 0; i < b->items->scope_count; i++)
		if (b->items->scopes[i].head.n > scope)
			scope = b->items->scopes[i].head.n;
	if (s->limits.with_context)
		s->context = resource->resource.n + scope;
}

/* ---- one item ---- */

static size_t weight_of(const struct split *s, str item)
{
	return (s->json ? otlp_json_item(s->batch->signal, item) : item.n) + s->limits.each + s->context;
}

static size_t scope_weight(const struct split *s, str head)
{
	return s->json ? otlp_json_scope(s->batch->signal, head) : head.n + ENVELOPE_HEAD_MAX;
}

/* What is left of a request when it holds nothing but this scope. */
static size_t room_in(const struct split *s, str head)
{
	size_t used = s->around + scope_weight(s, head);

	return used < s->limits.bytes ? s->limits.bytes - used : 0;
}

/* 0 is no time: it says nothing. */
static void widen(struct split_open *o, uint64_t time)
{
	int64_t t = time > INT64_MAX ? INT64_MAX : (int64_t)time;

	if (!t)
		return;
	if (!o->latest || t < o->earliest)
		o->earliest = t;
	if (t > o->latest)
		o->latest = t;
}

/* Each is there once, and those of a span stand before its attributes: mostly a few fields are read. */
static struct split_open with_times(const struct split *s, str item)
{
	static const unsigned fields[SIGNALS][2] = {
		[SIGNAL_TRACES] = { Span_start_time_unix_nano_tag, Span_end_time_unix_nano_tag },
		[SIGNAL_LOGS] = { LogRecord_time_unix_nano_tag, LogRecord_observed_time_unix_nano_tag },
	};
	enum signal signal = s->batch->signal;
	bool one_is_enough = signal == SIGNAL_LOGS;
	struct split_open o = s->open;
	uint64_t times[2] = { 0 };
	struct wire_field f;

	if (s->limits.spread_ns == INT64_MAX)
		return o;
	while (!(times[0] && (times[1] || one_is_enough)) && wire_next(&item, &f))
		for (int i = 0; i < 2; i++)
			if (f.type == WIRE_FIXED64 && f.number == fields[signal][i])
				times[i] = f.value;
	widen(&o, times[0]);
	if (!times[0] || !one_is_enough)
		widen(&o, times[1]);
	return o;
}

/* ---- a run ---- */

static void add(struct split *s, const struct signal_scope *from, str item, size_t count, bool first)
{
	struct signal_scope *to;

	if (first)
		s->run.scopes[s->run.scope_count++] = (struct signal_scope){ from->head, { item.p, 0 } };
	to = &s->run.scopes[s->run.scope_count - 1];
	to->items.n += item.n;
	s->run.count += count;
}

/* Makes an item the run, alone; where it lies does not matter. */
static bool alone(struct split *s, const struct signal_scope *from, str item, size_t count, bool too_large)
{
	add(s, from, item, count, true);
	s->too_large = too_large;
	s->next.done += count;
	return true;
}

static void pass(struct split *s, str item)
{
	s->next.at += item.n;
	s->next.points = 0;
}

/* ---- a metric, by its data points ---- */

static bool is_data(const struct wire_field *f)
{
	return f->type == WIRE_BYTES &&
	       (f->number == Metric_gauge_tag || f->number == Metric_sum_tag || f->number == Metric_histogram_tag ||
	        f->number == Metric_exponential_histogram_tag);
}

static char *copy(char *p, str s)
{
	memcpy(p, s.p, s.n);
	return p + s.n;
}

/*
 * Writes the metric with points [from, from + n) only, behind its tag and length; returns its size. p NULL: only that. A message's
 * points are its field 1, whatever its type.
 */
static size_t cut_metric(str metric, size_t from, size_t n, char *p)
{
	size_t inner = 0, outer = 0, at = 0;
	struct wire_field f, data = { .number = 0 }, point;
	str rest = metric, points;
	char *start = p;

	while (wire_next(&rest, &f))
		if (is_data(&f))
			data = f;
		else
			outer += f.whole.n;
	for (points = data.bytes; wire_next(&points, &point);) {
		bool is_point = point.number == Gauge_data_points_tag;

		inner += !is_point || (at >= from && at - from < n) ? point.whole.n : 0;
		at += is_point;
	}
	outer += wire_bytes_size(data.number, inner);
	if (!p)
		return wire_bytes_size(ScopeMetrics_metrics_tag, outer);
	p = wire_length(p, ScopeMetrics_metrics_tag, outer);
	for (rest = metric; wire_next(&rest, &f);)
		if (!is_data(&f))
			p = copy(p, f.whole);
	p = wire_length(p, data.number, inner);
	at = 0;
	for (points = data.bytes; wire_next(&points, &point);) {
		bool is_point = point.number == Gauge_data_points_tag;

		if (!is_point || (at >= from && at - from < n))
			p = copy(p, point.whole);
		at += is_point;
	}
	return (size_t)(p - start);
}

/* As many points as fit, by halves: few runs are not worth finding the best cut. */
static bool part_of_metric(struct split *s, const struct signal_scope *from, const struct wire_field *item,
                           size_t count, struct buf *room)
{
	size_t n = count - s->next.points, most = room_in(s, from->head), free = room->cap - room->n;
	str part = { room->p + room->n, 0 };

	if (n > s->limits.count)
		n = s->limits.count;
	for (;; n /= 2) {
		size_t size = cut_metric(item->bytes, s->next.points, n, NULL);
		bool fits = size <= most && size <= free;

		if (fits) {
			part.n = cut_metric(item->bytes, s->next.points, n, room->p + room->n);
			fits = weight_of(s, part) <= most;
		}
		if (!fits && n > 1)
			continue;
		room->n += fits ? part.n : 0;
		alone(s, from, fits ? part : item->whole, n, !fits);
		s->next.points += n;
		if (s->next.points == count)
			pass(s, item->whole);
		return true;
	}
}

/* ---- an item that is too large ---- */

static bool shrunk(struct split *s, const struct signal_scope *from, const struct wire_field *item, size_t count,
                   struct buf *room)
{
	static const struct trim trims[SIGNALS] = {
		[SIGNAL_TRACES] = { Span_attributes_tag, Span_dropped_attributes_count_tag, NULL },
		[SIGNAL_LOGS] = { LogRecord_attributes_tag, LogRecord_dropped_attributes_count_tag, NULL },
	};
	size_t most = room_in(s, from->head), free = room->cap - room->n, head, n;
	char *p = room->p + room->n;
	str made;

	if (s->batch->signal == SIGNAL_METRICS || free <= ENVELOPE_HEAD_MAX)
		return alone(s, from, item->whole, count, true);
	if (s->limits.item < most)
		most = s->limits.item;
	if (s->json)
		most /= 2; /* its JSON is longer; whether it fits is seen below */
	if (most > free - ENVELOPE_HEAD_MAX)
		most = free - ENVELOPE_HEAD_MAX;
	n = trim_message(&trims[s->batch->signal], item->bytes, p + ENVELOPE_HEAD_MAX, most, &s->left_out);
	head = (size_t)(wire_length(p, ScopeSpans_spans_tag, n) - p);
	memmove(p + head, p + ENVELOPE_HEAD_MAX, n);
	made = (str){ p, head + n };
	if (!n || weight_of(s, made) > room_in(s, from->head))
		return alone(s, from, item->whole, count, true);
	room->n += made.n;
	return alone(s, from, made, count, false);
}

/* ---- all of it ---- */

static bool is_too_much(const struct split *s, const struct signal_scope *from, str item, size_t count)
{
	return s->next.points || item.n > s->limits.item || count > s->limits.count ||
	       weight_of(s, item) > room_in(s, from->head);
}

/* Whether the item goes into the run, which then is as open says. */
static bool fits(const struct split *s, str item, size_t more, size_t count, struct split_open *open)
{
	size_t most = s->limits.bytes - s->around; /* an item alone would fit, so what is around does */

	*open = with_times(s, item);
	open->weight = s->open.weight + more;
	return open->weight <= most && count <= s->limits.count - s->run.count &&
	       (!s->run.scope_count || open->latest - open->earliest <= s->limits.spread_ns);
}

bool split_next(struct split *s, struct buf *room)
{
	const struct signal_items *all = s->batch->items;

	s->run.scope_count = s->run.count = s->left_out = 0;
	s->open = (struct split_open){ 0 };
	s->too_large = false;
	s->start = s->next;
	for (; s->next.scope < all->scope_count; s->next.scope++, s->next.at = 0) {
		const struct signal_scope *from = &all->scopes[s->next.scope];
		str rest = { from->items.p + s->next.at, from->items.n - s->next.at };
		struct wire_field item;
		bool first = true;

		while (wire_next(&rest, &item)) {
			size_t count = cut_count(s->batch->signal, item.whole);
			struct split_open open;

			if (is_too_much(s, from, item.whole, count)) {
				if (s->run.scope_count)
					return true;
				if (count > 1)
					return part_of_metric(s, from, &item, count, room);
				pass(s, item.whole);
				return shrunk(s, from, &item, count, room);
			}
			if (!fits(s, item.bytes, weight_of(s, item.whole) + (first ? scope_weight(s, from->head) : 0), count,
			          &open))
				return true;
			s->open = open;
			add(s, from, item.whole, count, first);
			pass(s, item.whole);
			s->next.done += count;
			first = false;
		}
	}
	return s->run.scope_count > 0;
}

bool split_halve(struct split *s)
{
	if (s->run.count <= 1)
		return false;
	s->limits.count = s->run.count / 2;
	s->next = s->start;
	return true;
}

/* Up to the end of the run, as the batch has them. */
bool split_original(const struct split *s, struct signal_items *out)
{
	size_t count = s->next.done - s->start.done;

	if (s->start.points || s->next.points)
		return false;
	*out = (struct signal_items){ .count = count };
	for (size_t i = s->start.scope; i <= s->next.scope && i < s->batch->items->scope_count; i++) {
		str items = s->batch->items->scopes[i].items;
		size_t from = i == s->start.scope ? s->start.at : 0, to = i == s->next.scope ? s->next.at : items.n;

		if (to > from)
			out->scopes[out->scope_count++] = (struct signal_scope){ s->batch->items->scopes[i].head,
				                                                     { items.p + from, to - from } };
	}
	return true;
}

void split_rest(const struct split *s, struct signal_items *out)
{
	size_t begun = split_begun(s);
	struct split_place from = s->start;

	*out = (struct signal_items){ .count = s->batch->items->count - from.done - begun };
	for (size_t i = from.scope; i < s->batch->items->scope_count; i++, from.at = 0) {
		str items = s->batch->items->scopes[i].items, rest = { items.p + from.at, items.n - from.at };
		struct wire_field begun_item;

		if (i == from.scope && begun)
			wire_next(&rest, &begun_item);
		if (rest.n)
			out->scopes[out->scope_count++] = (struct signal_scope){ s->batch->items->scopes[i].head, rest };
	}
}

size_t split_begun(const struct split *s)
{
	const struct signal_scope *scope = &s->batch->items->scopes[s->start.scope];
	str rest = { scope->items.p + s->start.at, scope->items.n - s->start.at };
	struct wire_field item;

	if (!s->start.points || !wire_next(&rest, &item))
		return 0;
	return cut_count(s->batch->signal, item.whole) - s->start.points;
}
