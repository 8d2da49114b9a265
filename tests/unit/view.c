// SPDX-License-Identifier: MIT
#include "metric.h"
#include "test.h"

#include "metric/point.h"

#include <stdio.h>

/* Views, the cardinality limit, and memory. */

static void use(struct otel_instrument *counter, int64_t value, int64_t id)
{
	struct otel_attr attr = otel_attr_int("id", id);

	otel_add_int(counter, value, &attr, 1);
}

static void start(const struct otel_view *views, size_t n)
{
	metric_start_plain();
	otel_views(views, n);
}

static void mute(struct captured *c)
{
	*c = capture(STDERR_FILENO);
}

/* ---- views ---- */

TEST(a_view_matches_names_with_wildcards_in_any_case)
{
	static const struct {
		const char *pattern;
		bool matches;
	} cases[] = {
		{ "http.server.calls", true },
		{ "HTTP.*", true },
		{ "*", true },
		{ "*.calls", true },
		{ "http.*.calls", true },
		{ "h*e*l?s", true },
		{ "http.server.call?", true },
		{ "****s", true },
		{ "http", false },
		{ "*.call", false },
		{ "?", false },
		{ "http.server.calls?", false },
		{ "", false },
		{ "*r*r*r*", false },
	};
	static struct otel_instrument counter = OTEL_COUNTER("http.server.calls", "", "");

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct otel_view view = { .instrument = cases[i].pattern, .aggregation = OTEL_AGGREGATION_DROP };

		start(&view, 1);
		otel_add(&counter, 1);
		CHECK(!metric_collected().n == cases[i].matches);
		CHECK(otel_metric_enabled(&counter) != cases[i].matches);
	}
}

TEST(a_view_renames_describes_and_aggregates)
{
	static const double bounds[] = { 10 };
	static const struct otel_view views[] = {
		{ .instrument = "work", .name = "work.done", .description = "What was done" },
		{ .instrument = "wor?",
		  .name = "work.spread",
		  .aggregation = OTEL_AGGREGATION_EXPLICIT,
		  .bounds = bounds,
		  .bound_count = 1 },
		{ .instrument = "w*", .name = "work.last", .aggregation = OTEL_AGGREGATION_LAST_VALUE },
		{ .instrument = "play", .name = "never" },
	};
	static struct otel_instrument counter = OTEL_COUNTER("work", "", "x");
	str metrics;

	start(views, 4);
	otel_add(&counter, 8);
	otel_add(&counter, 20);
	metrics = metric_collected();
	CHECK(pb_count(metrics, 2) == 3);
	CHECK(metric_number(metric_point(metrics, "work.done", 0), POINT_INT) == 28);
	CHECK(str_eq(pb_bytes(metric_named(metrics, "work.done"), METRIC_DESCRIPTION), S("What was done")));
	CHECK(metric_number(metric_point(metrics, "work.spread", 0), HISTOGRAM_COUNT) == 2);
	CHECK(metric_double(metric_point(metrics, "work.spread", 0), HISTOGRAM_SUM) == 28);
	CHECK(metric_has(metric_named(metrics, "work.last"), METRIC_GAUGE));
	CHECK(metric_number(metric_point(metrics, "work.last", 0), POINT_INT) == 20);
}

TEST(attributes_that_a_view_leaves_out_are_in_exemplars)
{
	static const char *const keep[] = { "route" };
	static const struct otel_view views[] = { { .instrument = "kept", .keep = keep, .keep_count = 1 },
		                                      { .instrument = "kept", .name = "bare", .keep = keep, .keep_count = 0 } };
	static struct otel_instrument counter = OTEL_COUNTER("kept", "", "");
	str metrics, point, exemplar;

	metric_start((const char *const[]){ "OTEL_METRICS_EXEMPLAR_FILTER=always_on", NULL });
	otel_views(views, 2);
	for (int i = 0; i < 3; i++) {
		struct otel_attr attrs[] = { otel_attr_int("user", i), otel_attr_str("route", "/", 1) };

		otel_add_int(&counter, 1, attrs, 2);
	}
	metrics = metric_collected();
	point = metric_point(metrics, "kept", 0);
	CHECK(metric_points(metrics, "kept") == 1 && metric_number(point, POINT_INT) == 3);
	CHECK(pb_count(point, POINT_ATTRIBUTES) == 1 &&
	      str_eq(pb_text_attribute(point, POINT_ATTRIBUTES, "route"), S("/")));
	exemplar = pb_bytes(point, POINT_EXEMPLARS);
	CHECK(pb_valid(exemplar) && pb_count(exemplar, 7) == 1 && pb_attribute(exemplar, 7, "user").n > 0);
	point = metric_point(metrics, "bare", 0);
	CHECK(!pb_count(point, POINT_ATTRIBUTES) && pb_count(pb_bytes(point, POINT_EXEMPLARS), 7) == 2);
}

