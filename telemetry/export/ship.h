// SPDX-License-Identifier: MIT
#pragma once

#include "base/buf.h"
#include "record/count.h"
#include "region.h"
#include "semconv/resource.h"
#include "source.h"

/*
 * Where what was recorded goes. An exporter is one file and one row in ship.c; it accounts for every item it is given (span, data point, log record),
 * says in one line what went wrong, and returns by the deadline.
 */
struct batch {
	enum signal signal;
	const struct resource *resource;
	const struct signal_items *items;
	struct count *count;
	str source;                  /* what the function is called, for people */
	char *out;                   /* REGION_OUT_BYTES to work in */
	const struct exporter *next; /* where what this exporter cannot carry goes; NULL: it is dropped */

	/*
	 * NULL: every item is accounted for on return. Otherwise an exporter that had no time may leave the newest items, a suffix in their order,
	 * for the next flush, and says here how many: delivered, handed over and dropped are of the others. It stands at 0 before the call. The next
	 * batch begins with them.
	 */
	size_t *kept;
};

struct exporter {
	const char *name; /* in OTEL_TRACES_EXPORTER, _METRICS_ and _LOGS_, any case */
	unsigned signals; /* 1 << SIGNAL_ of those that it can carry */
	void (*ship)(const struct batch *batch, int64_t deadline_mono_ns);
};

/*
 * To the exporters that the signal's list names. Without a list: OTLP where an endpoint is configured for the signal, and otherwise spans go to the
 * X-Ray daemon when this invocation is sampled there, else to the stdout line, metrics and logs nowhere.
 *
 * An item counts once, however many exporters took it: as delivered if one of them says so, else as handed over if one took it, else as dropped.
 */
void ship(const struct batch *batch, int64_t deadline_mono_ns);

/* Whether anything of that signal can arrive anywhere. */
bool ship_wanted(enum signal signal);

void ship_forget(void); /* the lists, and where the daemon is: as in a new process */

/* Counts n items as dropped and says so: "what: cause, dropped n spans". */
void ship_dropped(const struct batch *batch, enum drop reason, size_t n, str what, str cause);

str ship_items(enum signal signal); /* what people call them: spans */
str ship_path(enum signal signal);  /* of OTLP/HTTP: /v1/traces */

/* ---- exporters ---- */

void otlp_ship(const struct batch *batch, int64_t deadline_mono_ns);
void otlp_forget(void); /* connections, addresses and settings: as in a new process */
void stdout_line_ship(const struct batch *batch, int64_t deadline_mono_ns);
void stdout_json_ship(const struct batch *batch, int64_t deadline_mono_ns);
void console_ship(const struct batch *batch, int64_t deadline_mono_ns);
void emf_ship(const struct batch *batch, int64_t deadline_mono_ns);

void xray_udp_ship(const struct batch *batch, int64_t deadline_mono_ns);
void xray_udp_event(str trace_header); /* of the invocation that begins */
bool xray_udp_usable(void);            /* there is a daemon, and it is going to keep what this invocation sends */
void xray_udp_forget(void);
