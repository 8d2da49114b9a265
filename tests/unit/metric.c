// SPDX-License-Identifier: MIT
#include "metric.h"
#include "metric/point.h"
#include "region.h"
#include "test.h"

#include <float.h>
#include <math.h>

/* What is measured, and what comes out of a collection. */

#define SECOND 1000000000

static int64_t int_of(str metrics, const char *name)
{
	return (int64_t)metric_number(metric_point(metrics, name, 0), POINT_INT);
}

static bool is_monotonic(str metrics, const char *name)
{
	return metric_number(metric_data(metric_named(metrics, name)), MONOTONIC) == 1;
}

static uint64_t temporality(str metrics, const char *name)
{
	return metric_number(metric_data(metric_named(metrics, name)), TEMPORALITY);
}

/* What the log says meanwhile. */
static str said_while(void (*run)(void))
{
	struct captured c = capture(STDERR_FILENO);

	run();
	return capture_end(&c);
}

/* ---- instruments ---- */

TEST(a_counter_adds_up)
{
	static struct otel_instrument counter = OTEL_COUNTER("greetings", "{greeting}", "Greetings composed");
	str metrics, metric;

	metric_start_plain();
	otel_add(&counter, 1);
	otel_add(&counter, 41);
	metrics = metric_collected();
	metric = metric_named(metrics, "greetings");
	CHECK(pb_valid(metrics) && pb_valid(metric) && pb_valid(metric_data(metric)));
	CHECK(pb_count(metrics, 2) == 1 && metric_points(metrics, "greetings") == 1);
	CHECK(str_eq(pb_bytes(metric, METRIC_DESCRIPTION), S("Greetings composed")));
	CHECK(str_eq(pb_bytes(metric, METRIC_UNIT), S("{greeting}")));
	CHECK(metric_has(metric, METRIC_SUM) && is_monotonic(metrics, "greetings") &&
	      temporality(metrics, "greetings") == DELTA);
	CHECK(int_of(metrics, "greetings") == 42);
	CHECK(!pb_count(metric_point(metrics, "greetings", 0), POINT_ATTRIBUTES));
}

TEST(a_counter_ignores_what_would_lower_it)
{
	static struct otel_instrument counter = OTEL_COUNTER("only.up", "", "");

	metric_start_plain();
	otel_add(&counter, 5);
	struct captured c = capture(STDERR_FILENO);
	otel_add(&counter, -3);
	otel_add(&counter, INT64_MIN);
	CHECK(lines(capture_end(&c)) == 1);
	CHECK(metric_ignored_count(METRIC_NEGATIVE) == 2);
	CHECK(int_of(metric_collected(), "only.up") == 5);
}

TEST(an_up_down_counter_goes_both_ways_and_stays_cumulative)
{
	static struct otel_instrument open = OTEL_UPDOWN("open", "", "");
	str metrics;

	metric_start_plain();
	otel_add(&open, 5);
	otel_add(&open, -7);
	metrics = metric_collected();
	CHECK(int_of(metrics, "open") == -2 && !is_monotonic(metrics, "open") &&
	      temporality(metrics, "open") == CUMULATIVE);
	otel_add(&open, 1);
	CHECK(int_of(metric_collected(), "open") == -1);
	CHECK(int_of(metric_collected(), "open") == -1);
}

TEST(a_sum_of_ints_wraps_and_one_of_doubles_does_not)
{
	static struct otel_instrument ints = OTEL_UPDOWN("ints", "", ""), doubles = OTEL_UPDOWN_DOUBLE("doubles", "", "");
	str metrics;

	metric_start_plain();
	otel_add(&ints, INT64_MAX);
	otel_add(&ints, 1);
	otel_add_double(&doubles, 0.5, NULL, 0);
	otel_add(&doubles, 2);
	metrics = metric_collected();
	CHECK(int_of(metrics, "ints") == INT64_MIN);
	CHECK(metric_double(metric_point(metrics, "doubles", 0), POINT_DOUBLE) == 2.5);
}

