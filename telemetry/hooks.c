// SPDX-License-Identifier: MIT
#include "hooks.h"

#include "base/late.h"
#include "context/extract.h"
#include "diag.h"
#include "export/ship.h"
#include "flush/leave.h"
#include "flush/plan.h"
#include "logrec/logrec.h"
#include "record/boot.h"
#include "record/recorder.h"
#include "session.h"
#include "source.h"
#include "trigger/trigger.h"

/*
 * The order of things as telemetry sees it: what the loop tells (hooks.h), in the order in which it tells it. Who we are and what concerns the
 * receiver is looked at when there is a first batch, with the answer already posted.
 */
#define ARN_MAX 512
#define NAME_ROOM (3 * TRIGGER_NAME_MAX + 8) /* in a span: every byte of it U+FFFD, tag and length */

/* faas.invocation_id, faas.coldstart, cloud.account.id, cloud.resource_id: what identifies an invocation survives whatever its handler sets. */
#define OWN_ATTRIBUTES 4
#define OWN_ROOM \
	(OWN_ATTRIBUTES * 32 + 64 + 16 + ARN_MAX) /* keys with tags and lengths, a request's id, an account, an ARN */

static struct trigger trigger LATE; /* of this invocation: what the event says about who called */

/*
 * What an invocation's span says of event and reply is written when the answer is posted, so that nobody waits for it. Until then the loop keeps both
 * in place, and this is what is known of them.
 */
static struct {
	bool ended;
	int64_t time; /* when the handler returned */
	struct lambda_hook_event event;
	struct lambda_hook_result result;
} invocation LATE;

static void hook_init(const struct lambda_hook_sandbox *sandbox)
{
	session_start(sandbox, sandbox->function_name, sandbox->function_version);
}

/* ---- an invocation ---- */

static str span_name(void)
{
	if (session.name.n)
		return buf_str(&session.name);
	return session.service_name.n ? session.service_name : S("invocation");
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
	if (i == 7 && session.version.n) {
		buf_put(&id, (str){ arn.p, arn.n - rest.n });
		buf_put(&id, buf_str(&session.version));
		if (!id.full)
			arn = buf_str(&id);
	}
	if (arn.n)
		otel_set_str(span, "cloud.resource_id", arn.p, arn.n);
}

static void hook_begin(const struct lambda_hook_event *event)
{
	struct recorder_call call = { 0 };

	diag_request(event->request_id);
	session_settings();
	plan_begin();
	invocation.event = *event;
	invocation.ended = false;
	trigger_begin(event->body, &trigger);
	if (!session.enabled) {
		context_later(&invocation.event, &trigger.carrier);
		return;
	}
	call.from = context_begin(event, &trigger.carrier);
	call.name = span_name();
	call.name_room = NAME_ROOM;
	call.own_room = OWN_ROOM;
	call.own_attributes = OWN_ATTRIBUTES;
	call.wanted = session.wanted;
	call.wall_ns = event->wall_ns;
	call.mono_ns = event->mono_ns;
	recorder_begin(&call);
	session_sources_begin(event);
	boot_note(event);
	context_attributes(otel_invocation());
}

/* Keys that the handler has set on its invocation's span stay as it has set them. */
static void describe(const struct lambda_hook_event *event, struct otel_span *span)
{
	trigger_finish(&trigger);
	recorder_name(buf_str(&trigger.name), trigger.kind);
	recorder_settle(span); /* the first OWN_ATTRIBUTES come first: a limit may leave room for no more */
	otel_set_str(span, "faas.invocation_id", event->request_id.p, event->request_id.n);
	otel_set_bool(span, "faas.coldstart", event->cold_start);
	set_arn(span, event->invoked_function_arn);
	if (event->invoked_function_arn.n)
		otel_set_str(span, "aws.lambda.invoked_arn", event->invoked_function_arn.p, event->invoked_function_arn.n);
	trigger_describe(&trigger, span);
}

/* The invocation's spans have ended; whether they are kept depends on all of them. */
static void end_spans(void)
{
	struct otel_context own;
	bool recorded = otel_recording(otel_invocation()), known = otel_context_of(otel_invocation(), &own);
	int64_t took = invocation.time - recorder.began;

	recorder_end(invocation.time);
	if (recorded && known && own.flags & OTEL_SAMPLED &&
	    !tail_keeps(&session.tail, recorder.failed, took, own.trace_id))
		recorder_take_back(DROP_TAIL);
	else if (recorded)
		boot_wanted(&own);
}

/* What the client need not wait for, except in mode sync. */
static void finish(void)
{
	struct otel_span *span = otel_invocation();

	if (!invocation.ended)
		return;
	invocation.ended = false;
	xray_udp_event(invocation.event.trace_id);
	if (otel_recording(span)) {
		describe(&invocation.event, span);
		if (!invocation.result.failed)
			trigger_result(&trigger, invocation.result.body, span);
		session_report(span);
	}
	session_sources_end(&invocation.result, invocation.time);
	end_spans();
}

static void flush(int64_t deadline)
{
	session_describe();
	boot_spans();
	session_say();
	plan_flush(deadline);
}

static void hook_end(const struct lambda_hook_result *result)
{
	str type = result->error_type, message = result->error_message;

	if (!session.enabled)
		return;
	invocation.ended = true;
	invocation.time = recorder_now();
	recorder_end_children(invocation.time);
	if (result->failed) {
		otel_put_exception(otel_invocation(), type.p, type.n, message.p, message.n);
		invocation.time = recorder_now(); /* what happened in a span is not behind its end */
	}
	invocation.result = *result;
	if (!plan_before_answer())
		return;
	finish();
	flush(result->deadline_mono_ns);
}

static void hook_answered(void)
{
	finish();
}

static bool hook_log_ids(char trace_id[32], char span_id[16])
{
	unsigned char trace[16], span[8];

	if (!session.enabled || !recorder_ids(trace, span))
		return false;
	id_hex(trace_id, trace, 16);
	id_hex(span_id, span, 8);
	return true;
}

static bool hook_log(const struct lambda_hook_log *log)
{
	return session.enabled && logrec_copy(log);
}

static void hook_flush(int64_t deadline_mono_ns)
{
	if (session.enabled) {
		if (!plan_before_answer())
			flush(deadline_mono_ns);
		plan_wait();
	}
	diag_request((str){ 0 });
}

/* ---- the end of the sandbox ---- */

static bool hook_defers(void)
{
	return session.enabled && plan_defers();
}

static void hook_shutdown(int64_t deadline_mono_ns)
{
	session_settings();
	session_flush(deadline_mono_ns);
	leave_say_totals();
}

const struct lambda_hooks otel_hooks = {
	.init = hook_init,
	.begin = hook_begin,
	.end = hook_end,
	.answered = hook_answered,
	.flush = hook_flush,
	.log_ids = hook_log_ids,
	.log = hook_log,
	.ext = &ext_without_events,
	.defers = hook_defers,
	.granted = plan_granted,
	.shutdown = hook_shutdown,
};
