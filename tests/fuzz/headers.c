// SPDX-License-Identifier: MIT
#include "context/carrier.h"
#include "context/headers.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char room[256];

static bool inside(str s, const char *p, size_t n)
{
	return s.p >= p && s.n <= n && (size_t)(s.p - p) <= n - s.n;
}

/* An event, or a client context, that may bring headers: what is given lies in it, or in the room for what was decoded. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const str names[] = {
		{ "traceparent", 11 }, { "tracestate", 10 }, { "baggage", 7 }, { "x-b3-sampled", 12 }
	};
	static struct header_carrier headers;
	struct client_carrier client;
	const struct carrier *carriers[] = { &headers.carrier, &client.carrier };
	str event = { (const char *)data, size }, value;

	header_carrier(&headers, event, room, sizeof room / 2);
	client_carrier(&client, event, room + sizeof room / 2, sizeof room / 2);
	for (int c = 0; c < 2; c++)
		for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
			for (size_t nth = 0; carrier_get(carriers[c], names[i], nth, &value); nth++)
				if (value.n && !inside(value, event.p, event.n) && !inside(value, room, sizeof room))
					abort();
	return 0;
}
