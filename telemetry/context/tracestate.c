// SPDX-License-Identifier: MIT
#include "context/tracestate.h"

#include <string.h>

#define KEY_MAX 256
#define VALUE_MAX 256
#define LONG_MEMBER 128

static bool key_valid(str key)
{
	for (size_t i = 0; i < key.n; i++) {
		char c = key.p[i];
		bool first = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

		if (!first && (i == 0 || !memchr("_-*/@", c, 5)))
			return false;
	}
	return key.n > 0 && key.n <= KEY_MAX;
}

static bool value_valid(str value)
{
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] < ' ' || value.p[i] > '~' || value.p[i] == ',' || value.p[i] == '=')
			return false;
	return value.n > 0 && value.n <= VALUE_MAX && value.p[value.n - 1] != ' ';
}

static unsigned find(const struct tracestate *t, str key)
{
	unsigned i = 0;

	while (i < t->n && !str_eq(t->member[i].key, key))
		i++;
	return i;
}

/* White space around a member is not of it; behind the key or in front of the value it is, and there no key can have it. */
bool tracestate_read(struct tracestate *t, str text)
{
	str member, key, value;

	while (text.n) {
		str_cut(text, ',', &member, &text);
		member = str_trim(member);
		if (!member.n)
			continue;
		if (++t->seen > TRACESTATE_MEMBERS_MAX || !str_cut(member, '=', &key, &value) || !key_valid(key) ||
		    !value_valid(value))
			return false;
		if (find(t, key) == t->n)
			t->member[t->n++] = (struct tracestate_member){ key, value };
	}
	return true;
}

str tracestate_get(const struct tracestate *t, str key)
{
	unsigned i = find(t, key);

	return i < t->n ? t->member[i].value : (str){ 0 };
}

void tracestate_remove(struct tracestate *t, str key)
{
	unsigned i = find(t, key);

	if (i < t->n) {
		t->n--;
		memmove(&t->member[i], &t->member[i + 1], (t->n - i) * sizeof t->member[0]);
	}
}

bool tracestate_set(struct tracestate *t, str key, str value)
{
	if (!key_valid(key) || !value_valid(value))
		return false;
	tracestate_remove(t, key);
	if (t->n == TRACESTATE_MEMBERS_MAX)
		t->n--;
	memmove(&t->member[1], &t->member[0], t->n * sizeof t->member[0]);
	t->member[0] = (struct tracestate_member){ key, value };
	t->n++;
	return true;
}

static size_t size(const struct tracestate_member *m)
{
	return m->key.n + 1 + m->value.n;
}

void tracestate_write(const struct tracestate *t, struct buf *out, size_t max)
{
	uint32_t gone = 0; /* bit i: member i */
	size_t n = 0;
	bool first = true;

	for (unsigned i = 0; i < t->n; i++)
		n += size(&t->member[i]) + (i > 0);
	for (int pass = 0; pass < 2; pass++) {
		for (unsigned i = t->n; i-- && n > max;) {
			if ((pass == 0 && size(&t->member[i]) <= LONG_MEMBER) || gone >> i & 1)
				continue;
			gone |= UINT32_C(1) << i;
			n -= size(&t->member[i]) + (n > size(&t->member[i])); /* with its comma, which the last one has not */
		}
	}
	for (unsigned i = 0; i < t->n; i++) {
		if (gone >> i & 1)
			continue;
		if (!first)
			buf_putc(out, ',');
		first = false;
		buf_put(out, t->member[i].key);
		buf_putc(out, '=');
		buf_put(out, t->member[i].value);
	}
}
