// SPDX-License-Identifier: MIT
#include "metric/metric.h"
#include "otel_metric.h"

#include "record/recorder.h"
#include "source.h"

/*
 * The SDK's own metrics (semantic conventions 1.44, "SDK metrics"): what became of spans, data points and log
 * records, with the reason as error.type. What is lost before there was anything to send is the processor's,
 * the rest the exporter's.
 */
static void observe_lost(struct otel_observer *to, const struct count *count, bool sent)
{
	for (int i = 0; i < DROP_REASONS; i++) {
		bool before = i == DROP_OPEN || i == DROP_SPOOL || i == DROP_KEPT || i == DROP_TAIL;
		const char *reason = count_reason((enum drop)i);
		struct otel_attr attr = otel_attr_str("error.type", reason, __builtin_strlen(reason));

		if (count->dropped[i] && before != sent)
			otel_observe_int(to, (int64_t)count->dropped[i], &attr, 1);
	}
}

static void observe_result(struct otel_observer *to, uint64_t n, const char *result)
{
	struct otel_attr attr = otel_attr_str("otel.span.sampling_result", result, __builtin_strlen(result));

	if (n)
		otel_observe_int(to, (int64_t)n, &attr, 1);
}

static void observe_started(struct otel_observer *to, void *data)
{
	(void)data;
	observe_result(to, recorder.count.made - recorder.unsampled, "RECORD_AND_SAMPLE");
	observe_result(to, recorder.unsampled, "RECORD_ONLY");
}

static void observe_processed(struct otel_observer *to, void *data)
{
	(void)data;
	observe_lost(to, &recorder.count, false);
}

static void observe_exported(struct otel_observer *to, void *data)
{
	const struct count *count = *(const struct count **)data;
	uint64_t sent;

	if (!count)
		return;
	sent = count->delivered + count->handed_over;
	if (sent)
		otel_observe_int(to, (int64_t)sent, NULL, 0);
	observe_lost(to, count, true);
}

static const struct count *counts[SIGNALS];

#define OBSERVED(name, unit, description, observe, data) \
	OTEL_OBSERVED(OTEL_METRIC_COUNTER, OTEL_METRIC_INT, name, unit, description, observe, data)

static struct otel_instrument instruments[] = {
	OBSERVED("otel.sdk.span.started", "{span}", "The number of created spans.", observe_started, NULL),
	OBSERVED("otel.sdk.processor.span.processed", "{span}", "Spans that were dropped before they could be exported.",
	         observe_processed, NULL),
	OBSERVED("otel.sdk.exporter.span.exported", "{span}", "The number of spans for which the export has finished.",
	         observe_exported, &counts[SIGNAL_TRACES]),
	OBSERVED("otel.sdk.exporter.metric_data_point.exported", "{data_point}",
	         "The number of metric data points for which the export has finished.", observe_exported,
	         &counts[SIGNAL_METRICS]),
	OBSERVED("otel.sdk.exporter.log.exported", "{log_record}",
	         "The number of log records for which the export has finished.", observe_exported, &counts[SIGNAL_LOGS]),
};

void metric_self(void)
{
	counts[SIGNAL_TRACES] = &recorder.count;
	counts[SIGNAL_METRICS] = metric_source.count;
	counts[SIGNAL_LOGS] = &log_source ? log_source.count : NULL;
	for (size_t i = 0; i < sizeof instruments / sizeof instruments[0]; i++)
		otel_observe(&instruments[i]);
}
