// SPDX-License-Identifier: MIT
#include "trigger/trigger.h"

#include <string.h>

/*
 * Header fields of an event: "name": "value", or "name": ["value", ...], names in any case, which is not ours to choose. They are read once; the
 * propagators, the attributes and the capture of headers then look here.
 */

static void add(struct trigger *t, str name, str value)
{
	if (t->headers < TRIGGER_HEADERS_MAX && lambda_json_kind_of(value) == LAMBDA_JSON_STRING)
		t->header[t->headers++] = (struct trigger_header){ name, trigger_text(t, value) };
}

void trigger_headers(struct trigger *t, str headers)
{
	struct lambda_json json, values;
	str name, one;

	t->headers = 0;
	lambda_json_init(&json, headers);
	if (lambda_json_next(&json) != LAMBDA_JSON_OBJECT)
		return;
	while (t->headers < TRIGGER_HEADERS_MAX && lambda_json_next(&json) == LAMBDA_JSON_KEY) {
		name = json.escaped ? (str){ 0 } : json.text; /* no name of a field has an escape */
		if (!lambda_json_skip(&json))
			return;
		if (lambda_json_kind_of(json.text) != LAMBDA_JSON_ARRAY) {
			add(t, name, json.text);
			continue;
		}
		lambda_json_init(&values, json.text);
		while (t->headers < TRIGGER_HEADERS_MAX && lambda_json_each(&values, NULL, NULL, &one))
			add(t, name, one);
	}
}

bool headers_get(const struct carrier *carrier, str name, size_t nth, str *value)
{
	const struct trigger *t = (const struct trigger *)carrier;

	for (unsigned i = 0; i < t->headers; i++) {
		if (t->header[i].name.n != name.n || !str_ieq(t->header[i].name, name) || nth--)
			continue;
		*value = t->header[i].value;
		return true;
	}
	return false;
}

str trigger_header(const struct trigger *t, str name)
{
	str value;

	return headers_get(&t->carrier, name, 0, &value) ? value : (str){ 0 };
}
