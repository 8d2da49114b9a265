// SPDX-License-Identifier: MIT
#include "metric/metric.h"
#include "metric/point.h"

/*
 * What programs call: a measurement, checked for what its instrument takes, goes to each of the instrument's
 * streams.
 */

static bool is_finite(double v)
{
	return v - v == 0;
}

static void ignore(const struct otel_instrument *i, enum metric_ignored reason)
{
	metric_ignored(reason, (str){ i->name, i->name_n });
}

static void measure(struct otel_instrument *i, union number value, const struct otel_attr *attrs, size_t n)
{
	bool negative = i->type == OTEL_METRIC_DOUBLE ? value.d < 0 : value.i < 0, refused = false;

	if (i->kind == OTEL_METRIC_COUNTER && negative) {
		ignore(i, METRIC_NEGATIVE);
		return;
	}
	for (unsigned s = stream_of(i); s; s = stream_at(s - 1)->next) {
		bool takes_any = stream_at(s - 1)->aggregation == OTEL_AGGREGATION_LAST_VALUE;

		if (i->type == OTEL_METRIC_DOUBLE && !takes_any && !is_finite(value.d))
			refused = true;
		else
			point_measure(s - 1, value, attrs, n);
	}
	if (refused)
		ignore(i, METRIC_NO_NUMBER);
}

static void measure_int(struct otel_instrument *i, int64_t value, const struct otel_attr *attrs, size_t n)
{
	union number v = { .i = value };

	if (i->type == OTEL_METRIC_DOUBLE)
		v.d = (double)value;
	measure(i, v, attrs, n);
}

static void measure_double(struct otel_instrument *i, double value, const struct otel_attr *attrs, size_t n)
{
	union number v = { .d = value };

	if (i->type == OTEL_METRIC_DOUBLE)
		measure(i, v, attrs, n);
	else
		ignore(i, METRIC_MISUSED);
}

static bool is_fit(const struct otel_instrument *i, bool add)
{
	bool adds = i->kind == OTEL_METRIC_COUNTER || i->kind == OTEL_METRIC_UPDOWN;

	if (!metric_enabled())
		return false;
	if (adds == add && !i->observe)
		return true;
	ignore(i, METRIC_MISUSED);
	return false;
}

void otel_add_int(struct otel_instrument *counter, int64_t value, const struct otel_attr *attrs, size_t n)
{
	if (is_fit(counter, true))
		measure_int(counter, value, attrs, n);
}

void otel_add_double(struct otel_instrument *counter, double value, const struct otel_attr *attrs, size_t n)
{
	if (is_fit(counter, true))
		measure_double(counter, value, attrs, n);
}

void otel_record_int(struct otel_instrument *instrument, int64_t value, const struct otel_attr *attrs, size_t n)
{
	if (is_fit(instrument, false))
		measure_int(instrument, value, attrs, n);
}

void otel_record_double(struct otel_instrument *instrument, double value, const struct otel_attr *attrs, size_t n)
{
	if (is_fit(instrument, false))
		measure_double(instrument, value, attrs, n);
}

bool otel_metric_enabled(struct otel_instrument *instrument)
{
	return metric_enabled() && stream_of(instrument) > 0;
}

/* ---- observing ---- */

/* What a callback is handed is its instrument; outside of the callback it is none. */
static struct otel_instrument *observing;

/* What main() asks for, before anything has begun: until it does. */
static struct otel_instrument *waiting;

static void remember(struct otel_instrument *observed)
{
	for (const struct otel_instrument *i = waiting; i; i = i->otel_next)
		if (i == observed)
			return;
	observed->otel_next = waiting;
	waiting = observed;
}

void metric_observe_waiting(void)
{
	while (waiting) {
		struct otel_instrument *i = waiting;

		waiting = i->otel_next;
		stream_of(i);
	}
}

void otel_observe(struct otel_instrument *observed)
{
	if (!observed->observe)
		ignore(observed, METRIC_MISUSED);
	else if (!metric_started())
		remember(observed); /* nothing is read for it: a cold start would wait */
	else if (metric_enabled())
		stream_of(observed);
}

void otel_observe_int(struct otel_observer *to, int64_t value, const struct otel_attr *attrs, size_t n)
{
	if (to && (struct otel_instrument *)to == observing)
		measure_int(observing, value, attrs, n);
}

void otel_observe_double(struct otel_observer *to, double value, const struct otel_attr *attrs, size_t n)
{
	if (to && (struct otel_instrument *)to == observing)
		measure_double(observing, value, attrs, n);
}

void metric_observe(void)
{
	for (struct otel_instrument *i = stream_instruments(); i; i = i->otel_next) {
		if (!i->observe || !i->otel_stream)
			continue;
		observing = i;
		i->observe((struct otel_observer *)i, i->data);
	}
	observing = NULL;
}
