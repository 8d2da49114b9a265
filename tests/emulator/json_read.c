// SPDX-License-Identifier: MIT
#include "json.h"

#include <stdlib.h>
#include <string.h>

struct reader {
	const char *p, *end;
	unsigned depth;
	const char *why;
};

static struct json *read_value(struct reader *r);

static void *fail(struct reader *r, const char *why)
{
	if (!r->why)
		r->why = why;
	return NULL;
}

static void skip_space(struct reader *r)
{
	while (r->p < r->end && memchr(" \t\r\n", *r->p, 4))
		r->p++;
}

static bool take(struct reader *r, char c)
{
	skip_space(r);
	if (r->p == r->end || *r->p != c)
		return false;
	r->p++;
	return true;
}

static size_t utf8_sequence(const unsigned char *p, size_t n)
{
	unsigned char least = 0x80, most = 0xbf;
	size_t length;

	if (*p < 0x80)
		return 1;
	if (*p < 0xc2 || *p > 0xf4)
		return 0;
	length = *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4;
	if (length > n)
		return 0;
	switch (*p) { /* overlong forms, surrogates, beyond U+10FFFF */
	case 0xe0: least = 0xa0; break;
	case 0xed: most = 0x9f; break;
	case 0xf0: least = 0x90; break;
	case 0xf4: most = 0x8f; break;
	}
	if (p[1] < least || p[1] > most)
		return 0;
	for (size_t i = 2; i < length; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

bool utf8_valid(const char *p, size_t n)
{
	for (size_t i = 0, step; i < n; i += step)
		if (!(step = utf8_sequence((const unsigned char *)p + i, n - i)))
			return false;
	return true;
}

static bool read_hex4(struct reader *r, unsigned *out)
{
	unsigned v = 0;

	if (r->end - r->p < 4)
		return false;
	for (int i = 0; i < 4; i++, r->p++) {
		char c = *r->p;
		int digit = c >= '0' && c <= '9'   ? c - '0'
		            : c >= 'a' && c <= 'f' ? c - 'a' + 10
		            : c >= 'A' && c <= 'F' ? c - 'A' + 10
		                                   : -1;

		if (digit < 0)
			return false;
		v = v << 4 | (unsigned)digit;
	}
	*out = v;
	return true;
}

static void add_code_point(struct buf *b, unsigned c)
{
	char u[4];
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	for (size_t i = n; i-- > 1; c >>= 6)
		u[i] = (char)(0x80 | (c & 0x3f));
	u[0] = (char)(lead[n] | c);
	buf_add(b, u, n);
}

static bool read_escape(struct reader *r, struct buf *b)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at;
	unsigned c, low;

	if (r->p == r->end)
		return false;
	if (*r->p != 'u') {
		if (!(at = memchr(from, *r->p, sizeof from - 1)))
			return false;
		r->p++;
		buf_add(b, &to[at - from], 1);
		return true;
	}
	r->p++;
	if (!read_hex4(r, &c))
		return false;
	if (c >= 0xd800 && c < 0xdc00 && r->end - r->p >= 6 && r->p[0] == '\\' && r->p[1] == 'u') {
		struct reader ahead = *r;

		ahead.p += 2;
		if (read_hex4(&ahead, &low) && low >= 0xdc00 && low < 0xe000) {
			r->p = ahead.p;
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
		}
	}
	add_code_point(b, c >= 0xd800 && c < 0xe000 ? 0xfffd : c);
	return true;
}

/* After the opening quote. */
static char *read_string(struct reader *r, size_t *n)
{
	struct buf b = { 0 };

	buf_room(&b, 16);
	b.p[0] = 0;
	while (r->p < r->end && *r->p != '"') {
		size_t step = utf8_sequence((const unsigned char *)r->p, (size_t)(r->end - r->p));

		if (!step)
			fail(r, "a string is not UTF-8");
		else if ((unsigned char)*r->p < 0x20)
			fail(r, "a control byte in a string");
		else if (*r->p != '\\') {
			buf_add(&b, r->p, step);
			r->p += step;
			continue;
		} else if (r->p++, read_escape(r, &b)) {
			continue;
		} else {
			fail(r, "a bad escape in a string");
		}
		buf_free(&b);
		return NULL;
	}
	if (r->p == r->end) {
		buf_free(&b);
		return fail(r, "a string without end");
	}
	r->p++;
	*n = b.n;
	return b.p;
}

static size_t digits(struct reader *r)
{
	const char *from = r->p;

	while (r->p < r->end && *r->p >= '0' && *r->p <= '9')
		r->p++;
	return (size_t)(r->p - from);
}

static bool read_number(struct reader *r)
{
	if (r->p < r->end && *r->p == '-')
		r->p++;
	if (r->p < r->end && *r->p == '0')
		r->p++;
	else if (!digits(r))
		return false;
	if (r->p < r->end && *r->p == '.' && (r->p++, !digits(r)))
		return false;
	if (r->p < r->end && (*r->p == 'e' || *r->p == 'E')) {
		r->p++;
		if (r->p < r->end && (*r->p == '+' || *r->p == '-'))
			r->p++;
		return digits(r) > 0;
	}
	return true;
}

static struct json *read_members(struct reader *r, struct json *j, char close)
{
	struct json **at = &j->child;

	if (++r->depth > JSON_DEPTH_MAX)
		return fail(r, "nested too deeply");
	if (!take(r, close)) {
		do {
			char *key = NULL;
			size_t n;

			if (close == '}') {
				if (!take(r, '"'))
					return fail(r, "a member does not start with a string");
				if (!(key = read_string(r, &n)))
					return NULL;
				if (!take(r, ':')) {
					free(key);
					return fail(r, "no colon after a member's name");
				}
			}
			if (!(*at = read_value(r))) {
				free(key);
				return NULL;
			}
			(*at)->key = key;
			at = &(*at)->next;
		} while (take(r, ','));
		if (!take(r, close))
			return fail(r, "neither a comma nor the end of an object or array");
	}
	r->depth--;
	return j;
}

static bool take_word(struct reader *r, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(r->end - r->p) < n || memcmp(r->p, word, n))
		return false;
	r->p += n;
	return true;
}

