// SPDX-License-Identifier: MIT
#include "export/ship.h"

#include "base/late.h"
#include "diag.h"
#include "settings.h"

#include <assert.h>

#define TRACES (1u << SIGNAL_TRACES)
#define METRICS (1u << SIGNAL_METRICS)
#define LOGS (1u << SIGNAL_LOGS)

/* Whoever has metrics to ship has metric_source. */
static void own_ship(const struct batch *batch, int64_t deadline)
{
	metric_source.own(batch, deadline);
}

static const struct exporter exporters[] = {
	{ "otlp", TRACES | METRICS | LOGS, otlp_ship },
	{ "otlp/sigv4", TRACES | METRICS | LOGS, otlp_ship },
	{ "otlp/stdout", TRACES | METRICS | LOGS, stdout_json_ship },
	{ "otlpstdout", TRACES | METRICS | LOGS, stdout_line_ship },
	{ "console", TRACES | METRICS | LOGS, console_ship },
	{ "awsemf", METRICS, own_ship },
	{ "xray-udp", TRACES | METRICS, xray_udp_ship },
};

enum { OTLP, OTLP_SIGV4, STDOUT_JSON, STDOUT_LINE, CONSOLE, EMF, XRAY_UDP, EXPORTERS };

static_assert(sizeof exporters / sizeof exporters[0] == EXPORTERS, "a name each");

/* What a signal's list says. */
static struct {
	bool known;
	bool said; /* something that counts, be it none */
	unsigned count;
	const struct exporter *at[EXPORTERS];
} lists[SIGNALS] LATE;

static const char *const variables[] = { "OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER", "OTEL_LOGS_EXPORTER" };

void ship_forget(void)
{
	for (int i = 0; i < SIGNALS; i++)
		lists[i].known = false;
	xray_udp_forget();
}

str ship_path(enum signal signal)
{
	static const char *const paths[] = { "/v1/traces", "/v1/metrics", "/v1/logs" };

	return str_of(paths[signal]);
}

str ship_items(enum signal signal)
{
	static const char *const items[] = { "spans", "data points", "log records" };

	return str_of(items[signal]);
}

/* ---- the lists ---- */

static void add(enum signal signal, const struct exporter *e)
{
	for (unsigned i = 0; i < lists[signal].count; i++)
		if (lists[signal].at[i]->ship == e->ship)
			return;
	lists[signal].at[lists[signal].count++] = e;
}

static void add_named(enum signal signal, str name)
{
	str variable = str_of(variables[signal]);
	size_t i = 0;

	while (i < EXPORTERS && !str_ieq(name, str_of(exporters[i].name)))
		i++;
	if (i == EXPORTERS && !str_ieq(name, S("none"))) {
		setting_warn(
			variable, name,
			"is none of otlp, otlp/sigv4, otlp/stdout, otlpstdout, console, awsemf, xray-udp, none: it is ignored");
		return;
	}
	if (i < EXPORTERS && !(exporters[i].signals >> signal & 1)) {
		setting_warn(variable, name, "does not carry this signal: it is ignored");
		return;
	}
	if (i == OTLP_SIGV4)
		setting_warn(variable, name, "requests are sent, but this build does not sign them");
	lists[signal].said = true;
	if (i < EXPORTERS)
		add(signal, &exporters[i]);
}

static void read_list(enum signal signal)
{
	str rest = setting(variables[signal]), name;

	if (lists[signal].known)
		return;
	lists[signal].known = true;
	lists[signal].said = false;
	lists[signal].count = 0;
	while (rest.n) {
		str_cut(rest, ',', &name, &rest);
		name = str_trim(name);
		if (name.n)
			add_named(signal, name);
	}
}

static bool has_endpoint(enum signal signal)
{
	struct otlp_setting endpoint;

	otlp_setting(&endpoint, signal, "ENDPOINT");
	return endpoint.value.n > 0;
}

bool ship_wanted(enum signal signal)
{
	read_list(signal);
	if (lists[signal].said)
		return lists[signal].count > 0;
	return signal == SIGNAL_TRACES || has_endpoint(signal);
}

/* Without a list. NULL: nowhere. */
static const struct exporter *usual(enum signal signal, const struct exporter **next)
{
	if (has_endpoint(signal))
		return &exporters[OTLP];
	if (signal != SIGNAL_TRACES)
		return NULL;
	if (!xray_udp_usable())
		return &exporters[STDOUT_LINE];
	*next = &exporters[STDOUT_LINE];
	return &exporters[XRAY_UDP];
}

/* ---- shipping ---- */

static uint64_t arrived(const struct count *c)
{
	return c->delivered + c->handed_over;
}

/*
 * Which items an exporter took is not known, only how many: so at least as many arrived somewhere as at the best of them, at least as many
 * were delivered as at the best of those, and the rest is dropped for that one's reasons.
 */
static void merge(struct count *sum, const struct count *one)
{
	uint64_t delivered = sum->delivered > one->delivered ? sum->delivered : one->delivered, all;

	if (arrived(one) > arrived(sum))
		*sum = *one;
	all = arrived(sum);
	sum->delivered = delivered;
	sum->handed_over = all - delivered;
}

static struct count ship_by(const struct exporter *e, const struct exporter *next, const struct batch *batch,
                            int64_t deadline)
{
	struct count count = { 0 };
	struct batch b = *batch;

	b.count = &count;
	b.next = next;
	e->ship(&b, deadline);
	return count;
}

static void add_count(struct count *to, const struct count *c)
{
	to->delivered += c->delivered;
	to->handed_over += c->handed_over;
	for (int i = 0; i < DROP_REASONS; i++)
		to->dropped[i] += c->dropped[i];
}

void ship(const struct batch *batch, int64_t deadline)
{
	enum signal signal = batch->signal;
	const struct exporter *one, *next = NULL;
	struct count sum = { .delivered = 0 }, count;

	read_list(signal);
	sum.dropped[DROP_NOWHERE] = batch->items->count;
	if (lists[signal].said) {
		for (unsigned i = 0; i < lists[signal].count; i++) {
			count = ship_by(lists[signal].at[i], NULL, batch, deadline);
			if (i == 0)
				sum = count;
			else
				merge(&sum, &count);
		}
	} else if ((one = usual(signal, &next))) {
		sum = ship_by(one, next, batch, deadline);
	}
	add_count(batch->count, &sum);
}

void ship_dropped(const struct batch *batch, enum drop reason, size_t n, str what, str cause)
{
	struct diag d;
	struct buf *b = diag_open(&d, DIAG_ERROR);
	str items = ship_items(batch->signal);

	batch->count->dropped[reason] += n;
	buf_put(b, what);
	buf_put(b, S(": "));
	buf_put(b, cause);
	buf_put(b, S(", dropped "));
	buf_u64(b, n);
	buf_putc(b, ' ');
	buf_put(b, n == 1 ? (str){ items.p, items.n - 1 } : items);
	diag_close(&d);
}
