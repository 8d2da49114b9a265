// SPDX-License-Identifier: MIT
#include "metric/metric.h"

#include "base/clock.h"
#include "diag.h"
#include "encode/wire_read.h"
#include "export/cut.h"
#include "export/route.h"
#include "export/ship.h"
#include "metric/exemplar.h"
#include "metric/space.h"
#include "record/scope.h"
#include "region.h"
#include "settings.h"
#include "source.h"

#include <string.h>

#define DEFAULT_INTERVAL_MS 60000
#define MS 1000000
#define BATCH_BYTES (64 * 1024) /* an exporter cannot divide the points of a metric */

static struct {
	bool enabled;
	bool read;  /* the settings are */
	bool early; /* and were before telemetry started: main() measures before it calls lambda_run() */
	bool faas;  /* MOTE_FAAS_METRICS */
	int64_t start;
	uint64_t ignored[METRIC_IGNORED_REASONS];
} metric;

static bool is(str value, const char *what)
{
	return str_ieq(value, str_of(what));
}

static enum temporality temporality(void)
{
	str value = setting("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE");

	if (is(value, "cumulative"))
		return TEMPORALITY_CUMULATIVE;
	if (is(value, "lowmemory"))
		return TEMPORALITY_LOWMEMORY;
	if (value.n && !is(value, "delta"))
		setting_warn(S("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE"), value,
		             "is none of delta, cumulative, lowmemory: it counts as delta");
	return TEMPORALITY_DELTA;
}

static bool exponential(void)
{
	str value = setting("OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION");

	if (is(value, "base2_exponential_bucket_histogram"))
		return true;
	if (value.n && !is(value, "explicit_bucket_histogram"))
		setting_warn(
			S("OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION"), value,
			"is neither explicit_bucket_histogram nor base2_exponential_bucket_histogram: it counts as the former");
	return false;
}

static enum exemplar_filter exemplars(void)
{
	str value = setting("OTEL_METRICS_EXEMPLAR_FILTER");

	if (is(value, "always_on"))
		return EXEMPLAR_ALWAYS_ON;
	if (is(value, "always_off"))
		return EXEMPLAR_ALWAYS_OFF;
	if (value.n && !is(value, "trace_based"))
		setting_warn(S("OTEL_METRICS_EXEMPLAR_FILTER"), value,
		             "is none of trace_based, always_on, always_off: it counts as trace_based");
	return EXEMPLAR_TRACE_BASED;
}

static int64_t interval(void)
{
	str value = setting("OTEL_METRIC_EXPORT_INTERVAL");
	uint64_t ms = DEFAULT_INTERVAL_MS;

	if (value.n && !str_u64(value, INT64_MAX / MS, &ms)) {
		setting_warn(S("OTEL_METRIC_EXPORT_INTERVAL"), value, "is no number of milliseconds: 60000 is used");
		ms = DEFAULT_INTERVAL_MS;
	}
	return (int64_t)ms * MS;
}

void metric_init(bool enabled, int64_t start)
{
	struct stream_settings settings = { .start = start };

	memset(&metric, 0, sizeof metric);
	metric.read = true;
	metric.enabled = enabled;
	if (!enabled)
		return;
	settings.temporality = temporality();
	settings.exponential = exponential();
	exemplar_choose(exemplars());
	metric_collect_reset(interval(), start);
	space_reset();
	stream_reset(&settings);
}

/* With the first measurement, or the first invocation: a cold start does not wait for it. */
static void settle(bool early)
{
	metric_init((early ? route_wanted_early : route_wanted)(SIGNAL_METRICS), metric.start);
	if (!metric.enabled)
		return;
	metric.faas = setting_bool("MOTE_FAAS_METRICS");
	metric_self();
	metric_observe_waiting();
}

/*
 * Before telemetry has started, when main() or a constructor measures: the environment is as good as it will be, and
 * the points stay. A wrong value of OTEL_SDK_DISABLED is complained about by the start.
 */
static void settle_early(void)
{
	metric.early = metric.read = true;
	if (str_ieq(setting("OTEL_SDK_DISABLED"), S("true")))
		return;
	metric.start = clock_wall_ns();
	settle(true);
	metric.early = true;
}

bool metric_enabled(void)
{
	if (!metric.read && metric.start)
		settle(false);
	else if (!metric.read)
		settle_early();
	return metric.enabled;
}

