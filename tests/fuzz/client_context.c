// SPDX-License-Identifier: MIT
#include "context/carrier.h"
#include "fuzz/fuzz.h"

static char room[128];

/* A client context, or anything else, that may bring headers: what is given lies in it, or in the room for what was decoded. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const str names[] = {
		{ "traceparent", 11 }, { "tracestate", 10 }, { "baggage", 7 }, { "x-b3-sampled", 12 }
	};
	struct client_carrier client;
	str context = { (const char *)data, size }, value;

	client_carrier(&client, context, room, sizeof room);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		for (size_t nth = 0; carrier_get(&client.carrier, names[i], nth, &value); nth++)
			require(within(value, context.p, context.n) || within(value, room, sizeof room));
	return 0;
}
