// SPDX-License-Identifier: MIT
#include "json/scan.h"
#include "lambda.h"

#include <string.h>

/* The values of lambda.h: found in the call's event, decoded into its region. */

static bool find(struct lambda_call *call, const char *path, str *value)
{
	return lambda_json_find(call->event, path, value);
}

str lambda_get(struct lambda_call *call, const char *path)
{
	str value, text;
	char *room;

	if (!find(call, path, &value) || lambda_json_kind_of(value) == LAMBDA_JSON_NULL)
		return (str){ 0 };
	if (lambda_json_kind_of(value) != LAMBDA_JSON_STRING)
		return value;
	text = (str){ value.p + 1, value.n - 2 };
	if (text.n == 0 || !memchr(text.p, '\\', text.n))
		return text;
	if (!(room = lambda_alloc(call, text.n)) || !lambda_json_unescape(text, room, text.n, &text))
		return (str){ 0 };
	return text;
}

bool lambda_get_int(struct lambda_call *call, const char *path, int64_t *out)
{
	str value;

	return find(call, path, &value) && lambda_json_int(value, out);
}

bool lambda_get_double(struct lambda_call *call, const char *path, double *out)
{
	str value;

	return find(call, path, &value) && lambda_json_double(value, out);
}

bool lambda_get_bool(struct lambda_call *call, const char *path, bool *out)
{
	str value;

	return find(call, path, &value) && lambda_json_bool(value, out);
}
