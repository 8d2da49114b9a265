// SPDX-License-Identifier: MIT
#pragma once

#include "telemetry.h"

#include "base/clock.h"
#include "metric/metric.h"
#include "metric/space.h"
#include "otel_metric.h"

/* Metrics as hooks.c drives them, and what came of it. */

#define COLLECTED_MAX (2 * 1024 * 1024)

/* Fields of the OTLP messages (metrics.proto). */
enum {
	METRIC_NAME = 1,
	METRIC_DESCRIPTION,
	METRIC_UNIT,
	METRIC_GAUGE = 5,
	METRIC_SUM = 7,
	METRIC_HISTOGRAM = 9,
	METRIC_EXPONENTIAL
};
enum { POINTS = 1, TEMPORALITY, MONOTONIC };
enum { DELTA = 1, CUMULATIVE };
enum { POINT_START = 2, POINT_TIME, POINT_DOUBLE, POINT_EXEMPLARS, POINT_INT, POINT_ATTRIBUTES };
enum {
	HISTOGRAM_COUNT = 4,
	HISTOGRAM_SUM,
	HISTOGRAM_BUCKETS,
	HISTOGRAM_BOUNDS,
	HISTOGRAM_EXEMPLARS,
	HISTOGRAM_ATTRIBUTES,
	HISTOGRAM_MIN = 11,
	HISTOGRAM_MAX
};

/* As metric_init() in an environment of these variables, with telemetry started. */
static inline void metric_start(const char *const *environment)
{
	telemetry_start(environment);
	otel_views(NULL, 0);
	metric_init(true, clock_wall_ns());
}

static inline void metric_start_plain(void)
{
	metric_start((const char *const[]){ NULL });
}

/*
 * A whole collection with room for n bytes each time; ScopeMetrics.metrics fields one after another, valid
 * until the next one.
 */
static inline str metric_collected_by(size_t n, int64_t wall_ns, size_t *points)
{
	static char all[COLLECTED_MAX], room[COLLECTED_MAX];
	size_t used = 0, part;
	unsigned scope;

	*points = 0;
	metric_due(wall_ns, true);
	while (metric_collect_on(wall_ns) && (part = metric_collect(room, n, points, &scope))) {
		memcpy(all + used, room, part);
		used += part;
	}
	metric_collect_on(wall_ns);
	return (str){ all, used };
}

static inline str metric_collected_at(int64_t wall_ns)
{
	size_t points;

	return metric_collected_by(COLLECTED_MAX / 2, wall_ns, &points);
}

static inline str metric_collected(void)
{
	return metric_collected_at(clock_wall_ns());
}

/* The Metric of that name; empty: there is none. */
static inline str metric_named(str metrics, const char *name)
{
	for (int i = 0; pb_field(metrics, 2, i).number; i++)
		if (str_eq(pb_bytes(pb_field(metrics, 2, i).bytes, METRIC_NAME), str_of(name)))
			return pb_field(metrics, 2, i).bytes;
	return (str){ 0 };
}

/* Its Sum, Gauge, ... */
static inline str metric_data(str metric)
{
	static const unsigned fields[] = { METRIC_GAUGE, METRIC_SUM, METRIC_HISTOGRAM, METRIC_EXPONENTIAL };

	for (int i = 0; i < 4; i++)
		if (pb_field(metric, fields[i], 0).number)
			return pb_bytes(metric, fields[i]);
	return (str){ 0 };
}

static inline str metric_point(str metrics, const char *name, int n)
{
	return pb_field(metric_data(metric_named(metrics, name)), POINTS, n).bytes;
}

static inline int metric_points(str metrics, const char *name)
{
	return pb_count(metric_data(metric_named(metrics, name)), POINTS);
}

static inline uint64_t metric_number(str point, unsigned field)
{
	return pb_field(point, field, 0).value;
}

static inline double metric_double(str point, unsigned field)
{
	uint64_t bits = metric_number(point, field);
	double v;

	memcpy(&v, &bits, sizeof v);
	return v;
}

static inline bool metric_has(str message, unsigned field)
{
	return pb_field(message, field, 0).number == field;
}

static inline bool metric_is_overflow(str point, unsigned attributes)
{
	return pb_count(point, attributes) == 1 &&
	       pb_field(pb_attribute(point, attributes, "otel.metric.overflow"), 2, 0).value == 1;
}