bool metric_started(void)
{
	return metric.read || metric.start;
}

void otel_metric_use(void)
{
}

/* ---- what is not as it should be ---- */

void metric_ignored(enum metric_ignored reason, str name)
{
	static const char *const what[] = {
		[METRIC_OVERFLOW] =
			"more sets of attributes than the limit, or memory, allows: otel.metric.overflow=true; a view helps",
		[METRIC_NO_STREAM] = "there is no room for another metric: what it measures is lost",
		[METRIC_NEGATIVE] = "a counter only grows: negative values are ignored; an up-down counter takes them",
		[METRIC_NO_NUMBER] = "NaN and infinite values are ignored",
		[METRIC_MISUSED] = "counters take otel_add_*, others otel_record_*, ints for ints: anything else is ignored",
		[METRIC_UNFIT] = "a data point is larger than what carries it: it is lost",
		[METRIC_EXEMPLAR] = "there is no room for exemplars: its points are without; fewer sets of attributes help",
	};
	struct diag d;
	struct buf *b;

	if (metric.ignored[reason]++)
		return;
	b = diag_open(&d, DIAG_WARN);
	buf_put(b, S("metric "));
	buf_put(b, name);
	buf_put(b, S(": "));
	buf_put(b, str_of(what[reason]));
	buf_put(b, S("; this is said once"));
	diag_close(&d);
}

uint64_t metric_ignored_count(enum metric_ignored reason)
{
	return metric.ignored[reason];
}

/* ---- for session.c ---- */

static struct count count;

/* Not called where telemetry is off: then metrics are never enabled. */
static void source_init(void)
{
	memset(&count, 0, sizeof count);
	if (metric.early) {
		metric.early = false;
		return;
	}
	memset(&metric, 0, sizeof metric);
	metric.start = clock_wall_ns();
}

static void source_begin(const struct lambda_hook_event *event, int64_t wall_ns)
{
	if (metric_enabled() && metric.faas)
		metric_faas_begin(event, wall_ns);
}

static void source_end(const struct lambda_hook_result *result, int64_t wall_ns)
{
	if (metric.enabled && metric.faas)
		metric_faas_end(result, wall_ns);
}

/*
 * What is handed out lies in the space that is not in use, until the next sweep; and there it stays for as long as an exporter keeps it. Meanwhile
 * nothing is collected: what is measured goes on being added up, and only when memory runs short does that which is kept give way.
 */
static struct {
	size_t at, n, points; /* of space_other() */
	size_t held;          /* all points, when an exporter has kept them; else 0 */
	unsigned scope;
} batch;

static size_t source_held(void)
{
	return batch.held;
}

static bool source_due(int64_t wall_ns, bool last)
{
	return metric_due(wall_ns, last) || batch.held;
}

static void source_keep(size_t points)
{
	str rest = { space_other() + batch.at, batch.n };
	struct wire_field one;

	while (batch.points > points && wire_next(&rest, &one))
		batch.points -= cut_count(SIGNAL_METRICS, one.whole);
	batch.held = batch.points = points ? batch.points : 0;
	batch.at += batch.n - rest.n;
	batch.n = rest.n;
}

static bool source_collect(struct signal_items *items, int64_t wall_ns)
{
	uint64_t unfit = metric.ignored[METRIC_UNFIT];

	if (batch.held && space_used() > REGION_METRIC_SPACE_BYTES / 2) {
		ship_evicted(SIGNAL_METRICS, &count, batch.held);
		batch.held = 0;
	}
	if (!batch.held) {
		batch.at = batch.n = batch.points = 0;
		if (metric_collect_on(wall_ns))
			batch.n = metric_collect(space_other(), BATCH_BYTES, &batch.points, &batch.scope);
		unfit = metric.ignored[METRIC_UNFIT] - unfit;
		count.made += batch.points + unfit;
		count.dropped[DROP_SIZE] += unfit;
	}
	items->scopes[0] = (struct signal_scope){ scope_head(batch.scope), { space_other() + batch.at, batch.n } };
	items->scope_count = 1;
	items->count = batch.points;
	return batch.n > 0;
}

const struct signal_source metric_source = {
	.signal = SIGNAL_METRICS,
	.count = &count,
	.init = source_init,
	.begin = source_begin,
	.end = source_end,
	.due = source_due,
	.collect = source_collect,
	.keep = source_keep,
	.held = source_held,
	.own = emf_ship,
};
