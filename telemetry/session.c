// SPDX-License-Identifier: MIT
#include "session.h"

#include "base/clock.h"
#include "base/late.h"
#include "context/extract.h"
#include "diag.h"
#include "export/route.h"
#include "export/ship.h"
#include "flush/leave.h"
#include "flush/plan.h"
#include "record/recorder.h"
#include "record/scope.h"
#include "sample/sampler.h"
#include "settings.h"
#include "source.h"

#include <string.h>

struct session session;

char session_out[REGION_OUT_BYTES] LATE;
static struct count reported[SIGNALS] LATE; /* of each signal's drops, what session_report() has said */
static char resource_room[RESOURCE_BYTES_MAX] LATE;

static const struct signal_source *const sources[] = { &log_source, &metric_source };

#define SOURCES (sizeof sources / sizeof sources[0])

/* ---- start ---- */

static void describe(const struct lambda_hook_sandbox *sandbox, str name)
{
	session.described = true;
	resource_encode(&session.resource, sandbox, session.service_name, name, resource_room, session_out,
	                sizeof session_out);
	scope_default(session.resource.head);
}

void session_start(const struct lambda_hook_sandbox *sandbox, str name, str version)
{
	session.read = session.described = false;
	session.enabled = !setting_bool("OTEL_SDK_DISABLED");
	plan_forget();
	recorder_reset();
	if (!session.enabled)
		return;
	session.name = BUF(session.name_room);
	session.version = BUF(session.version_room);
	buf_put(&session.name, name);
	buf_put(&session.version, version);
	session.service_name = setting("OTEL_SERVICE_NAME");
	if (sandbox)
		session.sandbox = *sandbox;
	else
		describe(NULL, name); /* which is not ours to keep */
	session.said_unended = false;
	session.said_dropped = 0;
	for (size_t i = 0; i < SOURCES; i++)
		if (sources[i] && sources[i]->init)
			sources[i]->init();
}

void session_settings(void)
{
	if (session.read)
		return;
	session.read = true;
	settings_check();
	context_forget();
	sampler_forget();
	ship_forget();
	plan_read();
	if (!session.enabled)
		return;
	memset(reported, 0, sizeof reported);
	limits_read(&recorder.limits);
	recorder.ids.random = setting_bool("MOTE_RANDOM_IDS");
	recorder.started = setting("OTEL_BAGGAGE_SPAN_ATTRIBUTE_KEYS").n ? context_attributes : NULL;
	tail_read(&session.tail);
	session.wanted = route_wanted(SIGNAL_TRACES);
	recorder.record_only = session.wanted && route_wants_unsampled();
}

void session_describe(void)
{
	if (!session.described)
		describe(&session.sandbox, session.sandbox.function_name);
}

str session_name(void)
{
	return session.service_name.n ? session.service_name : buf_str(&session.name);
}

/* ---- metrics and logs ---- */

void session_sources_begin(const struct lambda_hook_event *event)
{
	for (size_t i = 0; i < SOURCES; i++)
		if (sources[i] && sources[i]->begin)
			sources[i]->begin(event, recorder.began);
}

void session_sources_end(const struct lambda_hook_result *result, int64_t wall_ns)
{
	for (size_t i = 0; i < SOURCES; i++)
		if (sources[i] && sources[i]->end)
			sources[i]->end(result, wall_ns);
}

/* ---- what was lost ---- */

static void report(struct otel_span *span, enum signal signal, const struct count *count)
{
	static const char *const items[] = { "mote.dropped.spans.", "mote.dropped.data_points.",
		                                 "mote.dropped.log_records." };
	char room[64];

	for (int i = 0; i < DROP_REASONS; i++) {
		uint64_t lost = count->dropped[i] - reported[signal].dropped[i];
		struct buf key = BUF(room);

		if (!lost || i == DROP_TAIL) /* which is what it was asked to do */
			continue;
		reported[signal].dropped[i] = count->dropped[i];
		buf_put(&key, str_of(items[signal]));
		buf_put(&key, str_of(count_reason((enum drop)i)));
		otel_put_int(span, key.p, key.n, (int64_t)lost);
	}
}

void session_report(struct otel_span *span)
{
	if (count_dropped(&recorder.count))
		report(span, SIGNAL_TRACES, &recorder.count);
	for (size_t i = 0; i < SOURCES; i++)
		if (sources[i] && count_dropped(sources[i]->count))
			report(span, sources[i]->signal, sources[i]->count);
}

/* ---- what the log says ---- */

static void say_unended(void)
{
	struct diag d;
	struct buf *b;

	if (!recorder.unended || session.said_unended)
		return;
	session.said_unended = true;
	b = diag_open(&d, DIAG_WARN);
	buf_put(b, S("spans left open: "));
	buf_u64(b, recorder.unended);
	buf_put(b, S(". They were ended with what they were opened in, and have the attribute mote.span.unended; this is "
	             "said once"));
	diag_close(&d);
}

static void say_dropped(void)
{
	const uint64_t *dropped = recorder.count.dropped;
	uint64_t sum = dropped[DROP_OPEN] + dropped[DROP_SPOOL];
	struct diag d;
	struct buf *b;

	if (sum == session.said_dropped)
		return;
	b = diag_open(&d, DIAG_WARN);
	buf_put(b, S("no room for all spans: dropped "));
	buf_u64(b, sum - session.said_dropped);
	buf_put(b, S(" of this invocation"));
	diag_close(&d);
	session.said_dropped = sum;
}

/* ---- sending ---- */

void session_say(void)
{
	say_unended();
	say_dropped();
	for (size_t i = 0; i < SOURCES; i++)
		if (sources[i] && sources[i]->say)
			sources[i]->say();
}

bool session_flush(int64_t deadline)
{
	if (!session.enabled)
		return true;
	session_describe();
	session_say();
	return plan_last(deadline);
}
