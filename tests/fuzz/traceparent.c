// SPDX-License-Identifier: MIT
#include "context/context.h"
#include "record/id.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read, written as version 00 again, reads the same. */
static void check(str text)
{
	char canonical[55] = "00-", digits[2];
	struct context c, again;

	memset(&c, 0, sizeof c);
	if (!traceparent_parse(text, &c))
		return;
	id_hex(canonical + 3, c.trace_id, 16);
	canonical[35] = '-';
	id_hex(canonical + 36, c.span_id, 8);
	canonical[52] = '-';
	id_hex(digits, &c.flags, 1);
	memcpy(canonical + 53, digits, 2);
	memset(&again, 0, sizeof again);
	if (!traceparent_parse((str){ canonical, sizeof canonical }, &again) || memcmp(&c, &again, sizeof c) || !c.has_span)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check((str){ (const char *)data, size });
	return 0;
}