TEST(a_gauge_is_what_was_recorded_last)
{
	static struct otel_instrument gauge = OTEL_GAUGE_DOUBLE("temperature", "Cel", "");
	str metrics;

	metric_start_plain();
	otel_record_double(&gauge, 20.5, NULL, 0);
	otel_record_double(&gauge, -3.25, NULL, 0);
	metrics = metric_collected();
	CHECK(metric_has(metric_named(metrics, "temperature"), METRIC_GAUGE));
	CHECK(!metric_has(metric_data(metric_named(metrics, "temperature")), TEMPORALITY));
	CHECK(metric_double(metric_point(metrics, "temperature", 0), POINT_DOUBLE) == -3.25);
	CHECK(!metric_collected().n);
	otel_record_double(&gauge, NAN, NULL, 0);
	CHECK(isnan(metric_double(metric_point(metric_collected(), "temperature", 0), POINT_DOUBLE)));
}

TEST(a_histogram_has_a_bucket_for_each_bound_and_what_is_above)
{
	static const double bounds[] = { 0, 1, 2.5 };
	static struct otel_instrument h = OTEL_HISTOGRAM_BOUNDS(OTEL_METRIC_DOUBLE, "latency", "s", "", bounds);
	static const double values[] = { 0, 0.5, 1, 1.5, 2.5, 3, 100 };
	static const uint64_t expected[] = { 1, 2, 2, 2 };
	str metrics, point;

	metric_start_plain();
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
		otel_record_double(&h, values[i], NULL, 0);
	metrics = metric_collected();
	point = metric_point(metrics, "latency", 0);
	CHECK(metric_has(metric_named(metrics, "latency"), METRIC_HISTOGRAM) && temporality(metrics, "latency") == DELTA);
	CHECK(metric_number(point, HISTOGRAM_COUNT) == 7);
	CHECK(metric_double(point, HISTOGRAM_SUM) == 108.5);
	CHECK(metric_double(point, HISTOGRAM_MIN) == 0 && metric_double(point, HISTOGRAM_MAX) == 100);
	CHECK(pb_bytes(point, HISTOGRAM_BUCKETS).n == sizeof expected);
	CHECK(!memcmp(pb_bytes(point, HISTOGRAM_BUCKETS).p, expected, sizeof expected));
	CHECK(pb_bytes(point, HISTOGRAM_BOUNDS).n == sizeof bounds);
	CHECK(!memcmp(pb_bytes(point, HISTOGRAM_BOUNDS).p, bounds, sizeof bounds));
}

TEST(a_histogram_of_negative_values_has_no_sum)
{
	static struct otel_instrument h = OTEL_HISTOGRAM("differences", "", "");
	str point;

	metric_start_plain();
	otel_record(&h, 7);
	otel_record(&h, -1);
	point = metric_point(metric_collected(), "differences", 0);
	CHECK(metric_number(point, HISTOGRAM_COUNT) == 2 && !metric_has(point, HISTOGRAM_SUM));
	CHECK(metric_double(point, HISTOGRAM_MIN) == -1);
	CHECK(pb_bytes(point, HISTOGRAM_BOUNDS).n == 15 * 8);
}

TEST(bounds_that_do_not_ascend_are_refused)
{
	static const double bounds[] = { 1, 1 };
	static struct otel_instrument h = OTEL_HISTOGRAM_BOUNDS(OTEL_METRIC_INT, "crooked", "", "", bounds);
	struct captured c;

	metric_start_plain();
	c = capture(STDERR_FILENO);
	otel_record(&h, 7);
	CHECK(lines(capture_end(&c)) == 1);
	CHECK(pb_bytes(metric_point(metric_collected(), "crooked", 0), HISTOGRAM_BOUNDS).n == 15 * 8);
}

static struct otel_instrument number = OTEL_COUNTER_DOUBLE("number", "", ""),
							  spread = OTEL_HISTOGRAM_DOUBLE("spread", "", "");

static void measure_no_numbers(void)
{
	otel_add_double(&number, NAN, NULL, 0);
	otel_add_double(&number, INFINITY, NULL, 0);
	otel_record_double(&spread, NAN, NULL, 0);
	otel_record_double(&spread, -INFINITY, NULL, 0);
}

