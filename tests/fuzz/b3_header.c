// SPDX-License-Identifier: MIT
#include "context/context.h"
#include "record/id.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read, written as one header or as several, reads the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char canonical[51] = { 0 };
	str decision;
	struct context c, again;

	memset(&c, 0, sizeof c);
	if (!b3_parse((str){ (const char *)data, size }, &c))
		return 0;
	id_hex(canonical, c.trace_id, 16);
	canonical[32] = '-';
	id_hex(canonical + 33, c.span_id, 8);
	canonical[49] = '-';
	canonical[50] = c.debug ? 'd' : c.flags ? '1' : '0';
	memset(&again, 0, sizeof again);
	if (!b3_parse((str){ canonical, c.deferred ? 49 : 51 }, &again) || memcmp(&c, &again, sizeof c))
		abort();
	decision = (str){ canonical + 50, !c.deferred && !c.debug };
	memset(&again, 0, sizeof again);
	if (!b3_parse_multi((str){ canonical, 32 }, (str){ canonical + 33, 16 }, decision, c.debug ? S("1") : S(""),
	                    &again) ||
	    memcmp(&c, &again, sizeof c))
		abort();
	return 0;
}
