// SPDX-License-Identifier: MIT
#include "context/context.h"
#include "context/hex.h"

#define ROOT_SIZE 35 /* 1-58406520-a006649127e371903a2de979 */

static bool root(str value, unsigned char trace_id[16])
{
	char digits[32];

	if (value.n != ROOT_SIZE || value.p[0] != '1' || value.p[1] != '-' || value.p[10] != '-')
		return false;
	for (int i = 0; i < 32; i++)
		digits[i] = value.p[i < 8 ? 2 + i : 3 + i];
	return hex_id(digits, 16, true, trace_id);
}

bool xray_parse(str text, struct context *out)
{
	struct context c = { 0 };
	bool has_root = false;
	str member, key, value;

	while (text.n) {
		str_cut(text, ';', &member, &text);
		str_cut(member, '=', &key, &value);
		key = str_trim(key);
		value = str_trim(value);
		if (str_ieq(key, S("Root")))
			has_root = root(value, c.trace_id);
		else if (str_ieq(key, S("Parent")))
			c.has_span = value.n == 16 && hex_id(value.p, 8, true, c.span_id);
	}
	if (!has_root)
		return false;
	c.flags = CONTEXT_SAMPLED;
	*out = c;
	return true;
}
