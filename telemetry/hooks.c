// SPDX-License-Identifier: MIT
#include "hooks.h"

#include "base/clock.h"
#include "base/late.h"
#include "context/extract.h"
#include "diag.h"
#include "export/ship.h"
#include "record/recorder.h"
#include "record/scope.h"
#include "sample/sampler.h"
#include "settings.h"
#include "source.h"

/*
 * The order of things as telemetry sees it: what the loop tells (hooks.h), in the order in which it tells it. Environment and resource are read when
 * the process starts; what concerns the receiver is looked at when there is a first batch, with the answer already posted.
 */
#define FUNCTION_NAME_MAX 256 /* Lambda's limit is 64, 140 in an ARN */
#define VERSION_MAX 64
#define ARN_MAX 512

static struct {
	bool enabled;
	bool read; /* what is looked at when the first event has come */
	bool said_unended;
	uint64_t said_dropped;           /* of the spans that were dropped before they could be shipped */
	bool exported;                   /* OTEL_TRACES_EXPORTER is not none */
	str service_name;                /* OTEL_SERVICE_NAME */
	struct resource resource;
	struct buf function_name, function_version; /* copies: the sandbox's slices live only during init */
	char name_room[FUNCTION_NAME_MAX], version_room[VERSION_MAX];
} state;

static char out[REGION_OUT_BYTES] LATE;

/* ---- init ---- */

static void hook_init(const struct lambda_hook_sandbox *sandbox)
{
	context_forget();
	state.enabled = !setting_bool("OTEL_SDK_DISABLED");
	if (!state.enabled)
		return;
	state.function_name = BUF(state.name_room);
	state.function_version = BUF(state.version_room);
	buf_put(&state.function_name, sandbox->function_name);
	buf_put(&state.function_version, sandbox->function_version);
	state.service_name = setting("OTEL_SERVICE_NAME");
	state.exported = !str_ieq(str_trim(setting("OTEL_TRACES_EXPORTER")), S("none"));
	ship_forget();
	recorder_reset(resource_encode(&state.resource, sandbox, state.service_name, recorder_room, out, sizeof out));
	scope_default(state.resource.head);
	sampler_forget();
	state.read = false;
	state.said_unended = false;
	state.said_dropped = 0;
}

/* ---- an invocation ---- */

static str span_name(void)
{
	if (state.function_name.n)
		return buf_str(&state.function_name);
	return state.service_name.n ? state.service_name : S("invocation");
}

/*
 * arn:aws:lambda:region:account:function:name[:qualifier]. The resource's id has the version that runs in place of an alias that points to it
 * (semantic conventions, cloud.resource_id): one sandbox may be called by several.
 */
static void set_arn(struct otel_span *span, str arn)
{
	char room[ARN_MAX];
	struct buf id = BUF(room);
	str rest = arn, field;
	int i = 0;

	for (; i < 7 && str_cut(rest, ':', &field, &rest); i++)
		if (i == 4 && field.n)
			otel_set_str(span, "cloud.account.id", field.p, field.n);
	if (i == 7 && state.function_version.n) {
		buf_put(&id, (str){ arn.p, arn.n - rest.n });
		buf_put(&id, buf_str(&state.function_version));
		if (!id.full)
			arn = buf_str(&id);
	}
	if (arn.n)
		otel_set_str(span, "cloud.resource_id", arn.p, arn.n);
}

static void read_settings(void)
{
	if (state.read)
		return;
	state.read = true;
	limits_read(&recorder.limits);
	recorder.ids.random = setting_bool("MOTE_RANDOM_IDS");
}

static void hook_begin(const struct lambda_hook_event *event)
{
	struct recorder_call call = { .name = span_name(), .kind = OTEL_SERVER, .wanted = state.exported };
	struct otel_span *span;

	diag_request(event->request_id);
	xray_udp_event(event->trace_id);
	call.from = context_begin(event);
	if (!state.enabled)
		return;
	read_settings();
	recorder_begin(&call);
	span = otel_invocation();
	if (!otel_recording(span))
		return;
	otel_set_str(span, "faas.invocation_id", event->request_id.p, event->request_id.n);
	otel_set_bool(span, "faas.coldstart", event->cold_start);
	set_arn(span, event->invoked_function_arn);
	context_attributes(span);
}

static void hook_end(const struct lambda_hook_result *result)
{
	str type = result->error_type, message = result->error_message;

	if (!state.enabled)
		return;
	if (result->failed)
		otel_put_exception(otel_invocation(), type.p, type.n, message.p, message.n);
	recorder_end();
}

static bool hook_log_ids(char trace_id[32], char span_id[16])
{
	unsigned char trace[16], span[8];

	if (!state.enabled || !recorder_ids(trace, span))
		return false;
	id_hex(trace_id, trace, 16);
	id_hex(span_id, span, 8);
	return true;
}

/* ---- after the answer ---- */

static void say_unended(void)
{
	struct diag d;
	struct buf *b;

	if (!recorder.unended || state.said_unended)
		return;
	state.said_unended = true;
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

	if (sum == state.said_dropped)
		return;
	b = diag_open(&d, DIAG_WARN);
	buf_put(b, S("no room for all spans: dropped "));
	buf_u64(b, sum - state.said_dropped);
	buf_put(b, S(" of this invocation"));
	diag_close(&d);
	state.said_dropped = sum;
}

static bool is_due(const struct signal_source *s, int64_t now)
{
	return s && s->collect && (!s->due || s->due(now, false));
}

static void ship_items(enum signal signal, const struct signal_items *items, struct count *count, int64_t deadline)
{
	str service = state.service_name;
	struct batch batch = {
		.signal = signal,
		.resource = &state.resource,
		.items = items,
		.count = count,
		.source = service.n               ? service
		          : state.function_name.n ? buf_str(&state.function_name)
		                                  : S("unknown-service"),
		.out = out,
	};

	ship(&batch, deadline);
}

static void flush_source(const struct signal_source *s, int64_t deadline)
{
	int64_t now = clock_wall_ns();
	struct signal_items items = { .count = 0 };

	if (!is_due(s, now) || !s->collect(&items, now))
		return;
	ship_items(s->signal, &items, s->count, deadline);
	if (s->reset)
		s->reset();
}

static void flush_spans(int64_t deadline)
{
	struct signal_items items = { .count = 0 };

	if (!recorder.spool_spans)
		return;
	say_unended();
	say_dropped();
	recorder_spool_items(&items);
	ship_items(SIGNAL_TRACES, &items, &recorder.count, deadline);
	recorder_spool_empty();
}

static void hook_flush(int64_t deadline_mono_ns)
{
	if (!state.enabled)
		return;
	flush_spans(deadline_mono_ns);
	flush_source(&metric_source, deadline_mono_ns);
	flush_source(&log_source, deadline_mono_ns);
	diag_request((str){ 0 });
}

const struct lambda_hooks otel_hooks = {
	.init = hook_init,
	.begin = hook_begin,
	.end = hook_end,
	.flush = hook_flush,
	.log_ids = hook_log_ids,
};
