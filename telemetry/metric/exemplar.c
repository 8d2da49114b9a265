// SPDX-License-Identifier: MIT
#include "metric/exemplar.h"

#include "base/clock.h"
#include "metric/metric.h"
#include "record/recorder.h"

#include <stddef.h>

/* Specification, "Exemplar defaults": one for each bucket, or twenty of an exponential histogram, or one. */
#define RESERVOIR 20

static enum exemplar_filter filter;

void exemplar_choose(enum exemplar_filter chosen)
{
	filter = chosen;
}

bool exemplar_wanted(void)
{
	if (filter == EXEMPLAR_TRACE_BASED) {
		const struct open_span *o = recorder_find(otel_current());

		return o && o->slot.flags & OTEL_SAMPLED;
	}
	return filter == EXEMPLAR_ALWAYS_ON;
}

unsigned exemplar_slots(const struct stream *s)
{
	if (s->aggregation == OTEL_AGGREGATION_EXPLICIT)
		return s->bound_count + 1u;
	if (s->aggregation == OTEL_AGGREGATION_EXPONENTIAL)
		return s->buckets < RESERVOIR ? s->buckets : RESERVOIR;
	return 1;
}

static size_t slot_bytes(const struct stream *s)
{
	return (offsetof(struct exemplar, others) + (s->keep ? SPACE_OTHERS_BYTES : 0) + 7) & ~(size_t)7;
}

static struct exemplar *slot_at(const struct stream *s, const struct point *p, unsigned slot)
{
	return (struct exemplar *)((char *)space_at(p->exemplars) + slot * slot_bytes(s));
}

const struct exemplar *exemplar_at(const struct stream *s, const struct point *p, unsigned slot)
{
	return slot_at(s, p, slot);
}

/* Reservoir sampling: each measurement since the last collection is as likely to be kept. */
static unsigned drawn(struct point *p, unsigned slots)
{
	unsigned seen = p->seen;

	p->seen += seen < UINT32_MAX;
	return seen < slots ? seen : (unsigned)((id_next(&recorder.ids) >> 32) * (seen + 1ull) >> 32);
}

void exemplar_offer(const struct stream *s, struct point *p, union number value, unsigned bucket,
                    const struct labels *l)
{
	unsigned slots = exemplar_slots(s), slot = s->aggregation == OTEL_AGGREGATION_EXPLICIT ? bucket : drawn(p, slots);
	struct exemplar *e;

	if (slot >= slots)
		return;
	if (!p->exemplars && !(p->exemplars = space_take(slots * slot_bytes(s), false))) {
		metric_ignored(METRIC_EXEMPLAR, (str){ s->name, s->name_n });
		return;
	}
	e = slot_at(s, p, slot);
	e->time = clock_wall_ns();
	e->bits = value.bits;
	e->has_span = recorder_ids(e->trace_id, e->span_id);
	e->others_n = s->keep && l ? (uint16_t)l->others_n : 0;
	if (e->others_n)
		memcpy(e->others, l->others, e->others_n);
}

void exemplar_collected(const struct stream *s, struct point *p)
{
	p->seen = 0;
	if (p->exemplars)
		memset(space_at(p->exemplars), 0, exemplar_slots(s) * slot_bytes(s));
}
