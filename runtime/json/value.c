// SPDX-License-Identifier: MIT
#include "base/utf8.h"
#include "json/scan.h"

#include <string.h>

bool lambda_json_valid(str document)
{
	const char *p, *end;

	if (document.n == 0)
		return false;
	end = document.p + document.n;
	p = scan_space(document.p, end);
	if (p == end || !(p = scan_value(p, end, LAMBDA_JSON_DEPTH_MAX)))
		return false;
	return scan_space(p, end) == end;
}

enum lambda_json_kind lambda_json_kind_of(str value)
{
	if (value.n == 0)
		return LAMBDA_JSON_BAD;
	switch (*value.p) {
	case '{': return LAMBDA_JSON_OBJECT;
	case '[': return LAMBDA_JSON_ARRAY;
	case '"': return LAMBDA_JSON_STRING;
	case 't': return LAMBDA_JSON_TRUE;
	case 'f': return LAMBDA_JSON_FALSE;
	case 'n': return LAMBDA_JSON_NULL;
	}
	return *value.p == '-' || (*value.p >= '0' && *value.p <= '9') ? LAMBDA_JSON_NUMBER : LAMBDA_JSON_BAD;
}

static bool hex4(const char *p, uint32_t *out)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++) {
		unsigned char c = (unsigned char)p[i], low = c | 0x20;

		if (c >= '0' && c <= '9')
			v = v << 4 | (uint32_t)(c - '0');
		else if (low >= 'a' && low <= 'f')
			v = v << 4 | (uint32_t)(low - 'a' + 10);
		else
			return false;
	}
	*out = v;
	return true;
}

/* What stands at p, a backslash, as UTF-8. Returns the bytes of text used, 0 when it is no escape. */
static size_t unescape_one(const char *p, const char *end, char out[4], size_t *n)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *which;
	uint32_t c, low;

	if (end - p < 2)
		return 0;
	if (p[1] != 'u') {
		if (!(which = memchr(from, p[1], sizeof from - 1)))
			return 0;
		out[0] = to[which - from];
		*n = 1;
		return 2;
	}
	if (end - p < 6 || !hex4(p + 2, &c))
		return 0;
	if (c >= 0xd800 && c < 0xdc00 && end - p >= 12 && p[6] == '\\' && p[7] == 'u' && hex4(p + 8, &low) &&
	    low >= 0xdc00 && low < 0xe000) {
		*n = utf8_put(out, 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00));
		return 12;
	}
	*n = utf8_put(out, c); /* a lone surrogate becomes U+FFFD */
	return 6;
}

bool lambda_json_unescape(str text, char *room, size_t size, str *out)
{
	const char *p = text.p, *end = text.n ? p + text.n : p;
	size_t n = 0;

	while (p < end) {
		const char *backslash = memchr(p, '\\', (size_t)(end - p));
		size_t plain = (size_t)((backslash ? backslash : end) - p), used, made;
		char bytes[4];

		if (plain > size - n)
			return false;
		memmove(room + n, p, plain);
		n += plain;
		p += plain;
		if (p == end)
			break;
		if (!(used = unescape_one(p, end, bytes, &made)) || made > size - n)
			return false;
		memcpy(room + n, bytes, made);
		n += made;
		p += used;
	}
	*out = (str){ room, n };
	return true;
}

static bool between_quotes(str value, str *text)
{
	if (value.n < 2 || value.p[0] != '"' || value.p[value.n - 1] != '"')
		return false;
	*text = (str){ value.p + 1, value.n - 2 };
	return true;
}

static bool has_escapes(str text)
{
	return text.n > 0 && memchr(text.p, '\\', text.n) != NULL;
}

bool lambda_json_string(str value, char *room, size_t size, str *out)
{
	str text;

	if (!between_quotes(value, &text))
		return false;
	if (has_escapes(text))
		return lambda_json_unescape(text, room, size, out);
	*out = text;
	return true;
}

bool lambda_json_text_is(str text, bool escaped, str expected)
{
	const char *p = text.p, *end = text.n ? p + text.n : p;
	size_t i = 0, used, made;
	char bytes[4];

	if (!escaped)
		return text.n == expected.n && (text.n == 0 || memcmp(text.p, expected.p, text.n) == 0);
	for (; p < end; p += used, i += made) {
		if (*p != '\\') {
			bytes[0] = *p;
			used = made = 1;
		} else if (!(used = unescape_one(p, end, bytes, &made))) {
			return false;
		}
		if (made > expected.n - i || memcmp(expected.p + i, bytes, made) != 0)
			return false;
	}
	return i == expected.n;
}

bool lambda_json_is(str value, str expected)
{
	str text;

	return between_quotes(value, &text) && lambda_json_text_is(text, has_escapes(text), expected);
}

bool lambda_json_bool(str value, bool *out)
{
	if (!str_eq(value, S("true")) && !str_eq(value, S("false")))
		return false;
	*out = value.n == 4;
	return true;
}
