// SPDX-License-Identifier: MIT
#include "json.h"

#include <string.h>

static void add_text(struct buf *b, const char *p, size_t n)
{
	buf_room(b, n + 2);
	buf_puts(b, "\"");
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];
		size_t length = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

		if (c == '"' || c == '\\') {
			buf_printf(b, "\\%c", c);
		} else if (c < 0x20 || c == 0x7f) {
			buf_printf(b, "\\u%04x", c);
		} else if (length <= n - i && utf8_valid(p + i, length)) {
			buf_add(b, p + i, length);
			i += length - 1;
		} else {
			buf_puts(b, "\\ufffd");
		}
	}
	buf_puts(b, "\"");
}

static void begin(struct buf *b, const char *key)
{
	if (b->n && !strchr("{[", b->p[b->n - 1]))
		buf_puts(b, ",");
	if (key) {
		add_text(b, key, strlen(key));
		buf_puts(b, ":");
	}
}

void json_open(struct buf *b, const char *key, char bracket)
{
	begin(b, key);
	buf_add(b, &bracket, 1);
}

void json_close(struct buf *b, char bracket)
{
	buf_add(b, &bracket, 1);
}

void json_string(struct buf *b, const char *key, const char *p, size_t n)
{
	begin(b, key);
	add_text(b, p, n);
}

void json_cstr(struct buf *b, const char *key, const char *s)
{
	if (s) {
		json_string(b, key, s, strlen(s));
		return;
	}
	begin(b, key);
	buf_puts(b, "null");
}

void json_u64(struct buf *b, const char *key, uint64_t v)
{
	begin(b, key);
	buf_printf(b, "%llu", (unsigned long long)v);
}

void json_bool(struct buf *b, const char *key, bool v)
{
	begin(b, key);
	buf_puts(b, v ? "true" : "false");
}

void json_base64(struct buf *b, const char *key, const void *p, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *in = p;

	begin(b, key);
	buf_puts(b, "\"");
	buf_room(b, n / 3 * 4 + 8);
	for (size_t i = 0; i < n; i += 3) {
		unsigned v = (unsigned)in[i] << 16 | (n - i > 1 ? (unsigned)in[i + 1] << 8 : 0) | (n - i > 2 ? in[i + 2] : 0);
		char out[4] = { digits[v >> 18], digits[v >> 12 & 63], n - i > 1 ? digits[v >> 6 & 63] : '=',
			            n - i > 2 ? digits[v & 63] : '=' };

		buf_add(b, out, 4);
	}
	buf_puts(b, "\"");
}
