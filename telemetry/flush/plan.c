// SPDX-License-Identifier: MIT
#include "flush/plan.h"

#include "base/clock.h"
#include "base/late.h"
#include "diag.h"
#include "export/route.h"
#include "flush/adaptive.h"
#include "flush/asleep.h"
#include "flush/leave.h"
#include "flush/mode.h"
#include "settings.h"

#define MS 1000000

/* Of one flush, all signals together, where no deadline is nearer: one that is missing or has passed is none. */
#define BUDGET_DEFAULT_MS 30000
#define BUDGET_MAX_MS 900000 /* no invocation is longer */

static struct {
	enum flush_mode mode;
	bool refused; /* the end of the sandbox will not be told, though we have asked */
	bool told;    /* it will */
	int64_t budget_ns;
	struct asleep asleep;
	struct adaptive adaptive;
} plan;

void plan_forget(void)
{
	plan.refused = plan.told = false;
	plan.mode = FLUSH_ASYNC;
	plan.asleep = (struct asleep){ 0 };
	plan.adaptive = (struct adaptive){ 0 };
}

static int64_t budget(void)
{
	str value = setting("OTEL_INSTRUMENTATION_AWS_LAMBDA_FLUSH_TIMEOUT");
	uint64_t ms = BUDGET_DEFAULT_MS;

	if (value.n && !str_u64(value, BUDGET_MAX_MS, &ms)) {
		setting_warn(S("OTEL_INSTRUMENTATION_AWS_LAMBDA_FLUSH_TIMEOUT"), value,
		             "is no number of milliseconds up to 900000: 30000 is used");
		ms = BUDGET_DEFAULT_MS;
	}
	return (int64_t)ms * MS;
}

static void say_mode(void)
{
	struct diag d;
	struct buf *b;

	if (!diag_wanted(DIAG_DEBUG))
		return;
	b = diag_open(&d, DIAG_DEBUG);
	buf_put(b, S("telemetry leaves in mode "));
	buf_put(b, mode_name(plan.mode));
	diag_close(&d);
}

void plan_read(void)
{
	plan.mode = mode_setting(true);
	if (plan.refused && mode_defers(plan.mode))
		plan.mode = FLUSH_ASYNC;
	plan.budget_ns = budget();
	leave_forget();
	say_mode();
}

bool plan_defers(void)
{
	return mode_defers(mode_setting(false)) || (&metric_source && route_likely(SIGNAL_METRICS));
}

void plan_granted(bool granted)
{
	plan.told = granted;
	plan.refused = !granted;
}

/* ---- an invocation ---- */

void plan_begin(void)
{
	int64_t mono;

	if (plan.mode == FLUSH_OVERLAP)
		leave_push();
	if (plan.mode != FLUSH_ADAPTIVE)
		return;
	mono = clock_mono_ns();
	int64_t asleep = asleep_end(&plan.asleep, clock_wall_ns(), mono);

	adaptive_begin(&plan.adaptive, asleep_clock(&plan.asleep, mono), asleep);
}

bool plan_before_answer(void)
{
	return plan.mode == FLUSH_SYNC;
}

static bool due(void)
{
	switch (plan.mode) {
	case FLUSH_FINALIZE: return leave_many() || leave_held();
	case FLUSH_ADAPTIVE:
		return leave_many() || leave_held() ||
		       adaptive_due(&plan.adaptive, asleep_clock(&plan.asleep, clock_mono_ns()));
	default: return true;
	}
}

static int64_t bounded(int64_t deadline)
{
	int64_t end = clock_mono_ns() + plan.budget_ns;

	return deadline < end ? deadline : end;
}

void plan_flush(int64_t deadline)
{
	deadline = bounded(deadline);
	leave_finish(deadline, true);
	if (plan.mode == FLUSH_OVERLAP)
		leave_ready(deadline);
	else if (due()) {
		leave_spooled(deadline, true);
		if (plan.mode == FLUSH_ADAPTIVE)
			adaptive_flushed(&plan.adaptive, asleep_clock(&plan.asleep, clock_mono_ns()));
	}
	leave_collected(deadline, false, true);
}

void plan_wait(void)
{
	if (!plan.told && leave_held())
		leave_say_held();
	if (plan.mode == FLUSH_ADAPTIVE)
		asleep_begin(&plan.asleep, clock_wall_ns(), clock_mono_ns());
}

bool plan_last(int64_t deadline)
{
	bool sent;

	leave_finish(deadline, false);
	sent = leave_spooled(deadline, false);
	return leave_collected(deadline, true, false) && sent;
}
