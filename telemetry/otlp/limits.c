// SPDX-License-Identifier: MIT
#include "otlp/limits.h"

#include "metric/space.h"
#include "otel_metric.h"

#include <assert.h>

#define DAY_NS 86400000000000

/*
 * What monitoring takes of labels, a data point: nothing has to be left out, since a point has fewer of its own, and with resource and scope still
 * fewer bytes.
 */
#define LABELS_MAX 150
#define LABELS_BYTES_MAX 40960

static_assert(OTEL_METRIC_ATTRS_MAX <= LABELS_MAX, "labels of a data point");
static_assert(SPACE_SET_BYTES_MAX + OTLP_RESOURCE_BYTES_MAX <= LABELS_BYTES_MAX, "bytes of its labels");

const struct otlp_limits limits_none = { SIZE_MAX, SIZE_MAX, SIZE_MAX, 0, false, INT64_MAX };

/*
 * The published limits are 5 MB, 10 000 spans, 200 KB each; 1 MB with 26 bytes for each record, 10 000 records; 1 MB, 1000 data points. A record
 * is stored as JSON, which is longer than what is sent: that is what each is for.
 */
static const struct {
	const char *service;
	unsigned signal;
	struct otlp_limits limits;
} services[] = {
	{ "xray", SIGNAL_TRACES, { 4500000, 10000, 200000, 0, false, DAY_NS } },
	{ "logs", SIGNAL_LOGS, { 1000000, 10000, 950000, 426, true, DAY_NS } },
	{ "monitoring", SIGNAL_METRICS, { 1000000, 1000, 1000000, 0, false, INT64_MAX } },
};

const struct otlp_limits *limits_of(str service)
{
	for (size_t i = 0; i < sizeof services / sizeof *services; i++)
		if (str_eq(service, str_of(services[i].service)))
			return &services[i].limits;
	return NULL;
}

unsigned limits_signal(str service)
{
	for (size_t i = 0; i < sizeof services / sizeof *services; i++)
		if (str_eq(service, str_of(services[i].service)))
			return services[i].signal;
	return str_eq(service, S("aps")) ? (unsigned)SIGNAL_METRICS : SIGNALS;
}
