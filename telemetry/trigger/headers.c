// SPDX-License-Identifier: MIT
#include "trigger/trigger.h"

#include <string.h>

/*
 * Header fields of an event: "name": "value", or "name": ["value", ...], names in any case, which is not ours to choose. They are read once; the
 * propagators, the attributes and the capture of headers then look here.
 */

static void add(struct trigger *t, str name, str value, bool escaped)
{
	if (t->headers == TRIGGER_HEADERS_MAX)
		return;
	if (escaped)
		value = trigger_text(t, (str){ value.p - 1, value.n + 2 }); /* with its quotes */
	t->header[t->headers++] = (struct trigger_header){ name, value };
}

/* Behind a key. What is no string counts for nothing. */
static bool read_values(struct trigger *t, struct lambda_json *json, str name)
{
	unsigned depth = json->depth_;

	do {
		switch (lambda_json_next(json)) {
		case LAMBDA_JSON_BAD:
		case LAMBDA_JSON_END: return false;
		case LAMBDA_JSON_STRING:
			if (json->depth_ <= depth + 1)
				add(t, name, json->text, json->escaped);
			break;
		default: break;
		}
	} while (json->depth_ > depth);
	return true;
}

bool headers_read(struct trigger *t, struct lambda_json *json)
{
	enum lambda_json_kind kind;

	t->headers = 0;
	if (lambda_json_next(json) != LAMBDA_JSON_OBJECT)
		return false;
	while ((kind = lambda_json_next(json)) == LAMBDA_JSON_KEY)
		if (!read_values(t, json, json->escaped ? (str){ 0 } : json->text)) /* no name of a field has an escape */
			return false;
	return kind == LAMBDA_JSON_OBJECT_END;
}

void trigger_headers(struct trigger *t, str headers)
{
	struct lambda_json json;

	lambda_json_init(&json, headers);
	headers_read(t, &json);
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