static void observe_three(struct otel_observer *to, void *data)
{
	(void)data;
	for (int i = 1; i <= 3; i++) {
		struct otel_attr attr = otel_attr_int("cpu", i);

		otel_observe_int(to, i * 100, &attr, 1);
	}
}

TEST(a_stream_that_takes_any_value_has_it_though_another_refuses_it)
{
	static const struct otel_view views[] = {
		{ .instrument = "both", .name = "both.sum", .aggregation = OTEL_AGGREGATION_SUM },
		{ .instrument = "both", .name = "both.other", .aggregation = OTEL_AGGREGATION_SUM },
		{ .instrument = "both", .name = "both.last", .aggregation = OTEL_AGGREGATION_LAST_VALUE },
	};
	static struct otel_instrument gauge = OTEL_GAUGE_DOUBLE("both", "", "");
	struct captured c;
	str metrics;

	start(views, 3);
	otel_record_double(&gauge, 1, NULL, 0);
	mute(&c);
	otel_record_double(&gauge, __builtin_inf(), NULL, 0);
	capture_end(&c);
	metrics = metric_collected();
	CHECK(metric_double(metric_point(metrics, "both.sum", 0), POINT_DOUBLE) == 1);
	CHECK(metric_double(metric_point(metrics, "both.last", 0), POINT_DOUBLE) > 1);
	CHECK(metric_ignored_count(METRIC_NO_NUMBER) == 1);
}

TEST(observed_values_that_a_view_makes_one_are_added)
{
	static const char *const keep[] = { "none" };
	static const struct otel_view views[] = { { .instrument = "observed", .keep = keep, .keep_count = 1 } };
	static struct otel_instrument counter = OTEL_OBSERVED(OTEL_METRIC_UPDOWN, OTEL_METRIC_INT, "observed", "", "",
	                                                      observe_three, NULL);

	start(views, 1);
	otel_observe(&counter);
	for (int i = 0; i < 2; i++)
		CHECK(metric_number(metric_point(metric_collected(), "observed", 0), POINT_INT) == 600);
}

/* ---- the limit ---- */

TEST(beyond_the_limit_is_the_overflow_point)
{
	static const struct otel_view views[] = { { .instrument = "limited", .limit = 5 } };
	static struct otel_instrument counter = OTEL_COUNTER("limited", "", "");
	struct captured c;
	str metrics;

	start(views, 1);
	for (int round = 0; round < 3; round++) {
		uint64_t before = metric_ignored_count(METRIC_OVERFLOW);

		mute(&c);
		for (int i = 0; i < 10; i++)
			use(&counter, 1, round * 100 + i);
		use(&counter, 1, round * 100);
		otel_add(&counter, 1);
		CHECK(lines(capture_end(&c)) == (round == 0));
		CHECK(metric_ignored_count(METRIC_OVERFLOW) - before == 7);
		metrics = metric_collected();
		CHECK(metric_points(metrics, "limited") == 5);
		CHECK(metric_number(metric_point(metrics, "limited", round ? 0 : 4), POINT_INT) == 7);
		CHECK(metric_is_overflow(metric_point(metrics, "limited", round ? 0 : 4), POINT_ATTRIBUTES));
	}
}

TEST(a_limit_of_one_is_only_the_overflow_point)
{
	static const struct otel_view views[] = { { .instrument = "one", .limit = 1 } };
	static struct otel_instrument counter = OTEL_COUNTER("one", "", "");
	struct captured c;
	str metrics;

	start(views, 1);
	mute(&c);
	use(&counter, 1, 1);
	otel_add(&counter, 1);
	capture_end(&c);
	metrics = metric_collected();
	CHECK(metric_points(metrics, "one") == 1 && metric_is_overflow(metric_point(metrics, "one", 0), POINT_ATTRIBUTES));
}

TEST(the_default_limit_is_2000_points)
{
	static struct otel_instrument counter = OTEL_COUNTER("default.limit", "", "");
	struct captured c;
	str metrics;

	start(NULL, 0);
	mute(&c);
	for (int i = 0; i < 2500; i++)
		use(&counter, 1, i);
	capture_end(&c);
	CHECK(metric_ignored_count(METRIC_OVERFLOW) == 501);
	metrics = metric_collected();
	CHECK(metric_points(metrics, "default.limit") == 2000);
}

