// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"
#include "source.h"

/*
 * What AWS's own OTLP endpoints take in one request (CloudWatch user guide, "OTLP endpoints"); beyond it they refuse all of it. Whoever else
 * receives takes what it is sent, or says 413.
 */
struct otlp_limits {
	size_t bytes;      /* before compression */
	size_t count;      /* spans, data points, log records */
	size_t item;       /* bytes of one span or record */
	size_t each;       /* that the service adds to each record when it counts bytes */
	bool with_context; /* each record counts with a copy of resource and scope */
	int64_t spread_ns; /* between the earliest and the latest time in it */
};

#define OTLP_RESOURCE_BYTES_MAX 16384 /* resource and scope together, as these endpoints have it */

/* Of the service that signatures name: xray, logs, monitoring. NULL: any other. */
const struct otlp_limits *limits_of(str service);

/* The only signal that an AWS service takes; SIGNALS: it takes several, or is none. */
unsigned limits_signal(str service);

extern const struct otlp_limits limits_none;
