// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"

/*
 * The environment variables that telemetry reads, found in one pass when the process starts. Values point into the environment block; one that
 * is empty counts as unset (OpenTelemetry specification, "Environment variable specification").
 */
struct settings {
	str sdk_disabled;
	str service_name, resource_attributes;
	str traces_exporter;
	str endpoint, traces_endpoint;
	str headers, traces_headers;
	str timeout, traces_timeout;
	str protocol, traces_protocol;
	str region;                /* AWS_REGION */
	str log_format, log_level; /* AWS_LAMBDA_LOG_FORMAT, AWS_LAMBDA_LOG_LEVEL */
};

void settings_read(struct settings *s, char *const *environment);

/* Of a variable for traces and the one for all signals. */
static inline str settings_first(str traces, str all)
{
	return traces.n ? traces : all;
}
