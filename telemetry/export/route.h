// SPDX-License-Identifier: MIT
#pragma once

#include "export/ship.h"

/*
 * By which ways a signal leaves. OTEL_TRACES_EXPORTER and its like are lists, and every member gets everything; a member is an exporter, or a chain of
 * them, "otlp>xray-udp>otlpstdout": what one could not deliver goes by the next.
 *
 * Without a list: OTLP where an endpoint is configured for the signal; otherwise spans go to the X-Ray daemon when this invocation is sampled there,
 * with the stdout line for what it cannot take, else to the stdout line; metrics and logs go nowhere.
 */
#define CHAIN_MAX 4 /* exporters; nobody has as many ways */

struct chain {
	const struct exporter *at[CHAIN_MAX + 1]; /* NULL at the end */
};

/* The chains of the signal, *count of them; valid until the next call. The choice is said once, as a debug line. */
const struct chain *route(enum signal signal, unsigned *count);

bool route_is_otlp(enum signal signal); /* that way alone */
bool route_wanted(enum signal signal);  /* whether anything of that signal can arrive anywhere */

/*
 * Whether spans that are not sampled go to the X-Ray daemon, and to nobody else: MOTE_XRAY_UDP_UNSAMPLED says so, and xray-udp is in the list, or is a
 * part of what goes without one.
 */
bool route_wants_unsampled(void);

/* The same before telemetry has started, which reads the list no second time: what is wrong with it is said once. */
bool route_wanted_early(enum signal signal);

/* The same without reading all of the list, and without a word about what is wrong with it: for before the first event. */
bool route_likely(enum signal signal);

void route_forget(void); /* the lists, as in a new process */
