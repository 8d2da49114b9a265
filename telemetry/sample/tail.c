// SPDX-License-Identifier: MIT
#include "sample/tail.h"

#include "sample/ratio.h"
#include "settings.h"

#define NS_PER_MS 1000000

static bool member(str text, struct tail *t)
{
	uint64_t ms;
	double ratio;
	str key, value;
	bool has_value = str_cut(text, '=', &key, &value);

	key = str_trim(key);
	value = str_trim(value);
	if (str_eq(key, S("error"))) {
		t->error = true;
		return !has_value;
	}
	if (str_eq(key, S("duration"))) {
		if (!str_u64(value, INT64_MAX / NS_PER_MS, &ms))
			return false;
		t->duration_ns = (int64_t)ms * NS_PER_MS;
		return true;
	}
	if (!str_eq(key, S("ratio")) || !ratio_parse(value, &ratio))
		return false;
	t->threshold = ratio_threshold(ratio);
	return true;
}

bool tail_parse(str text, struct tail *out)
{
	struct tail t = { .decides = true, .duration_ns = INT64_MAX, .threshold = ratio_threshold(0) };
	bool any = false;
	str first;

	while (text.n) {
		str_cut(text, ',', &first, &text);
		first = str_trim(first);
		if (first.n && !member(first, &t))
			return false;
		any |= first.n > 0;
	}
	if (!any)
		return false;
	*out = t;
	return true;
}

void tail_read(struct tail *out)
{
	str text = setting("MOTE_TRACES_TAIL");

	*out = (struct tail){ .decides = false };
	if (text.n && !tail_parse(text, out))
		setting_warn(S("MOTE_TRACES_TAIL"), text,
		             "is no list of error, duration=<milliseconds>, ratio=<0 to 1>: every trace is kept");
}

bool tail_keeps(const struct tail *t, bool failed, int64_t took_ns, const unsigned char trace_id[16])
{
	return !t->decides || (t->error && failed) || took_ns >= t->duration_ns || ratio_random(trace_id) >= t->threshold;
}
