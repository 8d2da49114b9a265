// SPDX-License-Identifier: MIT
#include "context/baggage.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct baggage b, again;

static str written(const struct baggage *of, char *room)
{
	struct buf out = { .p = room, .cap = BAGGAGE_BYTES_MAX };

	baggage_write(of, &out);
	if (out.full || out.n != of->bytes)
		abort();
	return buf_str(&out);
}

/* What is read and written reads and writes the same; what is set comes out again, and what is removed is gone. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char once[BAGGAGE_BYTES_MAX], twice[BAGGAGE_BYTES_MAX], value[3 * BAGGAGE_BYTES_MAX];
	str text = { (const char *)data, size }, cut = { text.p, size < 2000 ? size : 2000 };
	struct buf out = BUF(value);

	b.n = b.bytes = b.room_n = b.room_i = 0;
	again = b;
	baggage_read(&b, text);
	baggage_read(&again, written(&b, once));
	if (!str_eq(written(&b, once), written(&again, twice)))
		abort();
	for (size_t i = 0; i < b.n; i++) {
		out.n = 0;
		if (!baggage_decode(b.entry[i].value, &out))
			abort();
	}
	for (int i = 0; i < 8; i++) {
		if (!baggage_set(&b, S("set"), cut, S("")))
			return 0; /* no room beside what was read */
		written(&b, once);
	}
	out.n = 0;
	if (!baggage_decode(baggage_find(&b, S("set"))->value, &out))
		abort();
	if (!baggage_remove(&b, S("set")) || baggage_find(&b, S("set")))
		abort();
	written(&b, once);
	return 0;
}
