// SPDX-License-Identifier: MIT
#include "metric/encode.h"

#include "metric/exemplar.h"
#include "record/wire.h"

#include "metrics.pb.h"

#include <assert.h>

#define FIXED64_BYTES (1 + 8) /* tag and value; all field numbers of points are under 16 */
#define OVERFLOW_KEY "otel.metric.overflow"
#define OVERFLOW_BYTES (2 + 2 + sizeof OVERFLOW_KEY - 1 + 2 + 2)

/* Size first, then bytes; both ask the same questions. */

static_assert((int)Gauge_data_points_tag == 1 && (int)Sum_data_points_tag == 1 && (int)Histogram_data_points_tag == 1 &&
                  (int)ExponentialHistogram_data_points_tag == 1,
              "one encoding serves all");
static_assert((int)Exemplar_filtered_attributes_tag == (int)NumberDataPoint_attributes_tag,
              "the bytes of a set serve both");

static char *put_fixed64(char *to, unsigned field, uint64_t v)
{
	return wire_fixed64(wire_tag(to, field, WIRE_FIXED64), v);
}

static char *put_double(char *to, unsigned field, double v)
{
	union number n = { .d = v };

	return put_fixed64(to, field, n.bits);
}

/* ---- attributes ---- */

static size_t labels_size(const struct point *p)
{
	if (p->overflow)
		return OVERFLOW_BYTES;
	return p->set ? ((const struct set *)space_at(p->set))->n : 0;
}

/* The bytes of the set, but for the tag of each of its attributes. */
static char *put_labels(char *to, const struct point *p, unsigned field)
{
	const struct set *set = space_at(p->set);
	char *end;

	if (p->overflow) {
		to = wire_length(to, field, OVERFLOW_BYTES - 2);
		to = wire_length(to, 1, sizeof OVERFLOW_KEY - 1);
		memcpy(to, OVERFLOW_KEY, sizeof OVERFLOW_KEY - 1);
		to = wire_length(to + sizeof OVERFLOW_KEY - 1, 2, 2);
		return wire_int(to, 2, 1);
	}
	if (!p->set)
		return to;
	memcpy(to, set->bytes, set->n);
	for (end = to + set->n; to < end;) {
		size_t n = 0;
		int shift = 0;

		wire_tag(to, field, WIRE_BYTES);
		do {
			n |= (size_t)(*++to & 127) << shift;
			shift += 7;
		} while (*to & 128);
		to += n + 1;
	}
	return to;
}

/* ---- exemplars ---- */

static size_t exemplar_size(const struct exemplar *e)
{
	return 2 * FIXED64_BYTES + (e->has_span ? 2u + 8 + 2 + 16 : 0) + e->others_n;
}

static size_t exemplars_size(const struct stream *s, const struct point *p)
{
	unsigned slots = p->exemplars ? exemplar_slots(s) : 0;
	size_t n = 0;

	for (unsigned i = 0; i < slots; i++) {
		const struct exemplar *e = exemplar_at(s, p, i);

		n += e->time ? wire_bytes_size(1, exemplar_size(e)) : 0;
	}
	return n;
}

static char *put_exemplar(char *to, const struct stream *s, const struct exemplar *e)
{
	to = put_fixed64(to, Exemplar_time_unix_nano_tag, (uint64_t)e->time);
	to = put_fixed64(to, s->is_double ? Exemplar_as_double_tag : Exemplar_as_int_tag, e->bits);
	if (e->has_span) {
		to = wire_length(to, Exemplar_span_id_tag, 8);
		memcpy(to, e->span_id, 8);
		to = wire_length(to + 8, Exemplar_trace_id_tag, 16);
		memcpy(to, e->trace_id, 16);
		to += 16;
	}
	memcpy(to, e->others, e->others_n);
	return to + e->others_n;
}

static char *put_exemplars(char *to, const struct stream *s, const struct point *p, unsigned field)
{
	unsigned slots = p->exemplars ? exemplar_slots(s) : 0;

	for (unsigned i = 0; i < slots; i++) {
		const struct exemplar *e = exemplar_at(s, p, i);

		if (e->time)
			to = put_exemplar(wire_length(to, field, exemplar_size(e)), s, e);
	}
	return to;
}

