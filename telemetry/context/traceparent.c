// SPDX-License-Identifier: MIT
#include "context/context.h"
#include "context/hex.h"

/* version, trace id, parent id, flags: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 */
#define SIZE 55

bool traceparent_parse(str text, struct context *out)
{
	struct context c = { .has_span = true };
	int version[2], flags[2];

	text = str_trim(text);
	if (text.n < SIZE || text.p[2] != '-' || text.p[35] != '-' || text.p[52] != '-')
		return false;
	for (int i = 0; i < 2; i++) {
		version[i] = hex_digit(text.p[i], false);
		flags[i] = hex_digit(text.p[53 + i], false);
		if (version[i] < 0 || flags[i] < 0)
			return false;
	}
	if (version[0] == 15 && version[1] == 15) /* ff is invalid (3.2.2.1) */
		return false;
	/* 00 ends here; a later version may say more behind another dash (3.2.4) */
	if (text.n > SIZE && ((version[0] == 0 && version[1] == 0) || text.p[SIZE] != '-'))
		return false;
	if (!hex_id(text.p + 3, 16, false, c.trace_id) || !hex_id(text.p + 36, 8, false, c.span_id))
		return false;
	c.flags = (unsigned char)(flags[1] & (CONTEXT_SAMPLED | CONTEXT_RANDOM));
	c.silent = !(c.flags & CONTEXT_SAMPLED);
	*out = c;
	return true;
}
