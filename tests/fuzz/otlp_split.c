// SPDX-License-Identifier: MIT
#include "encode/wire_read.h"
#include "export/cut.h"
#include "fuzz/fuzz.h"
#include "otlp/split.h"

#include <stdlib.h>
#include <string.h>

/*
 * Any bytes as the items of two scopes, with limits out of the first ones: every item comes in exactly one run, no run breaks a limit unless it is
 * one item, and halving ends.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char memory[8192];
	static const struct resource resource = { .resource = { "\x0a\x00", 2 } };
	struct signal_items items = { .scope_count = 2 };
	struct count count = { 0 };
	struct batch batch = { .resource = &resource, .items = &items, .count = &count };
	struct otlp_limits limits = limits_none;
	struct buf room = { .p = memory, .cap = sizeof memory };
	struct split s;
	size_t done = 0, halves = 0;
	char *bytes;

	if (size < 8)
		return 0;
	batch.signal = (enum signal)(data[0] % SIGNALS);
	limits.bytes = 40 + data[1] * 8u;
	limits.count = 1 + data[2] % 32u;
	limits.item = 10 + data[3] * 4u;
	limits.spread_ns = data[4];
	limits.with_context = data[5] & 1;
	halves = data[5] >> 4;
	room.cap = 64 + data[6] * 32u;
	size -= 8;
	bytes = malloc(size + 1);
	memcpy(bytes, data + 8, size);
	items.scopes[0].items = (str){ bytes, size / 2 };
	items.scopes[1] = (struct signal_scope){ { "\x0a\x00", 2 }, { bytes + size / 2, size - size / 2 } };
	for (int i = 0; i < 2; i++) {
		struct wire_field item;

		for (str rest = items.scopes[i].items; wire_next(&rest, &item);)
			items.count += cut_count(batch.signal, item.whole);
	}
	split_start(&s, &batch, &resource, &limits, data[7] & 1);
	while (split_next(&s, &room)) {
		struct signal_items part;
		size_t at = s.start.done;

		require(at == done && s.next.done == done + s.run.count && s.run.scope_count > 0);
		require(s.run.count <= s.limits.count || s.too_large || s.run.scope_count == 1);
		split_rest(&s, &part);
		require(part.count + split_begun(&s) + done == items.count);
		require(!split_original(&s, &part) || part.count == s.run.count);
		room.n = 0;
		if (halves && split_halve(&s)) {
			halves--;
			continue;
		}
		done = s.next.done;
	}
	require(done == items.count);
	free(bytes);
	return 0;
}
