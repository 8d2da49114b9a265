// SPDX-License-Identifier: MIT
#pragma once

#include "trigger/trigger.h"

/*
 * http.request.header.<name> and http.response.header.<name>: only of headers that
 * OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_REQUEST_HEADERS and
 * OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_RESPONSE_HEADERS name, lists with commas. Each is an array of the
 * values as they came.
 */
void capture_request(struct trigger *t, struct otel_span *span);
void capture_response(struct trigger *t, str reply, struct otel_span *span); /* t's headers are the reply's then */