TEST(what_is_no_number_is_ignored_and_said_once)
{
	str metrics;

	metric_start_plain();
	otel_add_double(&number, 1, NULL, 0);
	otel_record_double(&spread, DBL_MAX, NULL, 0);
	CHECK(lines(said_while(measure_no_numbers)) == 1);
	CHECK(metric_ignored_count(METRIC_NO_NUMBER) == 4);
	metrics = metric_collected();
	CHECK(metric_double(metric_point(metrics, "number", 0), POINT_DOUBLE) == 1);
	CHECK(metric_number(metric_point(metrics, "spread", 0), HISTOGRAM_COUNT) == 1);
}

static struct otel_instrument misused_counter = OTEL_COUNTER("misused.counter", "", ""),
							  misused_gauge = OTEL_GAUGE("misused.gauge", "", "");

static void misuse(void)
{
	otel_record(&misused_counter, 1);
	otel_add(&misused_gauge, 1);
	otel_record_double(&misused_gauge, 1.5, NULL, 0);
	otel_observe(&misused_gauge);
}

TEST(a_call_that_does_not_go_with_the_instrument_does_nothing)
{
	metric_start_plain();
	CHECK(lines(said_while(misuse)) == 1);
	CHECK(metric_ignored_count(METRIC_MISUSED) == 4);
	CHECK(!metric_collected().n);
}

TEST(nothing_is_recorded_when_metrics_are_off)
{
	static struct otel_instrument counter = OTEL_COUNTER("off", "", "");

	metric_start_plain();
	metric_init(false, clock_wall_ns());
	otel_add(&counter, 1);
	CHECK(!otel_metric_enabled(&counter));
	CHECK(!metric_due(INT64_MAX, true) && !metric_collected().n);
	metric_init(true, clock_wall_ns());
	CHECK(otel_metric_enabled(&counter));
	CHECK(!metric_collected().n);
}

static struct otel_instrument bad_names[] = { OTEL_COUNTER("", "", ""), OTEL_COUNTER("1st", "", ""),
	                                          OTEL_COUNTER("with space", "", ""), OTEL_COUNTER("nul\0", "", "") };

static void use_bad_names(void)
{
	for (int i = 0; i < 4; i++)
		otel_add(&bad_names[i], 1);
}

TEST(a_name_is_what_the_specification_allows)
{
	static struct otel_instrument good = OTEL_COUNTER("A-z_0./9", "", "");

	metric_start_plain();
	CHECK(lines(said_while(use_bad_names)) == 4);
	otel_add(&good, 1);
	CHECK(pb_count(metric_collected(), 2) == 1);
}

TEST(equal_instruments_are_one_and_others_of_that_name_are_not)
{
	static struct otel_instrument a = OTEL_COUNTER("twice", "1", "x"), b = OTEL_COUNTER("Twice", "1", "x"),
								  other = OTEL_COUNTER("twice", "s", "x");
	struct captured c;
	str metrics;

	metric_start_plain();
	otel_add(&a, 1);
	otel_add(&b, 2);
	c = capture(STDERR_FILENO);
	otel_add(&other, 4);
	CHECK(lines(capture_end(&c)) == 1);
	metrics = metric_collected();
	CHECK(pb_count(metrics, 2) == 2 && int_of(metrics, "twice") == 3);
}

/* ---- attributes ---- */

TEST(attributes_make_points_whatever_their_order)
{
	static struct otel_instrument counter = OTEL_COUNTER("calls", "", "");
	struct otel_attr ab[] = { otel_attr_str("a", "x", 1), otel_attr_int("b", 7) };
	struct otel_attr ba[] = { otel_attr_int("b", 7), otel_attr_str("a", "x", 1) };
	struct otel_attr twice[] = { otel_attr_str("a", "y", 1), otel_attr_int("b", 7), otel_attr_str("a", "x", 1) };
	struct otel_attr real[] = { otel_attr_str("a", "x", 1), otel_attr_double("b", 7) };
	str metrics, point;

	metric_start_plain();
	otel_add_int(&counter, 1, ab, 2);
	otel_add_int(&counter, 2, ba, 2);
	otel_add_int(&counter, 4, twice, 3);
	otel_add_int(&counter, 8, real, 2);
	otel_add_int(&counter, 16, ab, 1);
	otel_add(&counter, 32);
	metrics = metric_collected();
	point = metric_point(metrics, "calls", 0);
	CHECK(metric_points(metrics, "calls") == 4 && pb_valid(point));
	CHECK(metric_number(point, POINT_INT) == 7 && pb_count(point, POINT_ATTRIBUTES) == 2);
	CHECK(str_eq(pb_text_attribute(point, POINT_ATTRIBUTES, "a"), S("x")));
	CHECK(pb_field(pb_attribute(point, POINT_ATTRIBUTES, "b"), 3, 0).value == 7);
	CHECK(metric_number(metric_point(metrics, "calls", 1), POINT_INT) == 8);
	CHECK(metric_number(metric_point(metrics, "calls", 2), POINT_INT) == 16);
	CHECK(metric_number(metric_point(metrics, "calls", 3), POINT_INT) == 32);
}

