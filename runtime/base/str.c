// SPDX-License-Identifier: MIT
#include "base/str.h"

#include <string.h>

str str_of(const char *z)
{
	return z ? (str){ z, strlen(z) } : (str){ 0 };
}

/* How many of n bytes are the same, counted in eights as long as all of them are: libc's memcmp() goes byte by byte. */
static size_t same(const char *p, const char *q, size_t n)
{
	uint64_t x, y;
	size_t i = 0;

	for (; n - i >= sizeof x; i += sizeof x) {
		memcpy(&x, p + i, sizeof x);
		memcpy(&y, q + i, sizeof y);
		if (x != y)
			return i;
	}
	while (i < n && p[i] == q[i])
		i++;
	return i;
}

uint64_t str_hash(uint64_t h, str s)
{
	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3;
	return h;
}

bool str_eq(str a, str b)
{
	return a.n == b.n && same(a.p, b.p, a.n) == a.n;
}

bool str_ieq(str a, str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = same(a.p, b.p, a.n); i < a.n; i++) /* most often they are written alike */
		if (a.p[i] != b.p[i] && ascii_lower(a.p[i]) != ascii_lower(b.p[i]))
			return false;
	return true;
}

bool str_starts(str s, str prefix)
{
	return s.n >= prefix.n && str_eq((str){ s.p, prefix.n }, prefix);
}

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

str str_trim(str s)
{
	for (; s.n && blank(s.p[0]); s.p++)
		s.n--;
	while (s.n && blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

str str_word(str *rest)
{
	str s = str_trim(*rest);
	size_t n = 0;

	if (!s.n)
		return *rest = s; /* which may be absent: NULL has nothing behind it */
	while (n < s.n && !blank(s.p[n]))
		n++;
	*rest = (str){ s.p + n, s.n - n };
	return (str){ s.p, n };
}

bool str_cut(str s, char sep, str *head, str *tail)
{
	const char *at = s.n ? memchr(s.p, sep, s.n) : NULL;

	if (!at) {
		*head = s;
		*tail = (str){ 0 };
		return false;
	}
	*head = (str){ s.p, (size_t)(at - s.p) };
	*tail = (str){ at + 1, s.n - head->n - 1 };
	return true;
}

bool str_u64(str s, uint64_t max, uint64_t *out)
{
	uint64_t v = 0, tenth = max / 10, last = max % 10;

	if (!s.n)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		unsigned digit = (unsigned char)s.p[i] - (unsigned)'0';

		if (digit > 9 || v > tenth || (v == tenth && digit > last))
			return false;
		v = v * 10 + digit;
	}
	*out = v;
	return true;
}
