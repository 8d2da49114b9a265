// SPDX-License-Identifier: MIT
#include "base/clock.h"
#include "context/extract.h"
#include "record/recorder.h"
#include "session.h"

/* otel.h in a program of its own: no invocation, so whatever is opened first is the root of a trace. */

static struct otel_span *start_root(const char *name, size_t name_n)
{
	struct otel_opening opening = { .root = true, .current = true };
	const struct context *from = context_begin_program();
	struct otel_context caller;

	/* Who started this program may have said what it is a part of: TRACEPARENT in the environment. */
	if (from && from->has_span) {
		caller = (struct otel_context){ .flags = from->flags, .remote = true };
		memcpy(caller.trace_id, from->trace_id, 16);
		memcpy(caller.span_id, from->span_id, 8);
		caller.trace_state = from->trace_state.p;
		caller.trace_state_n = from->trace_state.n;
		opening.context = &caller;
	}
	if (!recorder.open)
		recorder.wall_less_mono = clock_wall_ns() - clock_mono_ns();
	return otel_start_with_n(name, name_n, &opening);
}

void otel_init(const struct otel_setup *setup)
{
	str name = str_of(setup ? setup->service_name : NULL);

	session_start(NULL, name, (str){ 0 });
	session_settings();
	if (!session.enabled)
		return;
	recorder.wall_less_mono = clock_wall_ns() - clock_mono_ns();
	recorder.start_root = start_root;
	recorder.recording = session.wanted;
}

bool otel_flush(int timeout_ms)
{
	bool sent = session_flush(clock_mono_ns() + (int64_t)timeout_ms * 1000000);

	recorder.unended = 0;
	return sent;
}

bool otel_shutdown(int timeout_ms)
{
	recorder.start_root = NULL;
	recorder_end(recorder_now());
	return otel_flush(timeout_ms);
}
