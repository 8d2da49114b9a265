// SPDX-License-Identifier: MIT
#include "test.h"
#include "telemetry.h"

#include "sample/ot.h"
#include "sample/ratio.h"
#include "sample/sampler.h"

#include <stdio.h>

/* Random parts on both sides of one half. */
#define LOW "00-67748580a0066491277fffffffffffff-53995c3f42cd8ad8-"
#define HIGH "00-67748580a00664912780000000000000-53995c3f42cd8ad8-"

static void set(const char *sampler, const char *argument)
{
	static char names[2][128];
	const char *environment[3] = { names[0], NULL, NULL };

	snprintf(names[0], sizeof names[0], "OTEL_TRACES_SAMPLER=%s", sampler);
	if (argument) {
		snprintf(names[1], sizeof names[1], "OTEL_TRACES_SAMPLER_ARG=%s", argument);
		environment[1] = names[1];
	}
	telemetry_start(environment);
	sampler_forget();
}

static const unsigned char low[16] = { 1, [9] = 0x7f }, high[16] = { 1, [9] = 0x80 };

static bool root(const unsigned char id[16])
{
	struct sampling s;

	sampler_decide(&s, NULL, id);
	CHECK(s.record == (s.flags & CONTEXT_SAMPLED) && s.flags & CONTEXT_RANDOM);
	return s.record;
}

/* "01", "00", or with something amiss */
static bool under(const char *traceparent, struct context change)
{
	struct context from = { 0 };
	struct sampling s;

	CHECK(traceparent_parse(str_of(traceparent), &from));
	from.deferred = change.deferred;
	from.pass_through = change.pass_through;
	sampler_decide(&s, &from, from.trace_id);
	return s.record;
}

TEST(samplers_decide_as_the_specification_says)
{
	const struct {
		const char *name, *argument;
		bool root_low, root_high, silent_low, silent_high, sampled_low, sampled_high;
	} cases[] = {
		{ "", NULL, 1, 1, 0, 0, 1, 1 },
		{ "parentbased_always_on", NULL, 1, 1, 0, 0, 1, 1 },
		{ "ParentBased_Always_On", NULL, 1, 1, 0, 0, 1, 1 },
		{ "always_on", NULL, 1, 1, 1, 1, 1, 1 },
		{ "always_off", NULL, 0, 0, 0, 0, 0, 0 },
		{ "parentbased_always_off", NULL, 0, 0, 0, 0, 1, 1 },
		{ "traceidratio", "0.5", 0, 1, 0, 1, 0, 1 },
		{ "traceidratio", "0", 0, 0, 0, 0, 0, 0 },
		{ "traceidratio", NULL, 1, 1, 1, 1, 1, 1 },
		{ "parentbased_traceidratio", "0.5", 0, 1, 0, 0, 1, 1 },
		{ "probability", "0.5", 0, 1, 0, 1, 0, 1 },
		{ "parentbased_probability", "0.5", 0, 1, 0, 0, 1, 1 },
		{ "probability", "1", 1, 1, 1, 1, 1, 1 },
	};
	const struct context plain = { 0 }, deferred = { .deferred = true }, pass = { .pass_through = true };

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		set(cases[i].name, cases[i].argument);
		CHECK(root(low) == cases[i].root_low && root(high) == cases[i].root_high);
		CHECK(under(LOW "00", plain) == cases[i].silent_low && under(HIGH "00", plain) == cases[i].silent_high);
		CHECK(under(LOW "01", plain) == cases[i].sampled_low && under(HIGH "01", plain) == cases[i].sampled_high);
		/* who decides nothing is nobody's parent in this */
		CHECK(under(LOW "00", deferred) == cases[i].root_low && under(HIGH "00", pass) == cases[i].root_high);
	}
}

