// SPDX-License-Identifier: MIT
#include "metric/point.h"

#include "base/clock.h"
#include "base/late.h"
#include "metric/exemplar.h"
#include "metric/metric.h"
#include "region.h"

#include <stddef.h>
#include <string.h>

#define NO_BUCKETS { 0, -1 }

/* ---- memory ---- */

static size_t body_bytes(const struct stream *s)
{
	switch (s->aggregation) {
	case OTEL_AGGREGATION_EXPLICIT:    return sizeof(struct distribution) + (s->bound_count + 1u) * sizeof(uint64_t);
	case OTEL_AGGREGATION_EXPONENTIAL: return sizeof(struct exponential_histogram);
	default:                           return sizeof(struct sum);
	}
}

size_t point_bytes(const struct stream *s, bool full)
{
	size_t n = offsetof(struct point, is) + body_bytes(s);

	if (full && s->aggregation == OTEL_AGGREGATION_EXPONENTIAL)
		n += 2 * s->buckets * sizeof(uint64_t);
	return n;
}

static struct point *at(uint32_t offset)
{
	return space_at(offset);
}

static void empty(const struct stream *s, struct point *p)
{
	size_t counts = s->buckets * sizeof(uint64_t);

	if (s->aggregation != OTEL_AGGREGATION_EXPONENTIAL) {
		memset(&p->is, 0, body_bytes(s));
		return;
	}
	for (int i = 0; i < 2; i++) {
		p->is.exponential.sides[i] = (struct exponential_side)NO_BUCKETS;
		if (p->is.exponential.counts[i])
			memset(space_at(p->is.exponential.counts[i]), 0, counts);
	}
	p->is.exponential.all = (struct distribution){ 0 };
	p->is.exponential.zeros = 0;
	p->is.exponential.scale = EXPONENTIAL_SCALE_MAX;
}

static void append(struct stream *s, uint32_t offset)
{
	if (s->last)
		at(s->last)->next = offset;
	else
		s->first = offset;
	s->last = offset;
}

static uint32_t make(unsigned stream, uint32_t set, bool overflow)
{
	struct stream *s = stream_at(stream);
	uint32_t offset = space_take(point_bytes(s, overflow), overflow);
	struct point *p;

	if (!offset)
		return 0;
	p = at(offset);
	p->stream = (uint16_t)stream;
	p->set = set;
	p->overflow = overflow;
	/* Specification, "Start timestamps": what is not for ever goes on from the last collection. */
	p->start = s->fading ? s->since : clock_wall_ns();
	if (s->aggregation == OTEL_AGGREGATION_EXPONENTIAL && overflow) {
		p->is.exponential.counts[0] = offset + (uint32_t)point_bytes(s, false);
		p->is.exponential.counts[1] = p->is.exponential.counts[0] + s->buckets * (uint32_t)sizeof(uint64_t);
	}
	empty(s, p);
	append(s, offset);
	return offset;
}

/* ---- the point of a set of attributes ---- */

static uint32_t overflow_point(unsigned stream)
{
	struct stream *s = stream_at(stream);

	metric_ignored(METRIC_OVERFLOW, (str){ s->name, s->name_n });
	if (!s->overflow)
		s->overflow = make(stream, 0, true);
	return s->overflow;
}

/* One of the points that the limit allows is for overflow. */
static bool is_full(const struct stream *s)
{
	bool overflows = s->overflow && at(s->overflow)->touched;

	return s->count + !overflows >= s->limit;
}

/* False: it would be one point more than may be. */
static bool may_touch(const struct stream *s, uint32_t offset)
{
	return at(offset)->touched || !is_full(s);
}

static uint32_t plain_point(unsigned stream)
{
	struct stream *s = stream_at(stream);

	if (!s->plain && !is_full(s))
		s->plain = make(stream, 0, false);
	return s->plain && may_touch(s, s->plain) ? s->plain : overflow_point(stream);
}

static void share(uint32_t set, uint32_t offset)
{
	struct set *of = space_at(set);

	at(offset)->of_set = of->points;
	of->points = offset;
}

