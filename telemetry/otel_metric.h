// SPDX-License-Identifier: MIT
#pragma once

/*
 * otel_metric.h: OpenTelemetry metrics, aggregated in place. otel.h includes it.
 *
 *   static struct otel_instrument greetings = OTEL_COUNTER("greetings", "{greeting}", "Greetings composed");
 *   static struct otel_instrument duration = OTEL_HISTOGRAM_DOUBLE("db.client.operation.duration", "s", "Its duration");
 *
 *   otel_add(&greetings, 1);
 *   const struct otel_attr attrs[] = { otel_attr_str("db.operation.name", "GetItem", 7) };
 *   otel_record_double(&duration, seconds, attrs, 1);
 *
 * An instrument is static storage of the program's, made by one of the macros below; two of the same name,
 * kind, unit and description are one. A measurement adds to the point that has these attributes, whatever
 * their order (the last of equal keys counts), and nothing else: points live on from one invocation to the
 * next, and are collected after an answer once OTEL_METRIC_EXPORT_INTERVAL has passed, at shutdown, and when
 * otel_metric_flush() has asked for it. Measuring may begin before lambda_run() or otel_init(), in main() or a
 * constructor; a cold start waits for the environment to be read then.
 *
 * No call can fail in a way that concerns the caller. Counters ignore negative values; counters and
 * histograms, NaN and infinities. What comes after the cardinality limit (2000 points a metric, or the
 * view's, or what fits in memory) goes into the point whose one attribute is otel.metric.overflow = true; points
 * that find no room for exemplars have none. All of that is counted, and the log says so once. Nothing is
 * allocated.
 *
 * With a sampled span current, a measurement may become an exemplar: its value, its time and the span's ids
 * (OTEL_METRICS_EXEMPLAR_FILTER).
 *
 * Limits: OTEL_METRIC_ATTRS_MAX attributes a measurement, OTEL_METRIC_STREAMS_MAX metrics. One thread. C11
 * and C++17. With -DMOTE_MINIMAL every call is an empty inline function; a program that makes no call links
 * none of it.
 *
 * Sources: OpenTelemetry specification 1.60 (metrics API, SDK and data model), OTLP 1.11.
 */

#include "otel_value.h"

