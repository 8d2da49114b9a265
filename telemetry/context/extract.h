// SPDX-License-Identifier: MIT
#pragma once

#include "context/propagator.h"
#include "hooks.h"

/*
 * The context of the current invocation: who called, and with what baggage. One static instance; slices in it live until the next begin.
 *
 * Carriers are read in this order, and the first one that has a trace decides: the client context's w3c, which who invoked us wrote; the headers of an
 * HTTP event; the environment. Each is read by all propagators of OTEL_PROPAGATORS, in its order.
 */
extern struct propagation propagation;

/* NULL: nobody called. Works with OTEL_SDK_DISABLED too, as the specification wants it. */
const struct context *context_begin(const struct lambda_hook_event *event, const struct carrier *headers);

/* The same for when somebody asks; event and headers stay where they are until the invocation has ended. */
void context_later(const struct lambda_hook_event *event, const struct carrier *headers);

/* The same outside Lambda: for a program whose environment may say what it is a part of. */
const struct context *context_begin_program(void);

/* OTEL_BAGGAGE_SPAN_ATTRIBUTE_KEYS (comma-separated, * for all): entries of these names become attributes of the span. */
struct otel_span;
void context_attributes(struct otel_span *span);

void context_forget(void); /* settings: as in a new process */
