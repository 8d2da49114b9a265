// SPDX-License-Identifier: MIT
#include "context/headers.h"

#include "lambda_json.h"

static bool wanted(str name)
{
	static const str names[] = { { "traceparent", 11 },    { "tracestate", 10 },
		                         { "baggage", 7 },         { "b3", 2 },
		                         { "x-b3-traceid", 12 },   { "x-b3-spanid", 11 },
		                         { "x-b3-sampled", 12 },   { "x-b3-flags", 10 },
		                         { "x-amzn-trace-id", 15 } };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (name.n == names[i].n && str_ieq(name, names[i]))
			return true;
	return false;
}

static void note(struct header_carrier *c, bool multi, str name, str text, bool escaped)
{
	if (c->n == HEADER_CARRIER_MAX || (escaped && !lambda_json_unescape(text, c->room, c->room_n, &text)))
		return;
	if (escaped) {
		c->room += text.n;
		c->room_n -= text.n;
	}
	c->header[c->n++] = (struct header){ name, text, multi };
}

/* Header names differ in case only, so two members may be the same header; multiValueHeaders has an array of values. False: no headers at all. */
static bool read_fields(struct lambda_json *json, struct header_carrier *c, bool multi)
{
	enum lambda_json_kind kind = lambda_json_next(json);

	if (kind == LAMBDA_JSON_NULL)
		return true;
	if (kind != LAMBDA_JSON_OBJECT)
		return false;
	while ((kind = lambda_json_next(json)) == LAMBDA_JSON_KEY) {
		str name = json->text;

		if (!wanted(name)) {
			if (!lambda_json_skip(json))
				return false;
			continue;
		}
		kind = lambda_json_next(json);
		if (kind == LAMBDA_JSON_STRING) {
			note(c, multi, name, json->text, json->escaped);
		} else if (kind == LAMBDA_JSON_ARRAY) {
			while ((kind = lambda_json_next(json)) == LAMBDA_JSON_STRING)
				note(c, multi, name, json->text, json->escaped);
			if (kind != LAMBDA_JSON_ARRAY_END)
				return false;
		} else if (kind != LAMBDA_JSON_NULL) {
			return false;
		}
	}
	return kind == LAMBDA_JSON_OBJECT_END;
}

/* Of the same name in both, multiValueHeaders says more: headers has the last of several values only. */
static bool get(const struct carrier *carrier, str name, size_t nth, str *value)
{
	const struct header_carrier *c = (const struct header_carrier *)carrier;

	for (int multi = 1; multi >= 0; multi--) {
		size_t seen = 0;

		for (size_t i = 0; i < c->n; i++) {
			if (c->header[i].multi != multi || !str_ieq(c->header[i].name, name))
				continue;
			if (seen++ == nth) {
				*value = c->header[i].value;
				return true;
			}
		}
		if (seen)
			return false;
	}
	return false;
}

void header_carrier(struct header_carrier *c, str event, char *room, size_t size)
{
	bool single = false, multi = false, good = true;
	struct lambda_json json;

	c->carrier.get = get;
	c->n = 0;
	c->room = room;
	c->room_n = size;
	lambda_json_init(&json, event);
	if (lambda_json_next(&json) != LAMBDA_JSON_OBJECT)
		return;
	while (good && !(single && multi) && lambda_json_next(&json) == LAMBDA_JSON_KEY) {
		if (str_eq(json.text, S("headers"))) {
			good = read_fields(&json, c, false);
			single = true;
		} else if (str_eq(json.text, S("multiValueHeaders"))) {
			good = read_fields(&json, c, true);
			multi = true;
		} else {
			/* Payload format 2.0 has no multiValueHeaders: what follows headers, the body too, need not be read. */
			bool version = str_eq(json.text, S("version"));

			good = lambda_json_skip(&json);
			multi |= version && str_eq(json.text, S("\"2.0\""));
		}
	}
	if (!good)
		c->n = 0;
}
