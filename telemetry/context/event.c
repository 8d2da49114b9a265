// SPDX-License-Identifier: MIT
#include "context/context.h"
#include "lambda_json.h"

struct found {
	str value; /* of the first one; an escape in it cannot be part of a traceparent */
	size_t count;
};

static void note(struct found *f, str value)
{
	if (!f->count++)
		f->value = value;
}

/* Header names differ in case only, so two members may be the same header; multiValueHeaders has an array of values. False: no headers at all. */
static bool find(struct lambda_json *json, struct found *f)
{
	enum lambda_json_kind kind = lambda_json_next(json);

	if (kind == LAMBDA_JSON_NULL)
		return true;
	if (kind != LAMBDA_JSON_OBJECT)
		return false;
	while ((kind = lambda_json_next(json)) == LAMBDA_JSON_KEY) {
		if (!str_ieq(json->text, S("traceparent"))) {
			if (!lambda_json_skip(json))
				return false;
			continue;
		}
		kind = lambda_json_next(json);
		if (kind == LAMBDA_JSON_STRING) {
			note(f, json->text);
		} else if (kind == LAMBDA_JSON_ARRAY) {
			while ((kind = lambda_json_next(json)) == LAMBDA_JSON_STRING)
				note(f, json->text);
			if (kind != LAMBDA_JSON_ARRAY_END)
				return false;
		} else {
			return false;
		}
	}
	return kind == LAMBDA_JSON_OBJECT_END;
}

str event_traceparent(str event)
{
	struct found single = { 0 }, multi = { 0 };
	bool seen_single = false, seen_multi = false, good = true;
	struct lambda_json json;

	lambda_json_init(&json, event);
	if (lambda_json_next(&json) != LAMBDA_JSON_OBJECT)
		return (str){ 0 };
	while (good && !(seen_single && seen_multi) && lambda_json_next(&json) == LAMBDA_JSON_KEY) {
		if (str_eq(json.text, S("headers"))) {
			good = find(&json, &single);
			seen_single = true;
		} else if (str_eq(json.text, S("multiValueHeaders"))) {
			good = find(&json, &multi);
			seen_multi = true;
		} else {
			/* Payload format 2.0 has no multiValueHeaders: what follows headers, the body too, need not be read. */
			bool version = str_eq(json.text, S("version"));

			good = lambda_json_skip(&json);
			seen_multi |= version && str_eq(json.text, S("\"2.0\""));
		}
	}
	if (!good || single.count > 1 || multi.count > 1)
		return (str){ 0 };
	return single.count ? single.value : multi.value;
}