TEST(attributes_may_be_of_any_type)
{
	static struct otel_instrument counter = OTEL_COUNTER("any", "", "");
	static const int64_t numbers[] = { 1, 2 };
	struct otel_attr inner[] = { otel_attr_bool("yes", true) };
	struct otel_attr attrs[] = { otel_attr_value("numbers", otel_value_ints(numbers, 2)),
		                         otel_attr_pairs("map", inner, 1), otel_attr_bytes("raw", "\0\1", 2),
		                         otel_attr_str("", "no key", 6) };
	str point, value;

	metric_start_plain();
	for (int i = 0; i < 2; i++)
		otel_add_int(&counter, 1, attrs, 4);
	point = metric_point(metric_collected(), "any", 0);
	CHECK(pb_valid(point) && metric_number(point, POINT_INT) == 2 && pb_count(point, POINT_ATTRIBUTES) == 3);
	value = pb_bytes(pb_attribute(point, POINT_ATTRIBUTES, "numbers"), 5);
	CHECK(pb_count(value, 1) == 2 && pb_field(pb_field(value, 1, 1).bytes, 3, 0).value == 2);
	value = pb_bytes(pb_attribute(point, POINT_ATTRIBUTES, "map"), 6);
	CHECK(pb_field(pb_attribute(value, 1, "yes"), 2, 0).value == 1);
	CHECK(str_eq(pb_bytes(pb_attribute(point, POINT_ATTRIBUTES, "raw"), 7), S("\0\1")));
}

TEST(a_set_of_attributes_is_stored_once)
{
	static struct otel_instrument a = OTEL_COUNTER("first", "", ""), b = OTEL_HISTOGRAM("second", "", "");
	char text[1000] = { 0 };
	struct otel_attr attrs[] = { otel_attr_str("long", text, sizeof text) };
	size_t before;
	str metrics;

	metric_start_plain();
	otel_add_int(&a, 1, attrs, 1);
	before = space_used();
	otel_record_int(&b, 1, attrs, 1);
	CHECK(space_used() - before < sizeof text);
	metrics = metric_collected();
	CHECK(pb_text_attribute(metric_point(metrics, "first", 0), POINT_ATTRIBUTES, "long").n == sizeof text);
	CHECK(pb_text_attribute(metric_point(metrics, "second", 0), HISTOGRAM_ATTRIBUTES, "long").n == sizeof text);
}

/* ---- collections ---- */

TEST(deltas_begin_where_the_last_collection_ended)
{
	static struct otel_instrument counter = OTEL_COUNTER("delta", "", "");
	int64_t start = clock_wall_ns();
	str metrics, point;

	metric_start_plain();
	otel_add(&counter, 5);
	metrics = metric_collected_at(start + SECOND);
	point = metric_point(metrics, "delta", 0);
	CHECK((int64_t)metric_number(point, POINT_START) >= start &&
	      (int64_t)metric_number(point, POINT_START) < start + SECOND);
	CHECK((int64_t)metric_number(point, POINT_TIME) == start + SECOND);
	CHECK(!metric_collected_at(start + 2 * (int64_t)SECOND).n);
	otel_add(&counter, 6);
	point = metric_point(metric_collected_at(start + 3 * (int64_t)SECOND), "delta", 0);
	CHECK(metric_number(point, POINT_INT) == 6);
	CHECK((int64_t)metric_number(point, POINT_START) == start + 2 * (int64_t)SECOND);
}