TEST(more_attributes_than_a_set_may_have_overflow)
{
	static struct otel_instrument counter = OTEL_COUNTER("wide", "", "");
	struct otel_attr attrs[OTEL_METRIC_ATTRS_MAX + 1];
	char key[OTEL_METRIC_ATTRS_MAX + 1][4], text[SPACE_SET_BYTES_MAX + 1] = { 0 };
	struct captured c;
	str metrics;

	for (int i = 0; i < OTEL_METRIC_ATTRS_MAX + 1; i++) {
		snprintf(key[i], sizeof key[i], "k%d", i);
		attrs[i] = otel_attr_int(key[i], i);
	}
	for (size_t n = SPACE_SET_BYTES_MAX - 40; n <= sizeof text; n++) {
		struct otel_attr large = otel_attr_str("large", text, n);

		start(NULL, 0);
		mute(&c);
		otel_add_int(&counter, 1, &large, 1);
		otel_add_int(&counter, 1, attrs, OTEL_METRIC_ATTRS_MAX);
		otel_add_int(&counter, 1, attrs, OTEL_METRIC_ATTRS_MAX + 1);
		capture_end(&c);
		metrics = metric_collected();
		CHECK(metric_ignored_count(METRIC_OVERFLOW) == (n + 13 > SPACE_SET_BYTES_MAX - 5 ? 2 : 1) ||
		      n + 20 > SPACE_SET_BYTES_MAX);
		CHECK(pb_valid(metrics) && metric_points(metrics, "wide") + (int)metric_ignored_count(METRIC_OVERFLOW) == 4);
	}
}

/* ---- memory ---- */

/* Over all points of that name, in one metric or several. */
struct total {
	int64_t sum;
	uint64_t counts;
	int points;
};

static struct total total_of(str metrics, const char *name, unsigned count)
{
	struct total t = { 0 };
	struct field metric, point;
	bool ok = true;

	while (pb_next(&metrics, &metric, &ok)) {
		str data = metric_data(metric.bytes);

		if (!str_eq(pb_bytes(metric.bytes, METRIC_NAME), str_of(name)))
			continue;
		while (pb_next(&data, &point, &ok)) {
			if (point.number != POINTS)
				continue;
			t.points++;
			t.sum += (int64_t)metric_number(point.bytes, POINT_INT);
			t.counts += count ? metric_number(point.bytes, count) : 0;
		}
	}
	CHECK(ok);
	return t;
}

TEST(a_full_region_overflows_and_a_collection_makes_room)
{
	static struct otel_instrument counters[] = { OTEL_COUNTER("fill.a", "", ""), OTEL_COUNTER("fill.b", "", ""),
		                                         OTEL_COUNTER("fill.c", "", "") };
	static const char *const names[] = { "fill.a", "fill.b", "fill.c" };
	char text[200] = { 0 };
	size_t empty = 0;

	start(NULL, 0);
	for (int round = 0; round < 4; round++) {
		struct captured c;
		str metrics;

		mute(&c);
		for (int i = 0; i < 1500; i++) {
			struct otel_attr attrs[] = { otel_attr_int("id", round * 10000 + i),
				                         otel_attr_str("text", text, sizeof text) };

			for (int j = 0; j < 3; j++)
				otel_add_int(&counters[j], 1, attrs, 2);
		}
		capture_end(&c);
		metrics = metric_collected();
		CHECK(pb_valid(metrics));
		for (int j = 0; j < 3; j++) {
			struct total t = total_of(metrics, names[j], 0);

			CHECK(t.sum == 1500 && t.points > 100);
		}
		if (!round)
			empty = space_used();
		CHECK(space_used() == empty && empty < 4096);
	}
	CHECK(metric_ignored_count(METRIC_OVERFLOW) > 100);
}

TEST(cumulative_points_survive_a_sweep)
{
	static struct otel_instrument total = OTEL_UPDOWN("swept.total", "", ""),
								  churn = OTEL_COUNTER("swept.churn", "", ""),
								  spread = OTEL_HISTOGRAM("swept.spread", "", "");
	static const struct otel_view views[] = { { .instrument = "swept.spread",
		                                        .aggregation = OTEL_AGGREGATION_EXPONENTIAL } };
	struct captured c;
	uint64_t began = 0;

	metric_start((const char *const[]){ "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=delta", NULL });
	otel_views(views, 1);
	mute(&c);
	for (int round = 1; round < 6; round++) {
		str metrics;

		for (int i = 0; i < 50; i++)
			use(&total, 1, i);
		otel_add(&total, 1);
		for (int i = 0; i < 3000; i++)
			use(&churn, 1, round * 10000 + i);
		for (int i = -4; i < 5; i++)
			otel_record(&spread, i * round);
		metrics = metric_collected();
		CHECK(metric_points(metrics, "swept.total") == 51 && total_of(metrics, "swept.total", 0).sum == 51 * round);
		for (int i = 0; i < 51; i++)
			CHECK(metric_number(metric_point(metrics, "swept.total", i), POINT_INT) == (uint64_t)round);
		CHECK(pb_count(metric_point(metrics, "swept.total", 50), POINT_ATTRIBUTES) == 0);
		began = began ? began : metric_number(metric_point(metrics, "swept.total", 7), POINT_START);
		CHECK(metric_number(metric_point(metrics, "swept.total", 7), POINT_START) == began);
		CHECK(total_of(metrics, "swept.churn", 0).sum == 3000 && total_of(metrics, "swept.churn", 0).points > 1000);
		CHECK(total_of(metrics, "swept.spread", 4).counts == 9);
	}
	capture_end(&c);
}

