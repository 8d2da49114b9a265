// SPDX-License-Identifier: MIT
#pragma once

#include "base/buf.h"
#include "context/baggage.h"
#include "context/carrier.h"
#include "context/context.h"

/*
 * A propagator is one file and one row in propagator.c, under the name that OTEL_PROPAGATORS has for it. They extract in the order of that list, each one
 * into what those before it have left: what is valid replaces, what is not changes nothing.
 */
#define TRACESTATE_BYTES_MAX 2048

struct propagation {
	bool called;            /* from is filled in: another process said which trace this belongs to */
	struct context from;    /* all zero unless called */
	str lambda;             /* Lambda-Runtime-Trace-Id of this invocation; empty outside Lambda */
	bool follow_lambda;     /* MOTE_FOLLOW_LAMBDA_SAMPLING */
	struct baggage baggage; /* behind what every invocation reads, which so is in one page */
	char trace_state[TRACESTATE_BYTES_MAX];
};

struct injector {
	void (*put)(void *to, const char *name, const char *value, size_t n);
	void *to;
};

struct propagator {
	const char *name;
	void (*extract)(const struct carrier *carrier, struct propagation *p);

	/* own: the span that the receiver's is to be a child of. needs_span: nothing is injected when there is none. */
	void (*inject)(const struct context *own, const struct propagation *p, const struct injector *to);
	bool needs_span;
};

#define PROPAGATORS_MAX 8

/* The rows that OTEL_PROPAGATORS names, in its order. Says what is wrong with it. */
size_t propagators_choose(str list, const struct propagator *out[PROPAGATORS_MAX]);

void tracecontext_extract(const struct carrier *carrier, struct propagation *p);
void tracecontext_inject(const struct context *own, const struct propagation *p, const struct injector *to);
void baggage_extract(const struct carrier *carrier, struct propagation *p);
void baggage_inject(const struct context *own, const struct propagation *p, const struct injector *to);
void xray_extract(const struct carrier *carrier, struct propagation *p);
void xray_lambda_extract(const struct carrier *carrier, struct propagation *p);
void xray_inject(const struct context *own, const struct propagation *p, const struct injector *to);
void b3_extract(const struct carrier *carrier, struct propagation *p);
void b3_inject(const struct context *own, const struct propagation *p, const struct injector *to);
void b3multi_inject(const struct context *own, const struct propagation *p, const struct injector *to);
