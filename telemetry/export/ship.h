// SPDX-License-Identifier: MIT
#pragma once

#include "base/buf.h"
#include "record/count.h"
#include "region.h"
#include "semconv/resource.h"
#include "source.h"

/*
 * Where what was recorded goes. An exporter is one file and one row in route.c; it accounts for every item it is given (span, data point, log record),
 * says in one line what went wrong, and returns by the deadline.
 */
struct batch {
	enum signal signal;
	const struct resource *resource;
	const struct signal_items *items;
	struct count *count;
	str source; /* what the function is called, for people */
	char *out;  /* REGION_OUT_BYTES to work in */

	/* Where what this exporter cannot deliver goes, by ship_undelivered(); NULL, or NULL at the end: it is dropped. deadline: of all of them. */
	const struct exporter *const *next;
	int64_t deadline;

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
	bool keeps;       /* it makes use of batch.kept */
	void (*ship)(const struct batch *batch, int64_t deadline_mono_ns);
};

/*
 * By the ways that route.h says. held: the first so many of the items, which have been shipped before, but that an exporter kept them: only that one
 * gets them. *kept (NULL: none may be) is how many of the last are to come again as held.
 *
 * An item counts once, however many exporters took it: as delivered if one of them says so, else as handed over if one took it, else as dropped. What
 * is kept does not count yet.
 */
void ship(const struct batch *batch, size_t held);

/* The first n of what is held will not come again: there was no room for them. */
void ship_evicted(enum signal signal, struct count *count, size_t n);

/* As in a new process: the lists, where the daemon is, what is known of what is held. */
void ship_forget(void);

/*
 * These items could not be delivered: they go by the next way, or are counted as dropped. Either is said: "what: cause, dropped n spans"; not when
 * what is empty, which is for a cause that has been said before.
 */
void ship_undelivered(const struct batch *batch, const struct signal_items *items, enum drop reason, str what,
                      str cause);

/* The same for n items that no other way could carry. */
void ship_dropped(const struct batch *batch, enum drop reason, size_t n, str what, str cause);

str ship_items(enum signal signal); /* what people call them: spans */
str ship_path(enum signal signal);  /* of OTLP/HTTP: /v1/traces */

/* ---- exporters ---- */

void otlp_ship(const struct batch *batch, int64_t deadline_mono_ns);
void otlp_forget(void); /* connections, addresses and settings: as in a new process */

/* The signal is to go by otlp/sigv4: nothing of it unsigned. Before anything is sent. */
void otlp_insist(enum signal signal);

/* False: its endpoint is not one for this signal (another's of AWS, or one of CloudWatch Logs without group and stream), which is said once. */
bool otlp_usable(enum signal signal);

/*
 * A batch that leaves while the next invocation runs (mode overlap): one a signal. Its items stay where they are until it is finished.
 *
 * otlp_prepare(), after an answer: connects if need be, compresses, signs and encrypts all of it into memory of its own. False: that is not possible
 * (no connection by the deadline, too large, to be split): nothing has happened but perhaps a connection, and nothing is counted.
 * otlp_push(), when the next event is there: writes what the socket takes without blocking. No handshake, hash or encryption; bytes that are too old
 * to be believed (a signature's date) at this time are not sent.
 * otlp_finish(), after the answer to that: the rest and the reply. What did not go well goes as by otlp_ship(). Accounts for all of it.
 */
bool otlp_prepare(const struct batch *batch, int64_t deadline_mono_ns);
void otlp_push(enum signal signal, int64_t wall_ns, int64_t mono_ns);
void otlp_finish(const struct batch *batch, int64_t deadline_mono_ns);

void stdout_line_ship(const struct batch *batch, int64_t deadline_mono_ns);
void stdout_line_forget(void); /* settings: as in a new process */
void stdout_json_ship(const struct batch *batch, int64_t deadline_mono_ns);
void console_ship(const struct batch *batch, int64_t deadline_mono_ns);
void emf_ship(const struct batch *batch, int64_t deadline_mono_ns);

void xray_udp_ship(const struct batch *batch, int64_t deadline_mono_ns);
void xray_udp_event(str trace_header); /* of the invocation that begins */
bool xray_udp_usable(void);            /* there is a daemon, and it is going to keep what this invocation sends */
void xray_udp_forget(void);
