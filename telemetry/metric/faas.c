// SPDX-License-Identifier: MIT
#include "metric/metric.h"
#include "otel_metric.h"

#include "hooks.h"
#include "trigger/trigger.h"

#include <sys/resource.h>
#include <time.h>

/*
 * What the runtime knows of an invocation (semantic conventions 1.44, "FaaS metrics"). A timeout is known
 * when the handler comes back after its deadline, and not when the sandbox was killed first. Bytes are those
 * of event and reply. All have the attribute faas.trigger.
 */
#define SECOND 1e9
#define MS 1000000

static const double durations[] = { .005, .01, .025, .05, .075, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10 };

#define DURATION(name, description) OTEL_HISTOGRAM_BOUNDS(OTEL_METRIC_DOUBLE, name, "s", description, durations)

static struct otel_instrument
	invocations = OTEL_COUNTER("faas.invocations", "{invocation}", "Number of successful invocations."),
	errors = OTEL_COUNTER("faas.errors", "{error}", "Number of invocation errors."),
	timeouts = OTEL_COUNTER("faas.timeouts", "{timeout}", "Number of invocation timeouts."),
	cold_starts = OTEL_COUNTER("faas.coldstarts", "{coldstart}", "Number of invocation cold starts."),
	init_duration = DURATION("faas.init_duration",
                             "Measures the duration of the function's initialization, such as a cold start."),
	invoke_duration = DURATION("faas.invoke_duration", "Measures the duration of the function's logic execution."),
	cpu_usage = DURATION("faas.cpu_usage", "Distribution of CPU usage per invocation."),
	mem_usage = OTEL_HISTOGRAM("faas.mem_usage", "By", "Distribution of max memory usage per invocation."),
	net_io = OTEL_HISTOGRAM("faas.net_io", "By", "Distribution of net I/O usage per invocation.");

static struct {
	int64_t began, cpu, deadline_ms, init_ns;
	size_t bytes;
	bool cold;
} now;

static int64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void metric_faas_begin(const struct lambda_hook_event *event, int64_t wall_ns)
{
	now.began = wall_ns;
	now.cpu = cpu_ns();
	now.deadline_ms = event->deadline_ms;
	now.bytes = event->body.n;
	now.cold = event->cold_start;
	now.init_ns = event->ready_mono_ns ? event->ready_mono_ns - event->main_mono_ns : 0;
}

/* All of it at the end: what the event is by then costs nobody any time. */
void metric_faas_end(const struct lambda_hook_result *result, int64_t wall_ns)
{
	const struct trigger *t = trigger_last();
	str trigger = str_of(t ? t->trigger : NULL);
	struct otel_attr attr = otel_attr_str("faas.trigger", trigger.p, trigger.n);
	size_t n = trigger.n > 0;
	int64_t cpu = cpu_ns();
	struct rusage usage;

	otel_add_int(result->failed ? &errors : &invocations, 1, &attr, n);
	if (now.deadline_ms && wall_ns / MS > now.deadline_ms)
		otel_add_int(&timeouts, 1, &attr, n);
	if (now.cold)
		otel_add_int(&cold_starts, 1, &attr, n);
	if (now.cold && now.init_ns)
		otel_record_double(&init_duration, (double)now.init_ns / SECOND, &attr, n);
	otel_record_double(&invoke_duration, (double)(wall_ns - now.began) / SECOND, &attr, n);
	otel_record_double(&cpu_usage, (double)(cpu - now.cpu) / SECOND, &attr, n);
	otel_record_int(&net_io, (int64_t)(now.bytes + result->body.n), &attr, n);
	if (!getrusage(RUSAGE_SELF, &usage))
		otel_record_int(&mem_usage, (int64_t)usage.ru_maxrss * 1024, &attr, n);
}
