// SPDX-License-Identifier: MIT
#pragma once

#include "trigger/trigger.h"

/* The names that HTTP attributes had before they were stable (trigger_options.legacy), beside those they have. */
const char *legacy_name(const char *key);                            /* NULL: it had no other */
void legacy_target(const struct trigger *t, struct otel_span *span); /* http.target: path and query */
