// SPDX-License-Identifier: MIT
#pragma once

#include "base/buf.h"
#include "net/url.h"
#include "source.h"

/*
 * The constant part of an OTLP/HTTP request: everything up to the value of Content-Length. Made once, from OTEL_EXPORTER_OTLP_*, when the
 * first batch is to be sent.
 */
#define OTLP_HEAD_MAX 8192

struct otlp_request {
	struct url url;
	int64_t timeout_ns; /* of one export; 0: none */
	bool json;          /* OTLP/JSON, not protobuf */
	size_t head_n;
	char head[OTLP_HEAD_MAX];
};

/*
 * The signal's endpoint as it is, else the endpoint for all signals with /v1/traces (metrics, logs) behind its path, else that on http://localhost:4318.
 * False: it cannot be used, and *problem says why, for people; it has nothing of the variables' values. What can be done
 * without (a header list, a time-out, a protocol) is warned about and left out. scratch: n bytes.
 */
bool otlp_request_make(struct otlp_request *r, enum signal signal, char *scratch, size_t n, const char **problem);
