// SPDX-License-Identifier: MIT
#pragma once

#include "trigger/trigger.h"

/* A message's sender, as a context that a span can be linked to. False: it says none. */
bool link_context(const struct trigger_message *m, struct otel_context *out);
bool link_put(struct otel_span *span, const struct trigger_message *m);

/* Attributes of a span about this one message. */
void message_describe(const struct trigger_message *m, const struct trigger *t, struct otel_span *span);

/* Of a change in a database or a bucket: which, and when. */
void change_describe(const struct trigger_message *m, struct otel_span *span);
