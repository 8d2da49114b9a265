// SPDX-License-Identifier: MIT
#include "metric/metric.h"

#include "metric/encode.h"
#include "otel.h"
#include "record/wire.h"
#include "region.h"

#include "metrics.pb.h"

/* One at a time: from stream and point on, one scope after another. */
static struct {
	bool asked, collecting;
	unsigned stream, streams; /* streams: how many there were when it began */
	unsigned scope;
	uint32_t point;
	int64_t interval_ns, last, now;
} collection;

void metric_collect_reset(int64_t interval_ns, int64_t now)
{
	memset(&collection, 0, sizeof collection);
	collection.interval_ns = interval_ns;
	collection.last = now;
}

void otel_metric_flush(void)
{
	collection.asked = true;
}

#define SCOPES (1 + OTEL_SCOPES_MAX)

static bool at_end(void)
{
	return collection.scope == SCOPES;
}

/* To the next stream of this scope, or of the next that has one: the cursor may be on any. */
static void settle(void)
{
	while (!at_end()) {
		for (; collection.stream < collection.streams; collection.stream++)
			if (stream_at(collection.stream)->instrument->otel_scope == collection.scope) {
				collection.point = stream_at(collection.stream)->first;
				return;
			}
		collection.stream = 0;
		collection.scope++;
	}
}

bool metric_due(int64_t wall_ns, bool last)
{
	if (!metric_enabled() || !stream_instruments())
		return false;
	/* A clock that was set back makes no interval infinite. */
	if (last || wall_ns < collection.last || wall_ns - collection.last >= collection.interval_ns)
		collection.asked = true;
	return collection.asked || (collection.collecting && !at_end());
}

/* A region that is half full is swept: what nobody needs any more makes room. */
static void end(void)
{
	collection.collecting = false;
	if (space_used() > REGION_METRIC_SPACE_BYTES / 2)
		point_sweep();
}

static void begin(int64_t wall_ns)
{
	collection.asked = false;
	collection.collecting = true;
	collection.last = collection.now = wall_ns;
	metric_observe();
	collection.scope = collection.stream = 0;
	collection.streams = stream_count();
	stream_collected(wall_ns);
	settle();
}

bool metric_collect_on(int64_t wall_ns)
{
	if (collection.collecting && at_end())
		end();
	if (!collection.collecting && collection.asked)
		begin(wall_ns);
	return collection.collecting;
}

static void next_stream(struct stream *s)
{
	s->since = collection.now;
	collection.stream++;
	settle();
}

static unsigned data_field(const struct stream *s)
{
	switch (s->aggregation) {
	case OTEL_AGGREGATION_SUM:         return Metric_sum_tag;
	case OTEL_AGGREGATION_EXPLICIT:    return Metric_histogram_tag;
	case OTEL_AGGREGATION_EXPONENTIAL: return Metric_exponential_histogram_tag;
	default:                           return Metric_gauge_tag;
	}
}

/* What is around the points of a metric: head before, tail of what all its points have in common. */
struct frame {
	struct wire_text name, description, unit;
	size_t tail;
};

#define TAIL_BYTES_MAX 4 /* temporality, is_monotonic */
#define HEAD_BYTES(f) (3 * 6 + 3 * 6 + (f)->name.size + (f)->description.size + (f)->unit.size) /* at most */

static void frame_of(struct frame *f, const struct stream *s)
{
	wire_text(&f->name, s->name, s->name_n);
	wire_text(&f->description, s->description, s->description_n);
	wire_text(&f->unit, s->instrument->unit, s->instrument->unit_n);
	f->tail = s->aggregation == OTEL_AGGREGATION_LAST_VALUE ? 0 : 2;
	f->tail += s->aggregation == OTEL_AGGREGATION_SUM && s->monotonic ? 2u : 0;
}

static char *put_head(char *to, const struct stream *s, const struct frame *f, size_t points)
{
	size_t data = wire_bytes_size(data_field(s), points + f->tail);
	size_t n = wire_optional_size(Metric_name_tag, &f->name) +
	           wire_optional_size(Metric_description_tag, &f->description) +
	           wire_optional_size(Metric_unit_tag, &f->unit) + data;

	to = wire_length(to, ScopeMetrics_metrics_tag, n);
	to = wire_optional(to, Metric_name_tag, &f->name);
	to = wire_optional(to, Metric_description_tag, &f->description);
	to = wire_optional(to, Metric_unit_tag, &f->unit);
	return wire_length(to, data_field(s), points + f->tail);
}

static char *put_tail(char *to, const struct stream *s, const struct frame *f)
{
	if (f->tail)
		to = wire_int(to, Sum_aggregation_temporality_tag,
		              s->delta ? AggregationTemporality_AGGREGATION_TEMPORALITY_DELTA
		                       : AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE);
	return f->tail > 2 ? wire_int(to, Sum_is_monotonic_tag, true) : to;
}

/* Points from the cursor on, as many as fit. */
static size_t put_points(struct stream *s, char *room, size_t n, size_t *count)
{
	size_t used = 0;

	for (; collection.point; collection.point = ((struct point *)space_at(collection.point))->next) {
		struct point *p = space_at(collection.point);
		size_t size = encode_size(s, p);

		if (p->touched && size > n - used)
			break;
		if (p->touched) {
			if (p->start > collection.now)
				p->start = collection.now; /* the clock was set back */
			used = (size_t)(encode_put(room + used, s, p, collection.now) - room);
			++*count;
		}
		point_collected(s, p, collection.now);
	}
	return used;
}

/*
 * One metric, or what fits of it: points first, behind room for the head, which is put right before them once
 * their size is known.
 */
static size_t put_metric(struct stream *s, char *room, size_t n, size_t *count)
{
	struct frame f;
	size_t points, head, around;
	char *start, *end;

	frame_of(&f, s);
	around = HEAD_BYTES(&f) + TAIL_BYTES_MAX;
	if (n < around)
		return 0;
	points = put_points(s, room + HEAD_BYTES(&f), n - around, count);
	if (!points)
		return 0;
	start = room + HEAD_BYTES(&f);
	end = put_tail(start + points, s, &f);
	head = (size_t)(put_head(room, s, &f, points) - room);
	memmove(room + head, start, (size_t)(end - start));
	return head + (size_t)(end - start);
}

static void give_up_point(struct stream *s)
{
	struct point *p = space_at(collection.point);

	metric_ignored(METRIC_UNFIT, (str){ s->name, s->name_n });
	point_collected(s, p, collection.now);
	collection.point = p->next;
}

size_t metric_collect(char *room, size_t n, size_t *points, unsigned *scope)
{
	unsigned first = collection.scope;
	size_t used = 0;

	while (!at_end() && (!used || collection.scope == first)) {
		struct stream *s = stream_at(collection.stream);

		*scope = first = collection.scope;
		used += put_metric(s, room + used, n - used, points);
		if (!collection.point)
			next_stream(s);
		else if (used)
			return used;
		else
			give_up_point(s);
	}
	return used;
}
