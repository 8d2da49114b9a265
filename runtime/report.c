// SPDX-License-Identifier: MIT
#include "report.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "lambda_json.h"

#define BODY_MAX 32768         /* a type of 256 and a message of 4096 bytes, each byte escaped as six */
#define CAUSE_MAX 8192         /* of a header: RAPI_HEAD_MAX holds it beside the ids */
#define CAUSE_MESSAGE_MAX 1024 /* X-Ray shows a line of it */

bool report_type_passes(str type)
{
	size_t i = str_starts(type, S("Runtime.")) ? 8 : str_starts(type, S("Function.")) ? 9 : type.n;

	if (type.n < i + 2 || type.p[i] < 'A' || type.p[i] > 'Z')
		return false;
	for (i++; i < type.n; i++)
		if (!((type.p[i] >= 'a' && type.p[i] <= 'z') || (type.p[i] >= 'A' && type.p[i] <= 'Z')))
			return false;
	return true;
}

static void put_unit(struct buf *b, unsigned v)
{
	unsigned char bytes[2] = { (unsigned char)(v >> 8), (unsigned char)v };

	buf_put(b, S("\\u"));
	buf_hex(b, bytes, 2);
}

/* JSON that may stand in a header field: everything but visible ASCII and space is escaped, which it can only be inside strings. */
static void put_ascii(struct buf *b, str json)
{
	for (size_t i = 0; i < json.n;) {
		unsigned char c = (unsigned char)json.p[i];
		uint32_t point = c;
		int n = 1;

		if (c < 0x7f) {
			buf_putc(b, (char)c);
			i++;
			continue;
		}
		if (c > 0x7f) {
			n = utf8_step(json.p + i, json.n - i);
			point = n == 2 ? c & 31u : n == 3 ? c & 15u : c & 7u;
			for (int k = 1; k < n; k++)
				point = point << 6 | ((unsigned char)json.p[i + (size_t)k] & 63u);
		}
		if (n < 1)
			return;
		if (point >= 0x10000) {
			put_unit(b, 0xd800 + ((point - 0x10000) >> 10));
			point = 0xdc00 + ((point - 0x10000) & 0x3ff);
		}
		put_unit(b, point);
		i += (size_t)n;
	}
}

static str error_body(struct arena *a, str type, str message)
{
	char *room = arena_take(a, BODY_MAX, 1, 1);
	struct lambda_json_writer w;

	if (!room)
		return (str){ 0 };
	lambda_json_to_memory(&w, room, BODY_MAX);
	lambda_json_open_object(&w);
	lambda_json_put_key(&w, "errorMessage");
	lambda_json_put_str(&w, message);
	lambda_json_put_key(&w, "errorType");
	lambda_json_put_str(&w, type);
	lambda_json_put_key(&w, "stackTrace");
	lambda_json_open_array(&w);
	lambda_json_close(&w);
	lambda_json_close(&w);
	return lambda_json_written(&w);
}

static str error_cause(struct arena *a, str type, str message, str directory)
{
	char *room = arena_take(a, CAUSE_MAX, 2, 1);
	struct buf ascii = { .p = room, .cap = CAUSE_MAX };
	struct lambda_json_writer w;

	if (!room)
		return (str){ 0 };
	lambda_json_to_memory(&w, room + CAUSE_MAX, CAUSE_MAX);
	lambda_json_open_object(&w);
	lambda_json_put_key(&w, "working_directory");
	lambda_json_put_str(&w, directory);
	lambda_json_put_key(&w, "exceptions");
	lambda_json_open_array(&w);
	lambda_json_open_object(&w);
	lambda_json_put_key(&w, "message");
	lambda_json_put_str(&w, message.n > CAUSE_MESSAGE_MAX ? (str){ message.p, CAUSE_MESSAGE_MAX } : message);
	lambda_json_put_key(&w, "type");
	lambda_json_put_str(&w, type);
	lambda_json_put_key(&w, "stack");
	lambda_json_open_array(&w);
	lambda_json_close(&w);
	lambda_json_close(&w);
	lambda_json_close(&w);
	lambda_json_put_key(&w, "paths");
	lambda_json_open_array(&w);
	lambda_json_close(&w);
	lambda_json_close(&w);
	if (lambda_json_done(&w))
		put_ascii(&ascii, lambda_json_written(&w));
	return ascii.full ? (str){ 0 } : buf_str(&ascii);
}

void report_write(struct report *r, struct arena *a, str type, str message, str directory)
{
	r->type = report_type_passes(type) ? type : S("Function.HandlerError");
	r->body = error_body(a, type, message);
	r->cause = error_cause(a, type, message, directory);
}
