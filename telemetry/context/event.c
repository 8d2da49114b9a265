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

/* Header names differ in case only, so two members may be the same header. multiValueHeaders has an array of values. */
static void find(str headers, struct found *f)
{
	struct lambda_json members, values;
	str name, value, one;
	bool escaped;

	if (lambda_json_kind_of(headers) != LAMBDA_JSON_OBJECT)
		return;
	lambda_json_init(&members, headers);
	while (lambda_json_each(&members, &name, &escaped, &value)) {
		if (!str_ieq(name, S("traceparent")))
			continue;
		if (lambda_json_kind_of(value) != LAMBDA_JSON_ARRAY) {
			note(f, value);
			continue;
		}
		lambda_json_init(&values, value);
		while (lambda_json_each(&values, NULL, NULL, &one))
			note(f, one);
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
	bool seen_single = false, seen_multi = false, escaped;
	struct lambda_json members;
	str key, value;

	if (!is_object(event))
		return (str){ 0 };
	lambda_json_init(&members, event);
	while (!(seen_single && seen_multi) && lambda_json_each(&members, &key, &escaped, &value)) {
		if (str_eq(key, S("headers"))) {
			find(value, &single);
			seen_single = true;
		} else if (str_eq(key, S("multiValueHeaders"))) {
			find(value, &multi);
			seen_multi = true;
		} else if (str_eq(key, S("version")) && str_eq(value, S("\"2.0\""))) {
			seen_multi =
				true; /* the payload format without multiValueHeaders: what follows headers, the body too, need not be read */
		}
	}
	if (single.count > 1 || multi.count > 1)
		return (str){ 0 };
	f = single.count ? &single : &multi;
	if (f->value.n < 2 || lambda_json_kind_of(f->value) != LAMBDA_JSON_STRING)
		return (str){ 0 };
	return (str){ f->value.p + 1, f->value.n - 2 }; /* an escape in it cannot be part of a traceparent */
}