static struct json *read_value(struct reader *r)
{
	struct json *j = must_alloc(1, sizeof *j), *ok = j;
	const char *from;

	skip_space(r);
	from = r->p;
	if (r->p == r->end) {
		ok = fail(r, "it ends where a value should be");
	} else if (*r->p == '{' || *r->p == '[') {
		j->kind = *r->p == '{' ? JSON_OBJECT : JSON_ARRAY;
		r->p++;
		ok = read_members(r, j, j->kind == JSON_OBJECT ? '}' : ']');
	} else if (*r->p == '"') {
		r->p++;
		j->kind = JSON_STRING;
		j->text = read_string(r, &j->n);
		ok = j->text ? j : NULL;
	} else if (take_word(r, "true")) {
		j->kind = JSON_TRUE;
	} else if (take_word(r, "false")) {
		j->kind = JSON_FALSE;
	} else if (!take_word(r, "null")) {
		j->kind = JSON_NUMBER;
		if (!read_number(r))
			ok = fail(r, "neither a value nor a number");
		else
			j->text = must_copy(from, j->n = (size_t)(r->p - from));
	}
	if (!ok)
		json_free(j);
	return ok;
}

struct json *json_parse(const char *p, size_t n, const char **why)
{
	struct reader r = { .p = p, .end = p + n };
	struct json *j = read_value(&r);

	skip_space(&r);
	if (j && r.p != r.end) {
		json_free(j);
		j = fail(&r, "bytes after the value");
	}
	*why = r.why;
	return j;
}

const struct json *json_get(const struct json *object, const char *key)
{
	if (!object || object->kind != JSON_OBJECT)
		return NULL;
	for (const struct json *j = object->child; j; j = j->next)
		if (!strcmp(j->key, key))
			return j;
	return NULL;
}

const char *json_text(const struct json *object, const char *key)
{
	const struct json *j = json_get(object, key);

	return j && j->kind == JSON_STRING ? j->text : NULL;
}

void json_free(struct json *j)
{
	while (j) {
		struct json *next = j->next;

		json_free(j->child);
		free(j->key);
		free(j->text);
		free(j);
		j = next;
	}
}
