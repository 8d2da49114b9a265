// SPDX-License-Identifier: MIT
#include "context/carrier.h"
#include "lambda_json.h"

static const str names[CLIENT_NAMES] = { { "traceparent", 11 }, { "tracestate", 10 }, { "baggage", 7 } };

static bool get(const struct carrier *carrier, str name, size_t nth, str *value)
{
	const struct client_carrier *c = (const struct client_carrier *)carrier;

	for (int i = 0; i < CLIENT_NAMES; i++) {
		if (nth == 0 && c->has[i] && str_eq(names[i], name)) {
			*value = c->value[i];
			return true;
		}
	}
	return false;
}

void client_carrier(struct client_carrier *c, str client_context, char *room, size_t size)
{
	static const char *const paths[CLIENT_NAMES] = { "w3c.traceparent", "w3c.tracestate", "w3c.baggage" };
	str values[CLIENT_NAMES], text;

	*c = (struct client_carrier){ .carrier = { get } };
	lambda_json_find_all(client_context, paths, values, CLIENT_NAMES);
	for (int i = 0; i < CLIENT_NAMES; i++) {
		if (!values[i].n || !lambda_json_string(values[i], room, size, &text))
			continue;
		if (text.p == room) {
			room += text.n;
			size -= text.n;
		}
		c->value[i] = text;
		c->has[i] = true;
	}
}
