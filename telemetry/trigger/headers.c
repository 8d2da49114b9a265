// SPDX-License-Identifier: MIT
#include "trigger/trigger.h"

#include <string.h>

/*
 * Header fields of an event: "name": "value", or "name": ["value", ...], names in any case, which is not ours
 * to choose. They are read once; the propagators, the attributes and the capture of headers then look here. Of
 * the same name in headers and multiValueHeaders the latter says more: the former has the last of several
 * values only.
 */

static void add(struct trigger *t, struct trigger_header header, bool escaped)
{
	if (t->headers == TRIGGER_HEADERS_MAX)
		return;
	if (escaped)
		header.value = trigger_text(t, (str){ header.value.p - 1, header.value.n + 2 }); /* with its quotes */
	t->header[t->headers++] = header;
}

/* What is neither a string nor a list of them counts for nothing. */
static void add_values(struct trigger *t, struct trigger_header header, bool escaped)
{
	struct lambda_json list;

	if (header.value.p[0] == '"') {
		header.value = (str){ header.value.p + 1, header.value.n - 2 };
		add(t, header, escaped);
	} else if (header.value.p[0] == '[') {
		lambda_json_init(&list, header.value);
		while (lambda_json_each(&list, NULL, NULL, &header.value))
			if (header.value.p[0] == '"')
				add(t, (struct trigger_header){ header.name, { header.value.p + 1, header.value.n - 2 }, header.multi },
				    list.escaped);
	}
}

bool headers_read(struct trigger *t, struct lambda_json *json, bool multi)
{
	struct trigger_header header = { .multi = multi };
	unsigned depth = json->depth_;
	bool escaped;

	if (lambda_json_next(json) != LAMBDA_JSON_OBJECT)
		return false;
	while (lambda_json_each(json, &header.name, &escaped, &header.value)) {
		if (escaped)
			header.name = (str){ 0 }; /* no name of a field has an escape */
		add_values(t, header, json->escaped);
	}
	return json->depth_ == depth; /* the closing bracket came */
}

void trigger_headers(struct trigger *t, str headers)
{
	struct lambda_json json;

	t->headers = 0;
	lambda_json_init(&json, headers);
	headers_read(t, &json, false);
}

bool headers_get(const struct carrier *carrier, str name, size_t nth, str *value)
{
	struct trigger *t = (struct trigger *)carrier; /* not const where it was defined: asking is what makes it look */

	trigger_look(t);
	for (int multi = t->seen >> PART_MULTI_HEADERS & 1; multi >= 0; multi--) {
		size_t seen = 0;

		for (unsigned i = 0; i < t->headers; i++) {
			const struct trigger_header *h = &t->header[i];

			if (h->name.n != name.n || h->multi != multi || !str_ieq(h->name, name) || seen++ != nth)
				continue;
			*value = h->value;
			return true;
		}
		if (seen)
			return false;
	}
	return false;
}

str trigger_header(const struct trigger *t, str name)
{
	str value;

	return headers_get(&t->carrier, name, 0, &value) ? value : (str){ 0 };
}
