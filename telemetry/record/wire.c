// SPDX-License-Identifier: MIT
#include "record/wire.h"

#include "base/utf8.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

char *wire_varint(char *p, uint64_t v)
{
	for (; v > 127; v >>= 7)
		*p++ = (char)(v | 128);
	*p++ = (char)v;
	return p;
}

char *wire_length(char *p, unsigned field, size_t n)
{
	return wire_varint(wire_tag(p, field, WIRE_BYTES), n);
}

char *wire_int(char *p, unsigned field, uint64_t v)
{
	return wire_varint(wire_tag(p, field, WIRE_VARINT), v);
}

/* ---- text ---- */

static bool is_ascii(const char *p, size_t n)
{
	uint64_t word, all = 0;

	if (n < 8) {
		unsigned char byte = 0;

		for (size_t i = 0; i < n; i++)
			byte |= (unsigned char)p[i];
		return byte < 128;
	}
	for (size_t i = 0; i < n - 8; i += 8) {
		memcpy(&word, p + i, 8);
		all |= word;
	}
	memcpy(&word, p + n - 8, 8); /* the last eight, some of them a second time */
	return !((all | word) & 0x8080808080808080u);
}

void wire_text(struct wire_text *t, const char *p, size_t n)
{
	t->text = (str){ p, n };
	t->size = n;
	t->mend = false;
	if (is_ascii(p, n))
		return;
	t->size = 0;
	for (size_t i = 0; i < n;) {
		int step = utf8_step(p + i, n - i);

		t->mend |= step < 0;
		t->size += step < 0 ? 3 : (size_t)step;
		i += step < 0 ? (size_t)-step : (size_t)step;
	}
}

/* Keys and most values are short, and a call of musl's memcpy costs more than they do: two moves that overlap where they must. */
static char *copy(char *p, const char *from, size_t n)
{
	char a[16], b[16];

	if (n > 32) {
		memcpy(p, from, n);
	} else if (n >= 16) {
		memcpy(a, from, 16);
		memcpy(b, from + n - 16, 16);
		memcpy(p, a, 16);
		memcpy(p + n - 16, b, 16);
	} else if (n >= 8) {
		memcpy(a, from, 8);
		memcpy(b, from + n - 8, 8);
		memcpy(p, a, 8);
		memcpy(p + n - 8, b, 8);
	} else {
		for (size_t i = 0; i < n; i++)
			p[i] = from[i];
	}
	return p + n;
}

static char *mend(char *p, str text)
{
	for (size_t i = 0; i < text.n;) {
		int step = utf8_step(text.p + i, text.n - i);

		p = step < 0 ? copy(p, REPLACEMENT, 3) : copy(p, text.p + i, (size_t)step);
		i += step < 0 ? (size_t)-step : (size_t)step;
	}
	return p;
}

char *wire_string(char *p, unsigned field, const struct wire_text *t)
{
	p = wire_length(p, field, t->size);
	return t->mend ? mend(p, t->text) : copy(p, t->text.p, t->text.n);
}
