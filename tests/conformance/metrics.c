// SPDX-License-Identifier: MIT

/*
 * metrics SEED COLLECTIONS: measures at random and says what it did, a line of JSON for each measurement and
 * each collection, with the bytes of the latter in hexadecimal; so that somebody else's protobuf, and another
 * aggregation, can tell whether the one is the other.
 */
#include "base/clock.h"
#include "conformance/random.h"
#include "metric/metric.h"
#include "otel_metric.h"
#include "source.h"

#include <math.h>
#include <stdlib.h>

#define ROOM 3000 /* a collection takes several */
#define ATTRS_MAX 5

static void observe(struct otel_observer *to, void *data);

static const double bounds[] = { -10, 0, 0.5, 7, 1e6 };
static struct otel_instrument instruments[] = {
	OTEL_COUNTER("counter", "{thing}", "A counter"),
	OTEL_COUNTER_DOUBLE("counter.double", "s", ""),
	OTEL_UPDOWN("updown", "", "Up and down"),
	OTEL_GAUGE_DOUBLE("gauge", "Cel", ""),
	OTEL_HISTOGRAM_DOUBLE("histogram", "s", ""),
	OTEL_HISTOGRAM_BOUNDS(OTEL_METRIC_INT, "histogram.bounds", "By", "", bounds),
	OTEL_HISTOGRAM_DOUBLE("exponential", "", ""),
	OTEL_HISTOGRAM_DOUBLE("exponential.small", "", ""),
	OTEL_COUNTER("kept", "", ""),
	OTEL_OBSERVED(OTEL_METRIC_COUNTER, OTEL_METRIC_INT, "observed.counter", "", "", observe, &instruments[9]),
	OTEL_OBSERVED(OTEL_METRIC_GAUGE, OTEL_METRIC_DOUBLE, "observed.gauge", "", "", observe, &instruments[10]),
};
#define INSTRUMENTS (sizeof instruments / sizeof instruments[0])
#define OBSERVED_FIRST 9

static const char *const keep[] = { "b", "ccc" };
static const struct otel_view views[] = {
	{ .instrument = "exponential", .aggregation = OTEL_AGGREGATION_EXPONENTIAL },
	{ .instrument = "*.SMALL", .aggregation = OTEL_AGGREGATION_EXPONENTIAL, .buckets = 8 },
	{ .instrument = "kep?", .name = "kept.some", .description = "Some attributes", .keep = keep, .keep_count = 2 },
	{ .instrument = "kept", .name = "kept.none", .keep = keep, .keep_count = 0 },
};

/* ---- random things ---- */

static double draw_measure(void)
{
	static const double special[] = { 0.0, -0.0, 1, 0.5, 1e300, 5e-324, 7, -3, 1024 };
	double v = (double)draw(1000000) / 1000;

	if (draw(8) == 0)
		return special[draw(sizeof special / sizeof special[0])];
	if (draw(40) == 0)
		return draw(2) ? NAN : draw(2) ? INFINITY : -INFINITY;
	return draw(10) ? v : -v;
}

/* few: histograms are large, and all of this is to fit in memory, cumulative too. */
static size_t draw_labels(struct otel_attr *attrs, bool few)
{
	static const char *const keys[] = { "a", "b", "ccc", "long.attribute.key", "\xc3\xbc" };
	static const char *const texts[] = { "", "x", "GET", "\xff\xfe", "a longer text, longer than eight bytes" };
	size_t n = draw(3) ? draw(few ? 2 : ATTRS_MAX + 1) : 0;

	for (size_t i = 0; i < n; i++) {
		const char *key = keys[draw(5)], *text = texts[draw(5)];

		switch (draw(4)) {
		case 0:  attrs[i] = otel_attr_str(key, text, strlen(text)); break;
		case 1:  attrs[i] = otel_attr_int(key, (int64_t)draw(3) - 1); break;
		case 2:  attrs[i] = otel_attr_double(key, (double)draw(3) / 2); break;
		default: attrs[i] = otel_attr_bool(key, draw(2)); break;
		}
	}
	return n;
}

/* ---- doing it, and saying so ---- */

static void say(const struct otel_instrument *i, int64_t integer, double number, const struct otel_attr *attrs,
                size_t n)
{
	printf("{\"name\":\"%s\",\"time\":%" PRId64 ",", i->name, clock_wall_ns());
	if (i->type == OTEL_METRIC_INT) {
		printf("\"int\":%" PRId64, integer);
	} else {
		printf("\"double\":");
		say_double(number);
	}
	printf(",\"attributes\":");
	say_attrs(attrs, n);
	printf("}\n");
}

static void measure(struct otel_instrument *i)
{
	struct otel_attr attrs[ATTRS_MAX];
	size_t n = draw_labels(attrs, i->kind == OTEL_METRIC_HISTOGRAM);
	int64_t integer = (int64_t)draw(2000) - 50;
	double number = draw_measure();
	bool adds = i->kind == OTEL_METRIC_COUNTER || i->kind == OTEL_METRIC_UPDOWN;

	say(i, integer, number, attrs, n);
	if (i->type == OTEL_METRIC_INT)
		(adds ? otel_add_int : otel_record_int)(i, integer, attrs, n);
	else
		(adds ? otel_add_double : otel_record_double)(i, number, attrs, n);
}

/* Each attribute once in a round, so that it is clear which value counts. */
static void observe(struct otel_observer *to, void *data)
{
	static int64_t total;
	struct otel_instrument *i = data;

	for (uint64_t id = draw(3); id < 4; id += 1 + draw(2)) {
		struct otel_attr attr = otel_attr_int("id", (int64_t)id);
		double number = (double)draw(1000) / 8;

		total += (int64_t)draw(100);
		say(i, total, number, &attr, 1);
		if (i->type == OTEL_METRIC_INT)
			otel_observe_int(to, total, &attr, 1);
		else
			otel_observe_double(to, number, &attr, 1);
	}
}

static void collect(void)
{
	static char room[ROOM];
	int64_t now = clock_wall_ns();
	size_t n, points = 0;
	unsigned scope;

	metric_due(now, true);
	if (!metric_collect_on(now))
		return;
	printf("{\"collected\":[");
	for (bool first = true; metric_collect_on(now) && (n = metric_collect(room, sizeof room, &points, &scope));
	     first = false) {
		printf(first ? "" : ",");
		say_text(room, n);
	}
	printf("],\"points\":%zu,\"time\":%" PRId64 "}\n", points, now);
}

int main(int argc, char **argv)
{
	state = argc > 1 ? strtoull(argv[1], NULL, 10) * 0x9e3779b97f4a7c15 + 1 : 1;
	printf("{\"start\":%" PRId64 "}\n", clock_wall_ns());
	metric_init(true, clock_wall_ns());
	otel_views(views, sizeof views / sizeof views[0]);
	for (size_t i = OBSERVED_FIRST; i < INSTRUMENTS; i++)
		otel_observe(&instruments[i]);
	for (int round = argc > 2 ? atoi(argv[2]) : 1; round; round--) {
		for (uint64_t n = draw(400); n; n--)
			measure(&instruments[draw(OBSERVED_FIRST)]);
		collect();
	}
	return fflush(stdout) ? 1 : 0;
}
