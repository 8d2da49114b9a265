// SPDX-License-Identifier: MIT
#pragma once

#include "record/count.h"
#include "region.h"
#include "semconv/resource.h"

/*
 * Where finished spans go. An exporter is one file and one row in ship.c; it accounts for every span it is given, says in one line what went wrong,
 * and returns by the deadline.
 */
struct batch {
	const struct resource *resource;
	str source; /* what the function is called, for people */
	str spans;  /* ScopeSpans.spans fields */
	size_t span_count;
	struct count *count;
	char *out; /* REGION_OUT_BYTES to work in */
};

struct exporter {
	const char *name; /* in OTEL_TRACES_EXPORTER, any case */
	void (*ship)(const struct batch *batch, int64_t deadline_mono_ns);
};

/* By OTEL_TRACES_EXPORTER; when that names none, otlp where an endpoint is configured, else otlpstdout. */
const struct exporter *ship_choose(void);

void otlp_ship(const struct batch *batch, int64_t deadline_mono_ns);
void otlp_forget(void); /* connection, address and settings: as in a new process */
void stdout_line_ship(const struct batch *batch, int64_t deadline_mono_ns);

/* Counts n spans as dropped and says so: "what: cause, dropped n spans". */
void ship_dropped(const struct batch *batch, enum drop reason, size_t n, str what, str cause);