TEST(cumulative_histograms_and_their_overflow_survive_a_sweep)
{
	static struct otel_instrument spread = OTEL_HISTOGRAM("kept.spread", "", ""),
								  wide = OTEL_HISTOGRAM("kept.wide", "", "");
	static const struct otel_view views[] = {
		{ .instrument = "kept.spread", .aggregation = OTEL_AGGREGATION_EXPONENTIAL, .limit = 20 },
		{ .instrument = "kept.wide", .limit = 2 }
	};
	struct captured c;

	metric_start((const char *const[]){ "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=cumulative", NULL });
	otel_views(views, 2);
	mute(&c);
	for (int round = 1; round < 5; round++) {
		uint64_t count = 0;
		str metrics;

		for (int i = 0; i < 200; i++) {
			struct otel_attr attr = otel_attr_int("i", i);

			otel_record_int(&spread, i - 100, &attr, 1);
			otel_record_int(&wide, i, &attr, 1);
		}
		metrics = metric_collected();
		point_sweep();
		CHECK(metric_points(metrics, "kept.spread") == 20 && metric_points(metrics, "kept.wide") == 2);
		for (int i = 0; i < 20; i++) {
			str point = metric_point(metrics, "kept.spread", i);
			str negative = pb_bytes(pb_bytes(point, 9), 2), positive = pb_bytes(pb_bytes(point, 8), 2);
			uint64_t in_buckets = metric_number(point, 7);
			bool ok = true;

			while (negative.n)
				in_buckets += pb_number(&negative, &ok);
			while (positive.n)
				in_buckets += pb_number(&positive, &ok);
			CHECK(ok && in_buckets == metric_number(point, 4));
			count += metric_number(point, 4);
		}
		CHECK(count == 200 * (uint64_t)round);
		CHECK(metric_number(metric_point(metrics, "kept.wide", 1), HISTOGRAM_COUNT) == 199 * (uint64_t)round);
		CHECK(metric_is_overflow(metric_point(metrics, "kept.wide", 1), HISTOGRAM_ATTRIBUTES));
	}
	capture_end(&c);
}

TEST(exemplars_that_find_no_room_are_counted_and_said_once)
{
	static struct otel_instrument spread = OTEL_HISTOGRAM("crowded", "", "");
	static const struct otel_view views[] = { { .instrument = "crowded",
		                                        .aggregation = OTEL_AGGREGATION_EXPONENTIAL } };
	struct captured c;
	bool points = true;
	str said;

	metric_start((const char *const[]){ "OTEL_METRICS_EXEMPLAR_FILTER=always_on",
	                                    "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=cumulative", NULL });
	otel_views(views, 1);
	mute(&c);
	for (int i = 0; i < 2000 && points; i++) {
		struct otel_attr attr = otel_attr_int("i", i);
		uint64_t over = metric_ignored_count(METRIC_OVERFLOW);

		otel_record_int(&spread, i, &attr, 1);
		points = over == metric_ignored_count(METRIC_OVERFLOW);
	}
	for (int i = 0; i < 2000; i++)
		otel_record_int(&spread, 1, NULL, 0);
	CHECK(metric_ignored_count(METRIC_EXEMPLAR) > 1);
	said = capture_end(&c);
	CHECK(strstr(said.p, "no room for exemplars") && lines(said) == 2); /* and that there is no room for points */
}

TEST(more_instruments_than_there_is_room_for_are_said_once)
{
	static struct otel_instrument many[OTEL_METRIC_STREAMS_MAX + 2];
	static char names[OTEL_METRIC_STREAMS_MAX + 2][8];
	struct captured c;

	start(NULL, 0);
	mute(&c);
	for (int i = 0; i < OTEL_METRIC_STREAMS_MAX + 2; i++) {
		snprintf(names[i], sizeof names[i], "n%d", i);
		many[i].name = names[i];
		many[i].name_n = (uint16_t)strlen(names[i]);
		many[i].unit = many[i].description = "";
		otel_add(&many[i], 1);
	}
	CHECK(lines(capture_end(&c)) == 1);
	CHECK(metric_ignored_count(METRIC_NO_STREAM) == 2);
	CHECK(pb_count(metric_collected(), 2) == OTEL_METRIC_STREAMS_MAX);
}
