// SPDX-License-Identifier: MIT
#include "context/tracestate.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read and written reads and writes the same; cut to any size it is a list still, in whole members. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char once[TRACESTATE_MEMBERS_MAX * 514], twice[sizeof once];
	struct tracestate t = { .n = 0 }, again = { .n = 0 };
	struct buf a = BUF(once), b = BUF(twice);
	size_t max = size ? data[0] * 4u : 0;

	if (!tracestate_read(&t, (str){ (const char *)data, size }))
		return 0;
	tracestate_write(&t, &a, sizeof once);
	if (a.full || !tracestate_read(&again, buf_str(&a)) || again.n != t.n)
		abort();
	tracestate_write(&again, &b, sizeof twice);
	if (!str_eq(buf_str(&a), buf_str(&b)))
		abort();
	b.n = 0;
	tracestate_write(&t, &b, max);
	again.n = again.seen = 0;
	if (b.n > max || !tracestate_read(&again, buf_str(&b)))
		abort();
	if (!tracestate_set(&t, S("ot"), S("th:8")) || !str_eq(tracestate_get(&t, S("ot")), S("th:8")) ||
	    t.n > TRACESTATE_MEMBERS_MAX)
		abort();
	return 0;
}