/* ---- numbers ---- */

static union number shown(const struct stream *s, const struct point *p)
{
	union number v = p->is.sum.value, old = p->is.sum.reported;

	if (!s->observed || !s->delta || s->aggregation != OTEL_AGGREGATION_SUM)
		return v;
	if (s->monotonic && (s->is_double ? v.d < old.d : v.i < old.i))
		return v; /* what fell back began anew */
	if (s->is_double)
		return (union number){ .d = v.d - old.d };
	return (union number){ .bits = v.bits - old.bits };
}

static char *put_number(char *to, const struct stream *s, const struct point *p, int64_t now)
{
	unsigned field = s->is_double ? NumberDataPoint_as_double_tag : NumberDataPoint_as_int_tag;

	to = put_fixed64(to, NumberDataPoint_start_time_unix_nano_tag, (uint64_t)p->start);
	to = put_fixed64(to, NumberDataPoint_time_unix_nano_tag, (uint64_t)now);
	to = put_fixed64(to, field, shown(s, p).bits);
	to = put_exemplars(to, s, p, NumberDataPoint_exemplars_tag);
	return put_labels(to, p, NumberDataPoint_attributes_tag);
}

/* ---- histograms ---- */

/* A sum that may fall is none that a receiver can make a rate of (metrics.proto, HistogramDataPoint.sum). */
static bool has_sum(const struct stream *s, const struct distribution *d)
{
	return !s->signed_values && !(d->count && d->min < 0);
}

static size_t distribution_size(const struct stream *s, const struct distribution *d)
{
	return FIXED64_BYTES * (3 + has_sum(s, d) + (d->count ? 2u : 0));
}

static char *put_bounds(char *to, const struct stream *s, const uint64_t *buckets)
{
	size_t n = s->bound_count * sizeof(double);

	to = wire_length(to, HistogramDataPoint_bucket_counts_tag, n + sizeof(uint64_t));
	memcpy(to, buckets, n + sizeof(uint64_t));
	to += n + sizeof(uint64_t);
	if (!n)
		return to;
	to = wire_length(to, HistogramDataPoint_explicit_bounds_tag, n);
	memcpy(to, s->bounds, n);
	return to + n;
}

static char *put_explicit(char *to, const struct stream *s, const struct point *p, int64_t now)
{
	const struct distribution *d = &p->is.explicit_;

	to = put_fixed64(to, HistogramDataPoint_start_time_unix_nano_tag, (uint64_t)p->start);
	to = put_fixed64(to, HistogramDataPoint_time_unix_nano_tag, (uint64_t)now);
	to = put_fixed64(to, HistogramDataPoint_count_tag, d->count);
	if (has_sum(s, d))
		to = put_double(to, HistogramDataPoint_sum_tag, d->sum);
	to = put_bounds(to, s, point_buckets((struct point *)p));
	to = put_exemplars(to, s, p, HistogramDataPoint_exemplars_tag);
	to = put_labels(to, p, HistogramDataPoint_attributes_tag);
	if (d->count) {
		to = put_double(to, HistogramDataPoint_min_tag, d->min);
		to = put_double(to, HistogramDataPoint_max_tag, d->max);
	}
	return to;
}

static uint64_t zigzag(int32_t v)
{
	return (uint32_t)v << 1 ^ (v < 0 ? UINT32_MAX : 0);
}

static uint64_t count_at(const struct stream *s, const struct exponential_histogram *h, int sign, int32_t i)
{
	return exponential_at(space_at(h->counts[sign]), s->buckets, i);
}

static size_t counts_size(const struct stream *s, const struct exponential_histogram *h, int sign)
{
	size_t n = 0;

	for (int32_t i = h->sides[sign].low; i <= h->sides[sign].high; i++)
		n += wire_varint_size(count_at(s, h, sign, i));
	return n;
}

