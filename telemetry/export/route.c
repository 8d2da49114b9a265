// SPDX-License-Identifier: MIT
#include "export/route.h"

#include "base/late.h"
#include "diag.h"
#include "settings.h"

#include <assert.h>
#include <string.h>

#define TRACES (1u << SIGNAL_TRACES)
#define METRICS (1u << SIGNAL_METRICS)
#define LOGS (1u << SIGNAL_LOGS)

/* Whoever has metrics to ship has metric_source. */
static void own_ship(const struct batch *batch, int64_t deadline)
{
	metric_source.own(batch, deadline);
}

static const struct exporter exporters[] = {
	{ "otlp", TRACES | METRICS | LOGS, true, otlp_ship },
	{ "otlp/sigv4", TRACES | METRICS | LOGS, true, otlp_ship },
	{ "otlp/stdout", TRACES | METRICS | LOGS, false, stdout_json_ship },
	{ "otlpstdout", TRACES | METRICS | LOGS, false, stdout_line_ship },
	{ "console", TRACES | METRICS | LOGS, false, console_ship },
	{ "awsemf", METRICS, false, own_ship },
	{ "xray-udp", TRACES | METRICS, false, xray_udp_ship },
};

enum { OTLP, OTLP_SIGV4, STDOUT_JSON, STDOUT_LINE, CONSOLE, EMF, XRAY_UDP, EXPORTERS };

static_assert(sizeof exporters / sizeof exporters[0] == EXPORTERS, "a name each");

static const struct chain to_otlp = { { &exporters[OTLP] } }, to_stdout = { { &exporters[STDOUT_LINE] } },
						  to_daemon = { { &exporters[XRAY_UDP], &exporters[STDOUT_LINE] } };

/* What a signal's list says. */
static struct {
	bool known;
	bool early;  /* since before telemetry started */
	bool listed; /* something that counts, be it none */
	unsigned count;
	struct chain at[EXPORTERS];
	const struct chain *said; /* the choice that a debug line has named */
} lists[SIGNALS] LATE;

static const char *const variables[] = { "OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER", "OTEL_LOGS_EXPORTER" };

void route_forget(void)
{
	for (int i = 0; i < SIGNALS; i++) {
		lists[i].known = lists[i].early;
		lists[i].early = false;
		lists[i].said = NULL;
	}
}

/* ---- the lists ---- */

static const struct exporter *named(enum signal signal, str name)
{
	str variable = str_of(variables[signal]);
	size_t i = 0;

	while (i < EXPORTERS && !str_ieq(name, str_of(exporters[i].name)))
		i++;
	if (i == EXPORTERS && !str_ieq(name, S("none"))) {
		setting_warn(
			variable, name,
			"is none of otlp, otlp/sigv4, otlp/stdout, otlpstdout, console, awsemf, xray-udp, none: it is ignored");
		return NULL;
	}
	if (i < EXPORTERS && !(exporters[i].signals >> signal & 1)) {
		setting_warn(variable, name, "does not carry this signal: it is ignored");
		return NULL;
	}
	if (i == OTLP_SIGV4)
		otlp_insist(signal);
	lists[signal].listed = true;
	return i < EXPORTERS ? &exporters[i] : NULL;
}

static bool has(const struct chain *c, const struct exporter *e)
{
	for (const struct exporter *const *at = c->at; *at; at++)
		if ((*at)->ship == e->ship)
			return true;
	return false;
}

static void add(enum signal signal, str ways)
{
	struct chain chain = { { NULL } };
	unsigned n = 0;
	str name;

	while (ways.n) {
		const struct exporter *e;

		str_cut(ways, '>', &name, &ways);
		name = str_trim(name);
		e = name.n ? named(signal, name) : NULL;
		if (e && n < CHAIN_MAX && !has(&chain, e))
			chain.at[n++] = e;
	}
	for (unsigned i = 0; i < lists[signal].count; i++)
		if (n && lists[signal].at[i].at[0]->ship == chain.at[0]->ship)
			return; /* that way is there already */
	if (n)
		lists[signal].at[lists[signal].count++] = chain;
}

