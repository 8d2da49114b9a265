// SPDX-License-Identifier: MIT
#include "json/scan.h"

#include "base/utf8.h"
#include "json/plain.h"

#include <string.h>

/*
 * Behind the backslash. Half a surrogate pair is a sequence of the grammar: what it means is decided when
 * it is decoded.
 */
static const char *scan_escape(const char *p, const char *end)
{
	if (p == end)
		return NULL;
	switch (*p++) {
	case '"':
	case '\\':
	case '/':
	case 'b':
	case 'f':
	case 'n':
	case 'r':
	case 't':  return p;
	case 'u':  break;
	default:   return NULL;
	}
	if (end - p < 4)
		return NULL;
	for (int i = 0; i < 4; i++, p++) {
		char c = (char)(*p | 0x20);

		if (!scan_digit(p, end) && (c < 'a' || c > 'f'))
			return NULL;
	}
	return p;
}

const char *scan_spaces(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
		p++;
	return p;
}

/* At a byte that needs a look. Apart from the function below, so that what most strings are has no registers to save. */
static __attribute__((noinline)) const char *scan_unplain(const char *p, const char *end, bool *escaped)
{
	int step;

	for (; p < end && *p != '"'; p = plain_end(p, end)) {
		if (*p == '\\') {
			*escaped = true;
			if (!(p = scan_escape(p + 1, end)))
				return NULL;
		} else if ((unsigned char)*p < 0x80 || (step = utf8_step(p, (size_t)(end - p))) < 0) {
			return NULL;
		} else {
			p += step;
		}
	}
	return p < end ? p : NULL;
}

const char *scan_string(const char *p, const char *end, bool *escaped)
{
	p = plain_end(p, end);
	return p < end && *p == '"' ? p : scan_unplain(p, end, escaped);
}

const char *scan_key(const char *p, const char *end, str *key, bool *escaped)
{
	const char *start = p + 1;

	if (p == end || *p != '"' || !(p = scan_string(start, end, escaped)))
		return NULL;
	*key = (str){ start, (size_t)(p - start) };
	p = scan_space(p + 1, end);
	return p < end && *p == ':' ? scan_space(p + 1, end) : NULL;
}

/* Where "key":"value" without escapes and white space ends; NULL when the member is not like that, which says nothing of what it is. */
static const char *plain_member(const char *p, const char *end, str *key, const char **value)
{
	const char *start;

	if (p == end || *p != '"')
		return NULL;
	start = p + 1;
	p = plain_end(start, end);
	if (end - p < 3 || p[0] != '"' || p[1] != ':' || p[2] != '"')
		return NULL;
	*key = (str){ start, (size_t)(p - start) };
	start = p + 3;
	p = plain_end(start, end);
	if (end - p < 2 || *p != '"')
		return NULL;
	*value = start - 1;
	return p + 1;
}

const char *scan_member(const char *p, const char *end, str *key, bool *escaped, const char **stop)
{
	const char *value;

	*stop = plain_member(p, end, key, &value);
	return *stop ? value : scan_key(p, end, key, escaped);
}

static const char *scan_digits(const char *p, const char *end)
{
	if (!scan_digit(p, end))
		return NULL;
	while (scan_digit(p, end))
		p++;
	return p;
}

const char *scan_number(const char *p, const char *end)
{
	if (*p == '-')
		p++;
	if (p < end && *p == '0')
		p++;
	else if (!(p = scan_digits(p, end)))
		return NULL;
	if (p < end && *p == '.' && !(p = scan_digits(p + 1, end)))
		return NULL;
	if (p < end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		p = scan_digits(p, end);
	}
	return p;
}

const char *scan_literal(const char *p, const char *end)
{
	size_t n = (size_t)(end - p);

	if (n >= 4 && (!memcmp(p, "true", 4) || !memcmp(p, "null", 4)))
		return p + 4;
	return n >= 5 && !memcmp(p, "false", 5) ? p + 5 : NULL;
}

/*
 * The grammar as a graph of labels, for speed: the states of lambda_json_next() are the same ones, and
 * tests compare the two. A set bit means that the container at that depth is an object.
 */
const char *scan_value(const char *p, const char *end, unsigned depth)
{
	uint64_t objects[LAMBDA_JSON_DEPTH_MAX / 64];
	unsigned open = 0;
	bool in_object = false, escaped;
	const char *stop;
	str name;

value:
	if (p == end)
		return NULL;
	switch (*p) {
	case '"':
		if (!(p = scan_string(p + 1, end, &escaped)))
			return NULL;
		p++;
		break;
	case '{':
	case '[':
		if (open == depth)
			return NULL;
		in_object = *p == '{';
		objects[open / 64] = open % 64 ? objects[open / 64] & ~(UINT64_C(1) << open % 64) : 0;
		objects[open / 64] |= (uint64_t)in_object << open % 64;
		open++;
		if ((p = scan_space(p + 1, end)) == end)
			return NULL;
		if (*p == (in_object ? '}' : ']'))
			goto close;
		if (in_object)
			goto key;
		goto value;
	case 't':
	case 'f':
	case 'n':
		if (!(p = scan_literal(p, end)))
			return NULL;
		break;
	default:
		if (!(p = scan_number(p, end)))
			return NULL;
	}

after:
	if (open == 0)
		return p;
	if ((p = scan_space(p, end)) == end)
		return NULL;
	if (*p == ',') {
		p = scan_space(p + 1, end);
		if (!in_object)
			goto value;
		goto key;
	}
	if (*p != (in_object ? '}' : ']'))
		return NULL;

close:
	p++;
	open--;
	in_object = open > 0 && (objects[(open - 1) / 64] >> (open - 1) % 64 & 1);
	goto after;

key:
	if (!(p = scan_member(p, end, &name, &escaped, &stop)))
		return NULL;
	if (!stop)
		goto value;
	p = stop;
	goto after;
}