#ifdef __cplusplus
extern "C" {
#endif

#define OTEL_METRIC_ATTRS_MAX 32
#define OTEL_METRIC_STREAMS_MAX 128

/* ---- instruments ---- */

enum otel_metric_kind { OTEL_METRIC_COUNTER, OTEL_METRIC_UPDOWN, OTEL_METRIC_GAUGE, OTEL_METRIC_HISTOGRAM };
enum otel_metric_type { OTEL_METRIC_INT, OTEL_METRIC_DOUBLE };

struct otel_scope;    /* otel.h */
struct otel_observer; /* never defined: where a callback's values go */
typedef void otel_observe_fn(struct otel_observer *to, void *data);

struct otel_instrument {
	const char *name, *unit, *description;
	uint16_t name_n, unit_n, description_n;
	unsigned char kind, type;
	const double *bounds; /* of a histogram's buckets, ascending; NULL: the specification's */
	size_t bound_count;
	otel_observe_fn *observe; /* called at each collection */
	void *data;
	/* The library's. */
	struct otel_instrument *otel_next;
	uint16_t otel_epoch, otel_stream;
	unsigned char otel_scope;
};

/* Texts are literals, measured by the compiler. A name is a letter and up to 254 of A-Z a-z 0-9 _ . - and / */
/* clang-format off */
#define OTEL_INSTRUMENT_OF(kind, type, name, unit, description, bounds, count, observe, data)     \
	{                                                                                             \
		"" name, "" unit, "" description,                                                         \
		sizeof("" name) - 1, sizeof("" unit) - 1, sizeof("" description) - 1,                     \
		kind, type, bounds, count, observe, data, NULL, 0, 0, 0                                   \
	}
/* clang-format on */
#define OTEL_INSTRUMENT(kind, type, name, unit, description) \
	OTEL_INSTRUMENT_OF(kind, type, name, unit, description, NULL, 0, NULL, NULL)

/* What only grows: otel_add_*(). */
#define OTEL_COUNTER(name, unit, description) \
	OTEL_INSTRUMENT(OTEL_METRIC_COUNTER, OTEL_METRIC_INT, name, unit, description)
#define OTEL_COUNTER_DOUBLE(name, unit, description) \
	OTEL_INSTRUMENT(OTEL_METRIC_COUNTER, OTEL_METRIC_DOUBLE, name, unit, description)

/* What comes and goes, and adds up over sandboxes: otel_add_*(). */
#define OTEL_UPDOWN(name, unit, description) \
	OTEL_INSTRUMENT(OTEL_METRIC_UPDOWN, OTEL_METRIC_INT, name, unit, description)
#define OTEL_UPDOWN_DOUBLE(name, unit, description) \
	OTEL_INSTRUMENT(OTEL_METRIC_UPDOWN, OTEL_METRIC_DOUBLE, name, unit, description)

/* What is now, and does not add up: otel_record_*(). */
#define OTEL_GAUGE(name, unit, description) OTEL_INSTRUMENT(OTEL_METRIC_GAUGE, OTEL_METRIC_INT, name, unit, description)
#define OTEL_GAUGE_DOUBLE(name, unit, description) \
	OTEL_INSTRUMENT(OTEL_METRIC_GAUGE, OTEL_METRIC_DOUBLE, name, unit, description)

/* How values are distributed: otel_record_*(). bounds is an array of ascending doubles, static. */
#define OTEL_HISTOGRAM(name, unit, description) \
	OTEL_INSTRUMENT(OTEL_METRIC_HISTOGRAM, OTEL_METRIC_INT, name, unit, description)
#define OTEL_HISTOGRAM_DOUBLE(name, unit, description) \
	OTEL_INSTRUMENT(OTEL_METRIC_HISTOGRAM, OTEL_METRIC_DOUBLE, name, unit, description)
#define OTEL_HISTOGRAM_BOUNDS(type, name, unit, description, bounds)                                                  \
	OTEL_INSTRUMENT_OF(OTEL_METRIC_HISTOGRAM, type, name, unit, description, bounds, sizeof(bounds) / sizeof(double), \
	                   NULL, NULL)

/*
 * Asynchronous: observe(to, data) is called at each collection, and says what is so now with
 * otel_observe_*(to, ...), once for each set of attributes; counters and up-down counters say their whole
 * sum. A set that it leaves out has no point this time; its sum goes on when it is said again. kind is any but
 * the histogram. Needs otel_observe() once.
 */
#define OTEL_OBSERVED(kind, type, name, unit, description, observe, data) \
	OTEL_INSTRUMENT_OF(kind, type, name, unit, description, NULL, 0, observe, data)

/* ---- views: how metrics come out, said by a table ---- */

enum otel_aggregation {
	OTEL_AGGREGATION_DEFAULT,
	OTEL_AGGREGATION_DROP,
	OTEL_AGGREGATION_SUM,
	OTEL_AGGREGATION_LAST_VALUE,
	OTEL_AGGREGATION_EXPLICIT,   /* buckets by bounds */
	OTEL_AGGREGATION_EXPONENTIAL /* base-2 exponential buckets */
};

/* What is zero or NULL changes nothing. An instrument that several rows match has a metric of each. */
struct otel_view {
	const char *instrument; /* name, any case; * is any text, ? any one character */
	const char *name;       /* of the metric */
	const char *description;
	enum otel_aggregation aggregation;
	const double *bounds; /* EXPLICIT */
	size_t bound_count;
	unsigned buckets;        /* EXPONENTIAL: at most so many for each sign, 2 to 160 */
	const char *const *keep; /* the keys of attributes that make points; the others appear in exemplars only */
	size_t keep_count;       /* with keep not NULL and 0 of them: none */
	uint32_t limit;          /* points */
};

#ifndef MOTE_MINIMAL

/* Who instruments: before the first measurement. NULL: the function itself. */
void otel_metric_scope(struct otel_instrument *instrument, const struct otel_scope *scope);

/*
 * The table that counts from now on, static. Before the first measurement of what it names: that is when views
 * are looked at.
 */
void otel_views(const struct otel_view *views, size_t n);

/*
 * value is in the instrument's unit. attrs, copied, may be NULL when n is 0; more than OTEL_METRIC_ATTRS_MAX of them, or
 * 4096 bytes, go to the overflow point. otel_add_* is for counters, otel_record_* for the others, doubles for doubles: a
 * wrong one is counted, said once, and ignored.
 */
void otel_add_int(struct otel_instrument *counter, int64_t value, const struct otel_attr *attrs, size_t n);
void otel_add_double(struct otel_instrument *counter, double value, const struct otel_attr *attrs, size_t n);
void otel_record_int(struct otel_instrument *instrument, int64_t value, const struct otel_attr *attrs, size_t n);
void otel_record_double(struct otel_instrument *instrument, double value, const struct otel_attr *attrs, size_t n);

/* From now on, also when main() says so before lambda_run(); and only in its callback. */
void otel_observe(struct otel_instrument *observed);
void otel_observe_int(struct otel_observer *to, int64_t value, const struct otel_attr *attrs, size_t n);
void otel_observe_double(struct otel_observer *to, double value, const struct otel_attr *attrs, size_t n);

/* Whether anything comes of a measurement: false when telemetry or metrics are off, or a view drops it. */
bool otel_metric_enabled(struct otel_instrument *instrument);

/* Collect after this answer, however long ago the last collection was. */
void otel_metric_flush(void);

/*
 * Nothing but that metrics are part of the program, which any other call does too: for a function without
 * instruments of its own that wants those of the runtime. MOTE_FAAS_METRICS=true adds faas.invocations,
 * faas.errors, faas.timeouts, faas.coldstarts, faas.invoke_duration, faas.init_duration, faas.mem_usage,
 * faas.cpu_usage and faas.net_io, by faas.trigger (semantic conventions, "FaaS metrics"); otel.sdk.* say what became of spans,
 * points and records.
 */
void otel_metric_use(void);

#else

static inline void otel_metric_scope(struct otel_instrument *instrument, const struct otel_scope *scope)
{
	(void)instrument, (void)scope;
}

static inline void otel_metric_use(void)
{
}

static inline void otel_views(const struct otel_view *views, size_t n)
{
	(void)views, (void)n;
}

static inline void otel_add_int(struct otel_instrument *counter, int64_t value, const struct otel_attr *attrs, size_t n)
{
	(void)counter, (void)value, (void)attrs, (void)n;
}

static inline void otel_add_double(struct otel_instrument *counter, double value, const struct otel_attr *attrs,
                                   size_t n)
{
	(void)counter, (void)value, (void)attrs, (void)n;
}

static inline void otel_record_int(struct otel_instrument *instrument, int64_t value, const struct otel_attr *attrs,
                                   size_t n)
{
	(void)instrument, (void)value, (void)attrs, (void)n;
}

static inline void otel_record_double(struct otel_instrument *instrument, double value, const struct otel_attr *attrs,
                                      size_t n)
{
	(void)instrument, (void)value, (void)attrs, (void)n;
}

static inline void otel_observe(struct otel_instrument *observed)
{
	(void)observed;
}

static inline void otel_observe_int(struct otel_observer *to, int64_t value, const struct otel_attr *attrs, size_t n)
{
	(void)to, (void)value, (void)attrs, (void)n;
}

static inline void otel_observe_double(struct otel_observer *to, double value, const struct otel_attr *attrs, size_t n)
{
	(void)to, (void)value, (void)attrs, (void)n;
}

static inline bool otel_metric_enabled(struct otel_instrument *instrument)
{
	(void)instrument;
	return false;
}

static inline void otel_metric_flush(void)
{
}

#endif

/* Without attributes. */
static inline void otel_add(struct otel_instrument *counter, int64_t value)
{
	otel_add_int(counter, value, NULL, 0);
}

static inline void otel_record(struct otel_instrument *instrument, int64_t value)
{
	otel_record_int(instrument, value, NULL, 0);
}

#ifdef __cplusplus
}
#endif
