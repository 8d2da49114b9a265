// SPDX-License-Identifier: MIT
#include "trigger/capture.h"

#include "trigger/options.h"

#define VALUES_MAX 16 /* of one header */
#define KEY_MAX 128

static void capture(str list, const char *prefix, const struct trigger *t, struct otel_span *span)
{
	while (list.n) {
		struct otel_value values[VALUES_MAX], array;
		char room[KEY_MAX];
		struct buf key = BUF(room);
		size_t n = 0;
		str name, value;

		str_cut(list, ',', &name, &list);
		name = str_trim(name);
		if (!name.n)
			continue;
		buf_put(&key, str_of(prefix));
		for (size_t i = 0; i < name.n; i++)
			buf_putc(&key, (char)(name.p[i] >= 'A' && name.p[i] <= 'Z' ? name.p[i] | 0x20 : name.p[i]));
		for (; n < VALUES_MAX && carrier_get(&t->carrier, name, n, &value); n++)
			values[n] = otel_value_str(value.p, value.n);
		if (!n || key.full)
			continue;
		array = otel_value_array(values, n);
		otel_put_value(span, key.p, key.n, &array);
	}
}

void capture_request(struct trigger *t, struct otel_span *span)
{
	capture(trigger_options()->request_headers, "http.request.header.", t, span);
}

void capture_response(struct trigger *t, str reply, struct otel_span *span)
{
	static const char *const paths[] = { "headers", "multiValueHeaders" };
	str list = trigger_options()->response_headers, found[2];

	if (!list.n)
		return;
	lambda_json_find_all(reply, paths, found, 2);
	t->headers = 0;
	for (int multi = 0; multi < 2; multi++) {
		struct lambda_json json;

		lambda_json_init(&json, found[multi]);
		headers_read(t, &json, multi);
	}
	capture(list, "http.response.header.", t, span);
}