TEST(cumulative_points_keep_their_start_and_are_always_there)
{
	static struct otel_instrument counter = OTEL_COUNTER("cumulative", "", ""),
								  h = OTEL_HISTOGRAM("spread.cumulative", "", "");
	int64_t start = clock_wall_ns();
	uint64_t first;
	str metrics;

	metric_start((const char *const[]){ "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=Cumulative", NULL });
	otel_add(&counter, 5);
	otel_record(&h, 5);
	metrics = metric_collected_at(start + SECOND);
	CHECK(temporality(metrics, "cumulative") == CUMULATIVE && temporality(metrics, "spread.cumulative") == CUMULATIVE);
	first = metric_number(metric_point(metrics, "cumulative", 0), POINT_START);
	otel_record(&h, 5);
	for (int i = 2; i < 4; i++) {
		metrics = metric_collected_at(start + i * (int64_t)SECOND);
		CHECK(int_of(metrics, "cumulative") == 5);
		CHECK(metric_number(metric_point(metrics, "cumulative", 0), POINT_START) == first);
		CHECK(metric_number(metric_point(metrics, "spread.cumulative", 0), HISTOGRAM_COUNT) == 2);
	}
}

TEST(a_collection_is_due_after_the_interval_or_when_asked_for)
{
	static struct otel_instrument counter = OTEL_COUNTER("due", "", "");
	int64_t start;

	metric_start((const char *const[]){ "OTEL_METRIC_EXPORT_INTERVAL=5000", NULL });
	start = clock_wall_ns();
	CHECK(!metric_due(start + 60 * (int64_t)SECOND, false));
	otel_add(&counter, 1);
	CHECK(!metric_due(start + 4 * (int64_t)SECOND, false));
	CHECK(metric_due(start + 5 * (int64_t)SECOND, false));
	metric_collected_at(start + 5 * (int64_t)SECOND);
	CHECK(!metric_due(start + 9 * (int64_t)SECOND, false));
	otel_metric_flush();
	CHECK(metric_due(start + 9 * (int64_t)SECOND, false));
	metric_collected_at(start + 9 * (int64_t)SECOND);
	CHECK(metric_due(start, false)); /* the clock was set back */
	metric_collected_at(start);
	CHECK(metric_due(start, true));
}

TEST(what_does_not_fit_comes_with_the_next_call)
{
	static struct otel_instrument counter = OTEL_COUNTER("many", "", "Many points"), h = OTEL_HISTOGRAM("more", "", "");
	size_t points;

	for (size_t n = 400; n < 4000; n += 7) {
		int64_t sum = 0;
		int found = 0;
		str metrics;

		metric_start_plain();
		for (int i = 0; i < 40; i++) {
			struct otel_attr attr = otel_attr_int("i", i);

			otel_add_int(&counter, i, &attr, 1);
			otel_record_int(&h, i, &attr, 1);
		}
		metrics = metric_collected_by(n, clock_wall_ns(), &points);
		CHECK(points == 80 && pb_valid(metrics));
		for (int i = 0; pb_field(metrics, 2, i).number; i++) {
			str metric = pb_field(metrics, 2, i).bytes, data = metric_data(metric);

			CHECK(pb_field(metrics, 2, i).bytes.n < n);
			found += pb_count(data, POINTS);
			for (int j = 0; metric_has(metric, METRIC_SUM) && pb_field(data, POINTS, j).number; j++)
				sum += (int64_t)metric_number(pb_field(data, POINTS, j).bytes, POINT_INT);
		}
		CHECK(found == 80 && sum == 39 * 40 / 2);
	}
}

TEST(a_point_that_fits_nowhere_is_given_up_and_counted)
{
	static struct otel_instrument counter = OTEL_COUNTER("huge", "", "");
	char text[2000] = { 0 };
	struct otel_attr attrs[] = { otel_attr_str("long", text, sizeof text) };
	struct captured c;
	size_t points;
	str metrics;

	metric_start_plain();
	otel_add(&counter, 1);
	otel_add_int(&counter, 2, attrs, 1);
	otel_add_int(&counter, 4, (struct otel_attr[]){ otel_attr_bool("short", true) }, 1);
	c = capture(STDERR_FILENO);
	metrics = metric_collected_by(500, clock_wall_ns(), &points);
	CHECK(lines(capture_end(&c)) == 1);
	CHECK(points == 2 && metric_ignored_count(METRIC_UNFIT) == 1 && pb_count(metrics, 2) == 2);
}