static uint32_t point_of(unsigned stream, const struct labels *l)
{
	struct stream *s = stream_at(stream);
	uint32_t set, offset;

	if (l->unfit)
		return overflow_point(stream);
	if (!l->count)
		return plain_point(stream);
	set = space_set(l->bytes, l->n, l->count);
	if (!set)
		return overflow_point(stream);
	offset = ((struct set *)space_at(set))->points;
	while (offset && at(offset)->stream != stream)
		offset = at(offset)->of_set;
	if (offset)
		return may_touch(s, offset) ? offset : overflow_point(stream);
	if (is_full(s) || !(offset = make(stream, set, false)))
		return overflow_point(stream);
	share(set, offset);
	return offset;
}

/* ---- aggregation ---- */

static void add_up(const struct stream *s, struct point *p, union number value)
{
	union number *to = &p->is.sum.value;

	/* What is observed is the sum; of several in one round, which a view has made one, the sum is that of all. */
	if (s->observed && !p->touched)
		*to = value;
	else if (s->is_double)
		to->d += value.d;
	else
		to->bits += value.bits; /* wraps, as two's complement does */
}

static void distribute(struct distribution *d, double v)
{
	if (!d->count || v < d->min)
		d->min = v;
	if (!d->count || v > d->max)
		d->max = v;
	d->count++;
	d->sum += v;
}