static size_t side_size(const struct stream *s, const struct exponential_histogram *h, int sign)
{
	const struct exponential_side *side = &h->sides[sign];

	if (side->high < side->low)
		return 0;
	return 1 + wire_varint_size(zigzag(side->low)) + wire_bytes_size(2, counts_size(s, h, sign));
}

static char *put_side(char *to, const struct stream *s, const struct exponential_histogram *h, int sign, unsigned field)
{
	size_t n = side_size(s, h, sign);

	if (!n)
		return to;
	to = wire_length(to, field, n);
	to = wire_int(to, ExponentialHistogramDataPoint_Buckets_offset_tag, zigzag(h->sides[sign].low));
	to = wire_length(to, ExponentialHistogramDataPoint_Buckets_bucket_counts_tag, counts_size(s, h, sign));
	for (int32_t i = h->sides[sign].low; i <= h->sides[sign].high; i++)
		to = wire_varint(to, count_at(s, h, sign, i));
	return to;
}

static size_t exponential_size(const struct stream *s, const struct exponential_histogram *h)
{
	size_t n = distribution_size(s, &h->all) + 1 + wire_varint_size(zigzag(h->scale)) + FIXED64_BYTES;

	for (int sign = 0; sign < 2; sign++) {
		size_t side = side_size(s, h, sign);

		n += side ? wire_bytes_size(1, side) : 0;
	}
	return n;
}

static char *put_exponential(char *to, const struct stream *s, const struct point *p, int64_t now)
{
	const struct exponential_histogram *h = &p->is.exponential;

	to = put_labels(to, p, ExponentialHistogramDataPoint_attributes_tag);
	to = put_fixed64(to, ExponentialHistogramDataPoint_start_time_unix_nano_tag, (uint64_t)p->start);
	to = put_fixed64(to, ExponentialHistogramDataPoint_time_unix_nano_tag, (uint64_t)now);
	to = put_fixed64(to, ExponentialHistogramDataPoint_count_tag, h->all.count);
	if (has_sum(s, &h->all))
		to = put_double(to, ExponentialHistogramDataPoint_sum_tag, h->all.sum);
	to = wire_int(to, ExponentialHistogramDataPoint_scale_tag, zigzag(h->scale));
	to = put_fixed64(to, ExponentialHistogramDataPoint_zero_count_tag, h->zeros);
	to = put_side(to, s, h, 0, ExponentialHistogramDataPoint_positive_tag);
	to = put_side(to, s, h, 1, ExponentialHistogramDataPoint_negative_tag);
	to = put_exemplars(to, s, p, ExponentialHistogramDataPoint_exemplars_tag);
	if (h->all.count) {
		to = put_double(to, ExponentialHistogramDataPoint_min_tag, h->all.min);
		to = put_double(to, ExponentialHistogramDataPoint_max_tag, h->all.max);
	}
	return to;
}

/* ---- a point ---- */

static size_t inner_size(const struct stream *s, const struct point *p)
{
	size_t n = labels_size(p) + exemplars_size(s, p), bounds = s->bound_count * sizeof(double);

	switch (s->aggregation) {
	case OTEL_AGGREGATION_EXPLICIT:
		n += distribution_size(s, &p->is.explicit_) + (bounds ? wire_bytes_size(1, bounds) : 0);
		return n + wire_bytes_size(1, bounds + sizeof(uint64_t));
	case OTEL_AGGREGATION_EXPONENTIAL: return n + exponential_size(s, &p->is.exponential);
	default:                           return n + 3 * FIXED64_BYTES;
	}
}

size_t encode_size(const struct stream *s, const struct point *p)
{
	return wire_bytes_size(1, inner_size(s, p));
}

char *encode_put(char *to, const struct stream *s, const struct point *p, int64_t now)
{
	to = wire_length(to, 1, inner_size(s, p));
	switch (s->aggregation) {
	case OTEL_AGGREGATION_EXPLICIT:    return put_explicit(to, s, p, now);
	case OTEL_AGGREGATION_EXPONENTIAL: return put_exponential(to, s, p, now);
	default:                           return put_number(to, s, p, now);
	}
}