/* ---- callbacks ---- */

static int64_t observed_value;

static void observe(struct otel_observer *to, void *data)
{
	struct otel_attr attr = otel_attr_str("who", data, 4);

	otel_observe_int(to, observed_value, &attr, 1);
}

TEST(an_observed_counter_says_its_sum_and_comes_out_as_a_delta)
{
	static char name[] = "self";
	static struct otel_instrument counter = OTEL_OBSERVED(OTEL_METRIC_COUNTER, OTEL_METRIC_INT, "pages", "", "",
	                                                      observe, name);
	str metrics;

	metric_start_plain();
	CHECK(!metric_collected().n);
	otel_observe(&counter);
	observed_value = 100;
	metrics = metric_collected();
	CHECK(int_of(metrics, "pages") == 100 && temporality(metrics, "pages") == DELTA);
	CHECK(str_eq(pb_text_attribute(metric_point(metrics, "pages", 0), POINT_ATTRIBUTES, "who"), S("self")));
	observed_value = 130;
	CHECK(int_of(metric_collected(), "pages") == 30);
	CHECK(int_of(metric_collected(), "pages") == 0);
	observed_value = 3; /* it began anew */
	CHECK(int_of(metric_collected(), "pages") == 3);
	otel_observe_int((struct otel_observer *)&counter, 1000, NULL, 0);
	otel_add(&counter, 1000);
	CHECK(int_of(metric_collected(), "pages") == 0);
}

static unsigned observed_from, observed_to;

static void observe_some(struct otel_observer *to, void *data)
{
	(void)data;
	for (unsigned i = observed_from; i < observed_to; i++) {
		struct otel_attr attr = otel_attr_int("who", i);

		otel_observe_int(to, observed_value, &attr, 1);
	}
}

TEST(an_observed_sum_that_misses_rounds_goes_on_from_where_it_was_reported)
{
	static struct otel_instrument counter = OTEL_OBSERVED(OTEL_METRIC_COUNTER, OTEL_METRIC_INT, "seldom", "", "",
	                                                      observe_some, NULL);
	int64_t start = clock_wall_ns(), second = start + SECOND;
	str metrics;

	for (int sweeps = 0; sweeps < 2; sweeps++) {
		metric_start_plain();
		otel_observe(&counter);
		observed_from = 0;
		observed_to = 20;
		observed_value = 100;
		metrics = metric_collected_at(second);
		CHECK(metric_points(metrics, "seldom") == 20 && int_of(metrics, "seldom") == 100);
		observed_to = 0;
		for (int i = 2; i < 5; i++) {
			CHECK(!metric_collected_at(start + i * (int64_t)SECOND).n);
			if (sweeps)
				point_sweep();
		}
		observed_to = 20;
		observed_value = 130;
		metrics = metric_collected_at(start + 5 * (int64_t)SECOND);
		CHECK(metric_points(metrics, "seldom") == 20);
		for (int i = 0; i < 20; i++) {
			CHECK(metric_number(metric_point(metrics, "seldom", i), POINT_INT) == 30);
			CHECK((int64_t)metric_number(metric_point(metrics, "seldom", i), POINT_START) == second);
		}
	}
}

TEST(observed_sums_that_never_come_again_leave_room_for_others)
{
	static struct otel_instrument counter = OTEL_OBSERVED(OTEL_METRIC_COUNTER, OTEL_METRIC_INT, "ever.new", "", "",
	                                                      observe_some, NULL);

	metric_start_plain();
	otel_observe(&counter);
	observed_value = 7;
	for (unsigned round = 0; round < 100; round++) {
		observed_from = round * 500;
		observed_to = observed_from + 500;
		CHECK(metric_points(metric_collected(), "ever.new") == 500);
		CHECK(space_used() <= REGION_METRIC_SPACE_BYTES / 2);
	}
	CHECK(!metric_ignored_count(METRIC_OVERFLOW));
	observed_from = observed_to = 0;
}

