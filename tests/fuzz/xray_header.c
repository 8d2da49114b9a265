// SPDX-License-Identifier: MIT
#include "context/context.h"
#include "record/id.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read, written as X-Ray writes it, reads the same; and no trace id is all zero. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char canonical[] = "Root=1-xxxxxxxx-xxxxxxxxxxxxxxxxxxxxxxxx;Parent=xxxxxxxxxxxxxxxx";
	static const unsigned char zero[16];
	struct context c, again;

	memset(&c, 0, sizeof c);
	if (!xray_parse((str){ (const char *)data, size }, &c))
		return 0;
	if (!memcmp(c.trace_id, zero, 16) || (c.has_span && !memcmp(c.span_id, zero, 8)) || c.pass_through ||
	    c.deferred == (c.silent || c.flags))
		abort();
	id_hex(canonical + 7, c.trace_id, 4);
	id_hex(canonical + 16, c.trace_id + 4, 12);
	id_hex(canonical + 48, c.span_id, 8);
	memset(&again, 0, sizeof again);
	if (!xray_parse((str){ canonical, c.has_span ? sizeof canonical - 1 : 40 }, &again) ||
	    memcmp(c.trace_id, again.trace_id, 16) || c.has_span != again.has_span ||
	    (c.has_span && memcmp(c.span_id, again.span_id, 8)))
		abort();
	return 0;
}
