// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"

/*
 * What the environment says about HTTP spans, read when the first event is looked at: an invocation has better
 * things to do.
 */
struct trigger_options {
	str methods; /* OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS */
	str request_headers,
		response_headers; /* OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_REQUEST_HEADERS, _RESPONSE_HEADERS */
	bool legacy;          /* http/dup in OTEL_SEMCONV_STABILITY_OPT_IN: names from before they were stable, too */
};

const struct trigger_options *trigger_options(void);
void trigger_options_forget(void); /* the environment has changed */

bool list_has(str list, str item); /* with commas, white space around items */
