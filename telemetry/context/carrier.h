// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"

/*
 * Where propagators read: anything that has values by name. A carrier is a struct that begins with this one. Names are asked for in lower case, and
 * what they are compared with may be in any.
 */
struct carrier {
	bool (*get)(const struct carrier *carrier, str name, size_t nth, str *value);
};

/* The nth value of that name, counted from 0: a header may be there several times. False: there are not that many. */
static inline bool carrier_get(const struct carrier *carrier, str name, size_t nth, str *value)
{
	return carrier->get(carrier, name, nth, value);
}

/* ---- the environment of this process: TRACEPARENT, X_B3_TRACEID (OpenTelemetry, "Environment variables as context propagation carriers") ---- */

extern const struct carrier environment_carrier;

/*
 * ---- the client context of an invocation: strings in its member w3c, of which only traceparent, tracestate and baggage are looked at ----
 *
 * As Lambda's own runtimes have it. What has escapes is decoded into room when it fits.
 */
#define CLIENT_NAMES 3

struct client_carrier {
	struct carrier carrier;
	str value[CLIENT_NAMES];
	bool has[CLIENT_NAMES];
};

void client_carrier(struct client_carrier *c, str client_context, char *room, size_t size);