/* The first bound that is not below it: (lower, upper]. */
static unsigned bucket_of(const struct stream *s, double v)
{
	unsigned low = 0, high = s->bound_count;

	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (v <= s->bounds[middle])
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static void rescale(const struct stream *s, struct exponential_histogram *h, int by)
{
	for (int i = 0; i < 2; i++)
		if (h->counts[i])
			exponential_shrink(&h->sides[i], space_at(h->counts[i]), s->buckets, by);
	h->scale -= by;
}

static bool count_exponentially(const struct stream *s, struct exponential_histogram *h, double v)
{
	union number magnitude = { .d = v < 0 ? -v : v };
	int sign = v < 0, by;
	int32_t index;

	if (v == 0) {
		h->zeros++;
		return true;
	}
	if (!h->counts[sign] && !(h->counts[sign] = space_take(s->buckets * sizeof(uint64_t), false)))
		return false;
	index = exponential_index(magnitude.bits, h->scale);
	by = exponential_excess(&h->sides[sign], index, s->buckets);
	if (by) {
		rescale(s, h, by);
		index >>= by;
	}
	exponential_count(&h->sides[sign], space_at(h->counts[sign]), s->buckets, index);
	return true;
}

void point_measure(unsigned stream, union number value, const struct otel_attr *attrs, size_t n)
{
	static struct labels l LATE;
	struct stream *s = stream_at(stream);
	double v = s->is_double ? value.d : (double)value.i;
	bool labelled = n > 0;
	unsigned bucket = 0;
	struct point *p;

	if (labelled)
		space_labels(&l, attrs, n, s->keep, s->keep_count);
	p = at(labelled ? point_of(stream, &l) : plain_point(stream));
	switch (s->aggregation) {
	case OTEL_AGGREGATION_SUM:        add_up(s, p, value); break;
	case OTEL_AGGREGATION_LAST_VALUE: p->is.sum.value = value; break;
	case OTEL_AGGREGATION_EXPLICIT:
		bucket = bucket_of(s, v);
		point_buckets(p)[bucket]++;
		distribute(&p->is.explicit_, v);
		break;
	default:
		if (!count_exponentially(s, &p->is.exponential, v)) {
			p = at(overflow_point(stream)); /* which has all its buckets */
			count_exponentially(s, &p->is.exponential, v);
		}
		distribute(&p->is.exponential.all, v);
	}
	s->count += !p->touched;
	p->touched = true;
	if (!s->observed && exemplar_wanted())
		exemplar_offer(s, p, value, bucket, labelled ? &l : NULL);
}

/* ---- between collections ---- */

static bool is_observed_delta(const struct stream *s)
{
	return s->observed && s->delta && s->aggregation == OTEL_AGGREGATION_SUM;
}

/*
 * What was not observed in a round has no point then. A sum goes on from where it was reported last when it is
 * observed again: to begin anew would count all of it twice.
 */
static void observed(const struct stream *s, struct point *p)
{
	if (s->aggregation != OTEL_AGGREGATION_SUM && s->delta)
		empty(s, p);
	else if (p->touched)
		p->is.sum.reported = p->is.sum.value;
}

void point_collected(struct stream *s, struct point *p, int64_t now)
{
	if (s->observed)
		observed(s, p);
	else if (s->delta)
		empty(s, p);
	if (is_observed_delta(s) ? p->touched : s->delta || (s->fading && !(s->observed && p->touched)))
		p->start = now;
	p->recent = p->touched;
	if (s->fading) {
		s->count -= p->touched;
		p->touched = false;
	}
	exemplar_collected(s, p);
}

/*
 * Cumulative points are for ever. Of the others, what was measured while the collection was under way, or may
 * be asked what it reported.
 */
static bool is_wanted(const struct stream *s, const struct point *p)
{
	return !s->fading || p->touched || (s->observed && p->recent);
}

/*
 * What has a sum to go on from, and was not observed lately: it stays as long as a quarter of the room does for it.
 * A callback with ever new attributes would fill any room; what is forgotten, and then observed again all the same,
 * begins anew.
 */
static bool may_rest(const struct stream *s, const struct point *p)
{
	return is_observed_delta(s) && !is_wanted(s, p) && p->is.sum.reported.bits &&
	       space_used() < REGION_METRIC_SPACE_BYTES / 4;
}

static void move_body(const struct stream *s, struct point *p, const struct point *old)
{
	size_t counts = s->buckets * sizeof(uint64_t);
	uint32_t to[2] = { p->is.exponential.counts[0], p->is.exponential.counts[1] };

	memcpy(&p->is, &old->is, body_bytes(s));
	for (int i = 0; i < 2; i++) {
		uint32_t from = old->is.exponential.counts[i];

		if (!to[i] && from)
			to[i] = space_take(counts, false);
		if (from)
			memcpy(space_at(to[i]), space_old(from), counts);
		p->is.exponential.counts[i] = to[i];
	}
}

/* It has room: it had it before, and what it leaves behind are its exemplars. */
static void move(unsigned stream, const struct point *old)
{
	struct stream *s = stream_at(stream);
	const struct set *set = space_old(old->set);
	uint32_t new_set = old->set ? space_set(set->bytes, set->n, set->count) : 0;
	uint32_t offset = make(stream, new_set, old->overflow);
	struct point *p = at(offset);

	if (s->aggregation == OTEL_AGGREGATION_EXPONENTIAL)
		move_body(s, p, old);
	else
		memcpy(&p->is, &old->is, body_bytes(s));
	p->start = old->start;
	p->recent = old->recent;
	p->touched = old->touched;
	s->count += p->touched;
	if (new_set)
		share(new_set, offset);
	else if (old->overflow)
		s->overflow = offset;
	else
		s->plain = offset;
}

static void forget(struct stream *s)
{
	s->first = s->last = s->plain = s->overflow = s->count = 0;
}

static void move_all(unsigned stream, uint32_t offset, bool (*is_kept)(const struct stream *s, const struct point *p))
{
	while (offset) {
		const struct point *old = space_old(offset);

		if (is_kept(stream_at(stream), old))
			move(stream, old);
		offset = old->next;
	}
}

void point_sweep(void)
{
	uint32_t first[OTEL_METRIC_STREAMS_MAX];

	space_sweep();
	for (unsigned i = 0; i < stream_count(); i++)
		space_keep(point_bytes(stream_at(i), true));
	for (unsigned i = 0; i < stream_count(); i++) {
		first[i] = stream_at(i)->first;
		forget(stream_at(i));
	}
	for (unsigned i = 0; i < stream_count(); i++)
		move_all(i, first[i], is_wanted);
	for (unsigned i = 0; i < stream_count(); i++)
		if (is_observed_delta(stream_at(i)))
			move_all(i, first[i], may_rest);
}
