// SPDX-License-Identifier: MIT
#include "net/retry_after.h"

#include "base/date.h"

bool retry_after_read(str text, int64_t now, int64_t max, int64_t *out)
{
	bool digits = text.n > 0;
	uint64_t seconds = 0;
	int64_t at;

	for (size_t i = 0; i < text.n; i++)
		digits = digits && text.p[i] >= '0' && text.p[i] <= '9';
	if (digits)
		*out = str_u64(text, (uint64_t)max, &seconds) ? (int64_t)seconds : max;
	else if (date_read_http(text, now, &at))
		*out = at <= now ? 0 : at - now > max ? max : at - now;
	else
		return false;
	return true;
}

bool retry_after(const struct http_head *head, int64_t now, int64_t max, int64_t *out)
{
	str fields = head->fields, name, value;

	while (http_field_next(&fields, &name, &value))
		if (str_ieq(name, S("Retry-After")) && retry_after_read(value, now, max, out))
			return true;
	return false;
}