static void read_list(enum signal signal)
{
	str rest = setting(variables[signal]), ways;

	if (lists[signal].known)
		return;
	lists[signal].known = true;
	lists[signal].listed = false;
	lists[signal].count = 0;
	while (rest.n) {
		str_cut(rest, ',', &ways, &rest);
		add(signal, ways);
	}
}

static bool names_endpoint(enum signal signal)
{
	struct otlp_setting endpoint;

	otlp_setting(&endpoint, signal, "ENDPOINT");
	return endpoint.value.n > 0;
}

/* One that takes this signal. */
static bool has_endpoint(enum signal signal)
{
	return names_endpoint(signal) && otlp_usable(signal);
}

bool route_wanted(enum signal signal)
{
	read_list(signal);
	if (!lists[signal].listed)
		return signal == SIGNAL_TRACES || has_endpoint(signal);
	if (signal == SIGNAL_TRACES)
		return lists[signal].count > 0; /* what its endpoint takes is seen when there is something to send */
	for (unsigned i = 0; i < lists[signal].count; i++)
		if (lists[signal].at[i].at[0]->ship != otlp_ship || lists[signal].at[i].at[1] || otlp_usable(signal))
			return true;
	return false;
}

bool route_wanted_early(enum signal signal)
{
	bool wanted = route_wanted(signal);

	lists[signal].early = true;
	return wanted;
}

bool route_likely(enum signal signal)
{
	str list = str_trim(setting(variables[signal]));

	return list.n ? !str_ieq(list, S("none")) : signal == SIGNAL_TRACES || names_endpoint(signal);
}

bool route_wants_unsampled(void)
{
	if (!setting_bool("MOTE_XRAY_UDP_UNSAMPLED"))
		return false;
	read_list(SIGNAL_TRACES);
	if (!lists[SIGNAL_TRACES].listed)
		return !names_endpoint(SIGNAL_TRACES) && setting("AWS_XRAY_DAEMON_ADDRESS").n;
	for (unsigned i = 0; i < lists[SIGNAL_TRACES].count; i++)
		if (has(&lists[SIGNAL_TRACES].at[i], &exporters[XRAY_UDP]))
			return true;
	return false;
}

/* ---- the choice ---- */

static const struct chain *usual(enum signal signal)
{
	if (has_endpoint(signal))
		return &to_otlp;
	if (signal != SIGNAL_TRACES)
		return NULL;
	return xray_udp_usable() ? &to_daemon : &to_stdout;
}

static void say(enum signal signal, const struct chain *chains, unsigned count)
{
	struct diag d;
	struct buf *b;

	if (!count || lists[signal].said == chains || !diag_wanted(DIAG_DEBUG))
		return;
	lists[signal].said = chains;
	b = diag_open(&d, DIAG_DEBUG);
	buf_put(b, ship_items(signal));
	buf_put(b, S(" go by "));
	for (unsigned i = 0; i < count; i++)
		for (const struct exporter *const *at = chains[i].at; *at; at++) {
			buf_put(b, at != chains[i].at ? S(">") : i ? S(",") : S(""));
			buf_put(b, str_of((*at)->name));
		}
	diag_close(&d);
}

const struct chain *route(enum signal signal, unsigned *count)
{
	const struct chain *chains;

	read_list(signal);
	if (lists[signal].listed) {
		chains = lists[signal].at;
		*count = lists[signal].count;
	} else {
		chains = usual(signal);
		*count = chains != NULL;
	}
	say(signal, chains, *count);
	return chains;
}

bool route_is_otlp(enum signal signal)
{
	unsigned count;
	const struct chain *chains = route(signal, &count);

	return count == 1 && chains->at[0]->ship == otlp_ship && !chains->at[1];
}
