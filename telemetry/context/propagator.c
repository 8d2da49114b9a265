// SPDX-License-Identifier: MIT
#include "context/propagator.h"

#include "settings.h"

static const struct propagator propagators[] = {
	{ "tracecontext", tracecontext_extract, tracecontext_inject, true },
	{ "baggage", baggage_extract, baggage_inject, false },
	{ "xray-lambda", xray_lambda_extract, xray_inject, true },
	{ "xray", xray_extract, xray_inject, true },
	{ "b3", b3_extract, b3_inject, true },
	{ "b3multi", b3_extract, b3multi_inject, true },
};

#define COUNT (sizeof propagators / sizeof propagators[0])
#define DEFAULT_LIST S("tracecontext,baggage,xray-lambda")

_Static_assert(COUNT <= PROPAGATORS_MAX, "all of them may be named");

static const struct propagator *row(str name)
{
	for (size_t i = 0; i < COUNT; i++)
		if (str_ieq(name, str_of(propagators[i].name)))
			return &propagators[i];
	return NULL;
}

static bool chosen(const struct propagator *const *out, size_t n, const struct propagator *p)
{
	for (size_t i = 0; i < n; i++)
		if (out[i] == p)
			return true;
	return false;
}

size_t propagators_choose(str list, const struct propagator *out[PROPAGATORS_MAX])
{
	str rest = list, name;
	bool none = false;
	size_t n = 0;

	while (rest.n) {
		const struct propagator *p;

		str_cut(rest, ',', &name, &rest);
		name = str_trim(name);
		if (!name.n)
			continue;
		if (str_ieq(name, S("none")))
			none = true;
		else if (!(p = row(name)))
			setting_warn(S("OTEL_PROPAGATORS"), name,
			             "is none of tracecontext, baggage, xray, xray-lambda, b3, b3multi, none: it is ignored");
		else if (!chosen(out, n, p))
			out[n++] = p;
	}
	if (none && n)
		setting_warn(S("OTEL_PROPAGATORS"), list, "names none and others: the others are used");
	if (!n && !none)
		n = propagators_choose(DEFAULT_LIST, out);
	return n;
}
