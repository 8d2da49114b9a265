// SPDX-License-Identifier: MIT
#include "sample/ot.h"

#include "sample/ratio.h"

#include <string.h>

#define OT_BYTES_MAX 256

void ot_read(struct ot *ot, str trace_state)
{
	memset(ot, 0, sizeof *ot);
	ot->valid = tracestate_read(&ot->state, trace_state);
	if (ot->valid)
		ot->text = tracestate_get(&ot->state, S("ot"));
	if (ot->text.n > OT_BYTES_MAX)
		ot->text = (str){ 0 };
}

str ot_get(const struct ot *ot, str key)
{
	str rest = ot->text, member, k, v;

	while (rest.n) {
		str_cut(rest, ';', &member, &rest);
		if (str_cut(member, ':', &k, &v) && str_eq(k, key))
			return v;
	}
	return (str){ 0 };
}

str ot_with_threshold(const struct ot *ot, const uint64_t *threshold, char *room, size_t n)
{
	struct buf out = { .p = room, .cap = n };
	struct tracestate state = ot->state;
	char value[OT_BYTES_MAX], digits[14];
	struct buf b = BUF(value);
	str rest = ot->text, member, k, v;

	if (!ot->valid)
		memset(&state, 0, sizeof state); /* a list that is none goes no further */
	if (threshold) {
		buf_put(&b, S("th:"));
		buf_put(&b, (str){ digits, ratio_text(digits, *threshold) });
	}
	while (rest.n) {
		size_t before = b.n;

		str_cut(rest, ';', &member, &rest);
		if (!str_cut(member, ':', &k, &v) || str_eq(k, S("th")))
			continue;
		if (b.n)
			buf_putc(&b, ';');
		buf_put(&b, member);
		if (b.full) { /* the threshold is worth more than what others left */
			b.n = before;
			b.full = false;
		}
	}
	tracestate_remove(&state, S("ot"));
	if (b.n)
		tracestate_set(&state, S("ot"), buf_str(&b));
	tracestate_write(&state, &out, n);
	return buf_str(&out);
}
