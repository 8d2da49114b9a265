// SPDX-License-Identifier: MIT
#include "sample/sampler.h"

#include "sample/ot.h"
#include "sample/ratio.h"
#include "settings.h"

enum rule { ALWAYS_ON, ALWAYS_OFF, RATIO, PROBABILITY };

static const struct sampler {
	const char *name;
	enum rule rule;
	bool parent_based; /* the rule is for what has no parent */
} samplers[] = {
	{ "parentbased_always_on", ALWAYS_ON, true }, { "always_on", ALWAYS_ON, false },
	{ "always_off", ALWAYS_OFF, false },          { "traceidratio", RATIO, false },
	{ "probability", PROBABILITY, false },        { "parentbased_always_off", ALWAYS_OFF, true },
	{ "parentbased_traceidratio", RATIO, true },  { "parentbased_probability", PROBABILITY, true },
};

#define COUNT (sizeof samplers / sizeof samplers[0])

static struct {
	const struct sampler *sampler; /* NULL: not chosen yet */
	uint64_t threshold;
} chosen;

/* ---- settings ---- */

static const struct sampler *choose(void)
{
	str name = str_trim(setting("OTEL_TRACES_SAMPLER"));

	for (size_t i = 0; i < COUNT; i++)
		if (str_ieq(name, str_of(samplers[i].name)))
			return &samplers[i];
	if (str_ieq(name, S("xray")) || str_ieq(name, S("parentbased_xray")))
		setting_warn(S("OTEL_TRACES_SAMPLER"), name,
		             "X-Ray's sampling rules are not asked for: parentbased_always_on is used");
	else if (name.n)
		setting_warn(S("OTEL_TRACES_SAMPLER"), name,
		             "is none of always_on, always_off, traceidratio, probability, nor parentbased_ with one of them: "
		             "parentbased_always_on is used");
	return &samplers[0];
}

static void read_settings(void)
{
	str argument = str_trim(setting("OTEL_TRACES_SAMPLER_ARG"));
	double ratio = 1;

	chosen.sampler = choose();
	if (chosen.sampler->rule != RATIO && chosen.sampler->rule != PROBABILITY)
		return;
	if (argument.n && !ratio_parse(argument, &ratio))
		setting_warn(S("OTEL_TRACES_SAMPLER_ARG"), argument, "is no ratio from 0 to 1 of at most 15 digits: 1 is used");
	chosen.threshold = ratio_threshold(ratio);
}

void sampler_forget(void)
{
	chosen.sampler = NULL;
}

/* ---- deciding ---- */

static bool parent_decides(const struct context *from)
{
	return from && from->has_span && !from->deferred && !from->pass_through;
}

/* With tracestate: its member ot says what is random in place of the id, and by which threshold a trace was kept. */
static bool probability(struct sampling *s, const unsigned char trace_id[16])
{
	struct ot ot;
	uint64_t random;
	bool keep;

	ot_read(&ot, s->trace_state);
	if (!ratio_rv(ot_get(&ot, S("rv")), &random))
		random = ratio_random(trace_id);
	keep = random >= chosen.threshold;
	s->trace_state = ot_with_threshold(&ot, keep ? &chosen.threshold : NULL, s->room, sizeof s->room);
	return keep;
}

/* A threshold that is not what this decision was made by would have every span counted wrongly. */
static void without_threshold(struct sampling *s)
{
	struct ot ot;

	if (!s->trace_state.n)
		return;
	ot_read(&ot, s->trace_state);
	if (ot_get(&ot, S("th")).n)
		s->trace_state = ot_with_threshold(&ot, NULL, s->room, sizeof s->room);
}

/* The parent's own threshold stands, when it could have come to this decision by it. */
static void follow(struct sampling *s, const unsigned char trace_id[16])
{
	uint64_t threshold, random;
	struct ot ot;

	if (!s->trace_state.n)
		return;
	ot_read(&ot, s->trace_state);
	if (!ot_get(&ot, S("th")).n)
		return;
	if (!ratio_rv(ot_get(&ot, S("rv")), &random))
		random = ratio_random(trace_id);
	if (!ratio_th(ot_get(&ot, S("th")), &threshold) || (random >= threshold) != s->record)
		s->trace_state = ot_with_threshold(&ot, NULL, s->room, sizeof s->room);
}

void sampler_decide(struct sampling *s, const struct context *from, const unsigned char trace_id[16])
{
	s->flags = from ? (unsigned char)(from->flags & ~CONTEXT_SAMPLED) : CONTEXT_RANDOM;
	s->trace_state = from ? from->trace_state : (str){ 0 };
	s->never = false;
	if (!chosen.sampler)
		read_settings();
	if (chosen.sampler->parent_based && parent_decides(from)) {
		s->record = !from->silent;
		follow(s, trace_id);
	} else if (chosen.sampler->rule == PROBABILITY) {
		s->record = probability(s, trace_id);
	} else {
		s->record = chosen.sampler->rule == ALWAYS_ON ||
		            (chosen.sampler->rule == RATIO && ratio_random(trace_id) >= chosen.threshold);
		s->never = chosen.sampler->rule == ALWAYS_OFF;
		without_threshold(s);
	}
	if (s->record)
		s->flags |= CONTEXT_SAMPLED;
}