TEST(low_memory_leaves_observed_sums_cumulative)
{
	static char name[] = "self";
	static struct otel_instrument counter = OTEL_OBSERVED(OTEL_METRIC_COUNTER, OTEL_METRIC_INT, "pages.low", "", "",
	                                                      observe, name),
								  sync = OTEL_COUNTER("sync.low", "", "");
	str metrics;

	metric_start((const char *const[]){ "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=lowmemory", NULL });
	otel_observe(&counter);
	for (int i = 0; i < 2; i++) {
		otel_add(&sync, 1);
		observed_value = 100;
		metrics = metric_collected();
		CHECK(int_of(metrics, "pages.low") == 100 && temporality(metrics, "pages.low") == CUMULATIVE);
		CHECK(int_of(metrics, "sync.low") == 1 && temporality(metrics, "sync.low") == DELTA);
	}
}

/* ---- exemplars ---- */

TEST(a_measurement_in_a_sampled_span_is_an_exemplar)
{
	static struct otel_instrument counter = OTEL_COUNTER("with.exemplar", "", "");
	unsigned char trace_id[16], span_id[8];
	int64_t before = clock_wall_ns();
	str point, exemplar;

	metric_start_plain();
	otel_add(&counter, 1);
	CHECK(!pb_count(metric_point(metric_collected(), "with.exemplar", 0), POINT_EXEMPLARS));
	telemetry_begin("{}", NULL);
	otel_start("inner");
	recorder_ids(trace_id, span_id);
	otel_add(&counter, 3);
	telemetry_end();
	point = metric_point(metric_collected(), "with.exemplar", 0);
	CHECK(pb_count(point, POINT_EXEMPLARS) == 1);
	exemplar = pb_bytes(point, POINT_EXEMPLARS);
	CHECK(pb_valid(exemplar) && metric_number(exemplar, 6) == 3);
	CHECK((int64_t)metric_number(exemplar, 2) >= before && (int64_t)metric_number(exemplar, 2) <= clock_wall_ns());
	CHECK(pb_bytes(exemplar, 4).n == 8 && !memcmp(pb_bytes(exemplar, 4).p, span_id, 8));
	CHECK(pb_bytes(exemplar, 5).n == 16 && !memcmp(pb_bytes(exemplar, 5).p, trace_id, 16));
	otel_add(&counter, 3);
	CHECK(!pb_count(metric_point(metric_collected(), "with.exemplar", 0), POINT_EXEMPLARS));
}

TEST(the_filter_of_exemplars_is_the_standard_variables)
{
	static struct otel_instrument h = OTEL_HISTOGRAM("exemplars", "", "");
	str point;

	metric_start((const char *const[]){ "OTEL_METRICS_EXEMPLAR_FILTER=always_on", NULL });
	otel_record(&h, 1);
	otel_record(&h, 2);
	otel_record(&h, 20);
	point = metric_point(metric_collected(), "exemplars", 0);
	CHECK(pb_count(point, HISTOGRAM_EXEMPLARS) == 2); /* the last of each bucket */
	CHECK(metric_number(pb_bytes(point, HISTOGRAM_EXEMPLARS), 6) == 2);
	CHECK(!metric_has(pb_bytes(point, HISTOGRAM_EXEMPLARS), 4));
	metric_start((const char *const[]){ "OTEL_METRICS_EXEMPLAR_FILTER=always_off", NULL });
	telemetry_begin("{}", NULL);
	otel_record(&h, 1);
	telemetry_end();
	CHECK(!pb_count(metric_point(metric_collected(), "exemplars", 0), HISTOGRAM_EXEMPLARS));
}

/* ---- settings ---- */

static void start_with_nonsense(void)
{
	metric_start((const char *const[]){ "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=sometimes",
	                                    "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION=linear",
	                                    "OTEL_METRICS_EXEMPLAR_FILTER=true", "OTEL_METRIC_EXPORT_INTERVAL=-1", NULL });
}

TEST(a_wrong_setting_costs_one_line_and_is_ignored)
{
	static struct otel_instrument h = OTEL_HISTOGRAM("nonsense", "", "");
	str said = said_while(start_with_nonsense), metrics;

	CHECK(lines(said) == 4);
	otel_record(&h, 1);
	metrics = metric_collected();
	CHECK(temporality(metrics, "nonsense") == DELTA && metric_has(metric_named(metrics, "nonsense"), METRIC_HISTOGRAM));
}
