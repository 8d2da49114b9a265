// SPDX-License-Identifier: MIT
#include "metric.h"
#include "test.h"

#include "metric/exponential.h"

#include <float.h>
#include <math.h>

enum {
	EXP_ATTRIBUTES = 1,
	EXP_COUNT = 4,
	EXP_SUM,
	EXP_SCALE,
	EXP_ZEROS,
	EXP_POSITIVE,
	EXP_NEGATIVE,
	EXP_EXEMPLARS = 11,
	EXP_MIN,
	EXP_MAX
};

static const struct otel_view views[] = {
	{ .instrument = "small.exp", .aggregation = OTEL_AGGREGATION_EXPONENTIAL, .buckets = 4 },
	{ .instrument = "exp*", .aggregation = OTEL_AGGREGATION_EXPONENTIAL },
};

static uint64_t bits_of(double v)
{
	uint64_t bits;

	memcpy(&bits, &v, sizeof bits);
	return bits;
}

static int64_t signed_at(str message, unsigned field)
{
	uint64_t v = metric_number(message, field);

	return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

/* The nth of a side's counts; their sum when n is negative. */
static uint64_t count_at(str side, int n)
{
	str counts = pb_bytes(side, 2);
	uint64_t sum = 0;
	bool ok = true;

	for (int i = 0; counts.n; i++) {
		uint64_t v = pb_number(&counts, &ok);

		if (i == n)
			return v;
		sum += v;
	}
	return n < 0 ? sum : 0;
}

static void start(void)
{
	metric_start_plain();
	otel_views(views, 2);
}

/* ---- indices ---- */

TEST(a_power_of_two_belongs_to_the_bucket_below_it)
{
	for (int e = -1074; e < 1024; e++)
		for (int scale = -10; scale <= 20; scale++) {
			int64_t below = scale > 0 ? (int64_t)e * ((int64_t)1 << scale) - 1 : (e - 1) >> -scale;

			CHECK(exponential_index(bits_of(ldexp(1, e)), scale) == below);
		}
}

TEST(a_lower_scale_is_the_same_index_shifted)
{
	uint64_t bits = 1;

	for (int i = 0; i < 20000; i++) {
		int32_t finest;

		bits = bits * 6364136223846793005u + 1442695040888963407u;
		if ((bits >> 52 & 2047) == 2047 || !(bits << 1))
			continue;
		finest = exponential_index(bits & INT64_MAX, 20);
		for (int scale = 19; scale >= -10; scale--)
			CHECK(exponential_index(bits & INT64_MAX, scale) == finest >> (20 - scale));
	}
}

TEST(every_double_has_an_index_of_32_bits)
{
	CHECK(exponential_index(1, 20) == -1074 * (1 << 20) - 1);
	CHECK(exponential_index(bits_of(DBL_MAX), 20) == 1024 * (1 << 20) - 1);
	CHECK(exponential_index(1, -10) == -2 && exponential_index(bits_of(DBL_MAX), -10) == 0);
}

/* ---- buckets ---- */

TEST(buckets_are_merged_until_the_range_fits)
{
	struct exponential_side side = { 0, -1 };
	uint64_t counts[4] = { 0 };

	CHECK(!exponential_excess(&side, INT32_MIN, 4));
	exponential_count(&side, counts, 4, -3);
	exponential_count(&side, counts, 4, 0);
	exponential_count(&side, counts, 4, -2);
	CHECK(!exponential_excess(&side, -1, 4) && exponential_excess(&side, 1, 4) == 1);
	CHECK(exponential_excess(&side, INT32_MAX, 4) == 30 && exponential_excess(&side, INT32_MIN, 4) == 30);
	exponential_shrink(&side, counts, 4, 1);
	CHECK(side.low == -2 && side.high == 0);
	CHECK(exponential_at(counts, 4, -2) == 1 && exponential_at(counts, 4, -1) == 1 &&
	      exponential_at(counts, 4, 0) == 1);
	CHECK(exponential_at(counts, 4, 1) == 0);
	exponential_shrink(&side, counts, 4, 2);
	CHECK(side.low == -1 && side.high == 0 && exponential_at(counts, 4, -1) == 2 && exponential_at(counts, 4, 0) == 1);
}

/* ---- histograms ---- */

TEST(one_value_has_the_finest_scale)
{
	static struct otel_instrument h = OTEL_HISTOGRAM_DOUBLE("exp.one", "", "");
	str point, positive;

	start();
	otel_record_double(&h, 1.5, NULL, 0);
	otel_record_double(&h, 1.5, NULL, 0);
	otel_record_double(&h, 0, NULL, 0);
	otel_record_double(&h, -0.0, NULL, 0);
	point = metric_point(metric_collected(), "exp.one", 0);
	positive = pb_bytes(point, EXP_POSITIVE);
	CHECK(pb_valid(point) && signed_at(point, EXP_SCALE) == 20);
	CHECK(metric_number(point, EXP_COUNT) == 4 && metric_number(point, EXP_ZEROS) == 2);
	CHECK(metric_double(point, EXP_SUM) == 3);
	CHECK(signed_at(positive, 1) == 613377 && count_at(positive, 0) == 2 && count_at(positive, -1) == 2);
	CHECK(!metric_has(point, EXP_NEGATIVE));
	CHECK(metric_double(point, EXP_MIN) == 0 && metric_double(point, EXP_MAX) == 1.5);
}

TEST(both_signs_share_a_scale_and_have_buckets_of_their_own)
{
	static struct otel_instrument h = OTEL_HISTOGRAM_DOUBLE("exp.signs", "", "");
	str point, sides[2];

	start();
	for (int i = 1; i <= 1000; i++) {
		otel_record_double(&h, i, NULL, 0);
		otel_record_double(&h, -i / 1000.0, NULL, 0);
	}
	point = metric_point(metric_collected(), "exp.signs", 0);
	sides[0] = pb_bytes(point, EXP_POSITIVE);
	sides[1] = pb_bytes(point, EXP_NEGATIVE);
	CHECK(signed_at(point, EXP_SCALE) == 3);
	CHECK(signed_at(sides[0], 1) == -1 && signed_at(sides[1], 1) == -80);
	CHECK(count_at(sides[0], -1) == 1000 && count_at(sides[1], -1) == 1000);
	CHECK(!metric_has(point, EXP_SUM) && metric_double(point, EXP_MIN) == -1);
}

TEST(all_doubles_fit_in_few_buckets)
{
	static struct otel_instrument h = OTEL_HISTOGRAM_DOUBLE("small.exp", "", "");
	str point, positive;

	start();
	otel_record_double(&h, 1, NULL, 0);
	otel_record_double(&h, DBL_MAX, NULL, 0);
	otel_record_double(&h, 5e-324, NULL, 0);
	point = metric_point(metric_collected(), "small.exp", 0);
	positive = pb_bytes(point, EXP_POSITIVE);
	CHECK(signed_at(point, EXP_SCALE) == -10 && signed_at(positive, 1) == -2);
	CHECK(count_at(positive, 0) == 1 && count_at(positive, 1) == 1 && count_at(positive, 2) == 1);
	CHECK(count_at(positive, -1) == 3);
}

TEST(a_delta_begins_at_the_finest_scale_again_and_a_cumulative_one_does_not)
{
	static struct otel_instrument h = OTEL_HISTOGRAM_DOUBLE("exp.again", "", "");

	for (int cumulative = 0; cumulative < 2; cumulative++) {
		str point;

		metric_start((const char *const[]){
			cumulative ? "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=cumulative" : "A=B",
			"OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION=base2_exponential_bucket_histogram", NULL });
		otel_record_double(&h, 1, NULL, 0);
		otel_record_double(&h, 1000, NULL, 0);
		CHECK(signed_at(metric_point(metric_collected(), "exp.again", 0), EXP_SCALE) == 3);
		otel_record_double(&h, 7, NULL, 0);
		point = metric_point(metric_collected(), "exp.again", 0);
		CHECK(signed_at(point, EXP_SCALE) == (cumulative ? 3 : 20));
		CHECK(metric_number(point, EXP_COUNT) == (cumulative ? 3 : 1));
		CHECK(count_at(pb_bytes(point, EXP_POSITIVE), -1) == (cumulative ? 3 : 1));
	}
}

TEST(exponential_histograms_keep_at_most_twenty_exemplars)
{
	static struct otel_instrument h = OTEL_HISTOGRAM("exp.exemplars", "", "");
	str point;
	uint64_t last = 0;

	metric_start((const char *const[]){ "OTEL_METRICS_EXEMPLAR_FILTER=always_on", NULL });
	otel_views(views, 2);
	for (int i = 0; i < 10000; i++)
		otel_record(&h, i);
	point = metric_point(metric_collected(), "exp.exemplars", 0);
	CHECK(pb_count(point, EXP_EXEMPLARS) == 20);
	for (int i = 0; i < 20; i++)
		if (metric_number(pb_field(point, EXP_EXEMPLARS, i).bytes, 6) > last)
			last = metric_number(pb_field(point, EXP_EXEMPLARS, i).bytes, 6);
	CHECK(last > 5000); /* all were as likely: one in a million that none is of the second half */
}