TEST(a_wrong_sampler_or_argument_costs_one_warning)
{
	const struct {
		const char *name, *argument;
		int lines;
		bool low, high;
	} cases[] = {
		{ "xray", "endpoint=http://localhost:2000", 1, 1, 1 },
		{ "jaeger_remote", NULL, 1, 1, 1 },
		{ "always_off", "nonsense", 0, 0, 0 }, /* it takes none */
		{ "traceidratio", "1.5", 1, 1, 1 },
		{ "traceidratio", "half", 1, 1, 1 },
		{ "probability", "-0.5", 1, 1, 1 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct captured c;

		set(cases[i].name, cases[i].argument);
		c = capture(STDERR_FILENO);
		CHECK(root(low) == cases[i].low && root(high) == cases[i].high);
		CHECK(lines(capture_end(&c)) == cases[i].lines);
	}
}

/* ---- tracestate ---- */

static const char *state_after(const char *sampler, const char *argument, const char *traceparent, const char *state,
                               bool *record)
{
	static char text[TRACESTATE_BYTES_MAX + 1];
	struct context from = { 0 };
	struct sampling s;

	set(sampler, argument);
	CHECK(traceparent_parse(str_of(traceparent), &from));
	from.trace_state = str_of(state);
	sampler_decide(&s, &from, from.trace_id);
	*record = s.record;
	memcpy(text, s.trace_state.p, s.trace_state.n);
	text[s.trace_state.n] = 0;
	return text;
}

TEST(tracestate_says_what_probability_a_trace_was_kept_with)
{
	const struct {
		const char *sampler, *argument, *traceparent, *before, *after;
		bool record;
	} cases[] = {
		/* a decision of its own writes th in front, in place of any before */
		{ "probability", "0.5", HIGH "01", "", "ot=th:8", 1 },
		{ "probability", "0.5", HIGH "01", "a=1,ot=x:y;th:c,b=2", "ot=th:8;x:y,a=1,b=2", 1 },
		{ "probability", "0.1", HIGH "01", "ot=rv:ffffffffffffff", "ot=th:e6666666666668;rv:ffffffffffffff", 1 },
		/* rv stands in for the id's own random part, both ways */
		{ "probability", "0.5", LOW "01", "ot=rv:80000000000000", "ot=th:8;rv:80000000000000", 1 },
		{ "probability", "0.5", HIGH "01", "ot=rv:7fffffffffffff", "ot=rv:7fffffffffffff", 0 },
		{ "probability", "0.5", HIGH "01", "ot=rv:8", "ot=th:8;rv:8", 1 }, /* which is none */
		/* not kept: no threshold */
		{ "probability", "0.5", LOW "01", "ot=th:0,a=1", "a=1", 0 },
		/* a parent's decision is followed with its threshold, when it can have been made by it */
		{ "parentbased_probability", "0.5", LOW "01", "ot=th:4", "ot=th:4", 1 },
		{ "parentbased_probability", "0.5", LOW "01", "ot=th:8,a=1", "a=1", 1 },
		{ "parentbased_always_on", NULL, HIGH "00", "ot=th:8;rv:80000000000001", "ot=rv:80000000000001", 0 },
		{ "parentbased_always_on", NULL, HIGH "01", "ot=th:zz", "", 1 },
		{ "parentbased_always_on", NULL, HIGH "01", "a=1", "a=1", 1 },
		/* a decision by another rule leaves none */
		{ "always_on", NULL, HIGH "01", "ot=th:8;rv:80000000000001", "ot=rv:80000000000001", 1 },
		{ "traceidratio", "0.5", HIGH "01", "a=b,ot=th:8", "a=b", 1 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		bool record;
		const char *after = state_after(cases[i].sampler, cases[i].argument, cases[i].traceparent, cases[i].before,
		                                &record);

		CHECK(!strcmp(after, cases[i].after) && record == cases[i].record);
	}
}

TEST(a_full_ot_member_keeps_the_threshold)
{
	char state[300] = "ot=", *p = state + 3;
	const char *after;
	bool record;

	for (int i = 0; i < 25; i++)
		p += sprintf(p, "%sk%02d:12345", i ? ";" : "", i);
	CHECK(strlen(state) <= 3 + 256);
	after = state_after("probability", "0.1", HIGH "01", state, &record);
	CHECK(!record);
	state[3] = 'K'; /* not a key of its kind; passed on all the same */
	after = state_after("probability", "0.5", HIGH "01", state, &record);
	CHECK(record && !strncmp(after, "ot=th:8;K00:12345;k01", 21) && strlen(after) <= 3 + 256);
}

TEST(the_span_and_its_children_have_the_tracestate)
{
	set("probability", "1");
	telemetry_begin("{\"headers\":{\"traceparent\":\"" TRACEPARENT "\",\"tracestate\":\"a=1,ot=th:8\"}}", NULL);
	otel_end(otel_start("child"));
	telemetry_end();
	CHECK(str_eq(pb_bytes(telemetry_span(0), 3), S("ot=th:0,a=1")));
	CHECK(str_eq(pb_bytes(telemetry_span(1), 3), S("ot=th:0,a=1")));
}

TEST(a_trace_that_is_not_sampled_goes_on_as_such)
{
	struct otel_context c;

	set("always_off", NULL);
	telemetry_begin("{\"headers\":{\"traceparent\":\"" TRACEPARENT "\",\"tracestate\":\"a=1\"}}", NULL);
	CHECK(!otel_recording(otel_current()) && !otel_recording(otel_start("child")));
	CHECK(otel_context_of(otel_current(), &c) && !(c.flags & OTEL_SAMPLED) && c.trace_state_n == 3);
	CHECK(c.trace_id[0] == 0x67 && !otel_recording(otel_invocation()));
	telemetry_end();
	CHECK(recorder.spool.items == 0 && recorder.count.made == 0 && recorder.open == 0);
}
