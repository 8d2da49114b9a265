// SPDX-License-Identifier: MIT
#include "context/context.h"
#include "lambda_json.h"

struct found {
	str value; /* JSON text of the first one */
	size_t count;
};

static void note(struct found *f, str value)
{
	if (!f->count++)
		f->value = value;
}

/* Behind the key: an object of headers, whose names differ in case only, so that two may be the same. multiValueHeaders has arrays of values. */
static void find(struct lambda_json *json, struct found *f)
{
	enum lambda_json_kind kind = lambda_json_next(json);
	struct lambda_json values;
	bool wanted;
	str one;

	if (kind == LAMBDA_JSON_ARRAY) {
		while (lambda_json_skip(json))
			;
		lambda_json_next(json);
	}
	if (kind != LAMBDA_JSON_OBJECT)
		return;
	while (lambda_json_next(json) == LAMBDA_JSON_KEY) {
		wanted = str_ieq(json->text, S("traceparent"));
		if (!lambda_json_skip(json))
			return;
		if (wanted && lambda_json_kind_of(json->text) == LAMBDA_JSON_ARRAY) {
			lambda_json_init(&values, json->text);
			while (lambda_json_each(&values, NULL, NULL, &one))
				note(f, one);
		} else if (wanted) {
			note(f, json->text);
		}
	}
}

static bool is_object(str document)
{
	size_t i = 0;

	while (i < document.n && (document.p[i] == ' ' || (document.p[i] >= '\t' && document.p[i] <= '\r')))
		i++;
	return i < document.n && document.p[i] == '{';
}

str event_traceparent(str event)
{
	struct found single = { 0 }, multi = { 0 }, *f;
	bool seen_single = false, seen_multi = false, version;
	struct lambda_json json;

	if (!is_object(event))
		return (str){ 0 };
	lambda_json_init(&json, event);
	lambda_json_next(&json);
	while (!(seen_single && seen_multi) && lambda_json_next(&json) == LAMBDA_JSON_KEY) {
		if (str_eq(json.text, S("headers"))) {
			find(&json, &single);
			seen_single = true;
			continue;
		}
		if (str_eq(json.text, S("multiValueHeaders"))) {
			find(&json, &multi);
			seen_multi = true;
			continue;
		}
		version = str_eq(json.text, S("version"));
		if (!lambda_json_skip(&json))
			break;
		/* The payload format without multiValueHeaders: what follows headers, the body too, need not be read. */
		if (version && str_eq(json.text, S("\"2.0\"")))
			seen_multi = true;
	}
	if (single.count > 1 || multi.count > 1)
		return (str){ 0 };
	f = single.count ? &single : &multi;
	if (f->value.n < 2 || lambda_json_kind_of(f->value) != LAMBDA_JSON_STRING)
		return (str){ 0 };
	return (str){ f->value.p + 1, f->value.n - 2 }; /* an escape in it cannot be part of a traceparent */
}
