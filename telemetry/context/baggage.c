// SPDX-License-Identifier: MIT
#include "context/baggage.h"

#include "base/field.h"
#include "base/utf8.h"
#include "context/hex.h"
#include "context/propagator.h"

#include <string.h>

/* baggage-octet: printable ASCII without space, '"', ',', ';' and '\' */
static bool is_octet(char c)
{
	return c > ' ' && c <= '~' && c != '"' && c != ',' && c != ';' && c != '\\';
}

static bool is_value(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_octet(s.p[i]))
			return false;
	return true;
}

/* ---- properties ---- */

static bool next_property(str *rest, str *key, str *value, bool *has_value)
{
	str one;

	if (!rest->n)
		return false;
	str_cut(*rest, ';', &one, rest);
	*has_value = str_cut(one, '=', key, value);
	*key = str_trim(*key);
	*value = str_trim(*value);
	return true;
}

static bool properties_valid(str rest)
{
	str key, value;
	bool has_value;

	if (rest.n && rest.p[rest.n - 1] == ';')
		return false;
	while (next_property(&rest, &key, &value, &has_value))
		if (!field_is_name(key) || !is_value(value))
			return false;
	return true;
}

static size_t properties_size(str rest)
{
	str key, value;
	bool has_value;
	size_t n = 0;

	while (next_property(&rest, &key, &value, &has_value))
		n += 1 + key.n + (has_value ? 1 + value.n : 0);
	return n;
}

static void put_properties(struct buf *out, str rest)
{
	str key, value;
	bool has_value;

	while (next_property(&rest, &key, &value, &has_value)) {
		buf_putc(out, ';');
		buf_put(out, key);
		if (has_value) {
			buf_putc(out, '=');
			buf_put(out, value);
		}
	}
}

/* ---- entries ---- */

static size_t entry_size(const struct baggage_entry *e)
{
	return e->key.n + 1 + e->value.n + properties_size(e->properties);
}

static struct baggage_entry *find(struct baggage *b, str key)
{
	for (size_t i = 0; i < b->n; i++)
		if (str_eq(b->entry[i].key, key))
			return &b->entry[i];
	return NULL;
}

const struct baggage_entry *baggage_find(const struct baggage *b, str key)
{
	return find((struct baggage *)(uintptr_t)b, key);
}

/* Whether all of it is still one header of BAGGAGE_BYTES_MAX with e, in place of old when there is one. */
static bool has_room(const struct baggage *b, size_t size, const struct baggage_entry *old)
{
	size_t used = b->bytes - (old ? entry_size(old) : 0), comma = !old && b->n;

	if (!old && b->n == BAGGAGE_MEMBERS_MAX)
		return false;
	return used <= BAGGAGE_BYTES_MAX - comma && size <= BAGGAGE_BYTES_MAX - comma - used;
}

static bool put(struct baggage *b, const struct baggage_entry *e)
{
	struct baggage_entry *old = find(b, e->key);

	if (!has_room(b, entry_size(e), old))
		return false;
	if (old) {
		b->bytes -= entry_size(old);
	} else {
		b->bytes += b->n > 0;
		old = &b->entry[b->n++];
	}
	*old = *e;
	b->bytes += entry_size(e);
	return true;
}

void baggage_read(struct baggage *b, str text)
{
	while (text.n) {
		struct baggage_entry e;
		str member, pair;

		str_cut(text, ',', &member, &text);
		str_cut(member, ';', &pair, &e.properties);
		if (member.n != pair.n && !e.properties.n)
			continue; /* a ';' with nothing behind it */
		if (!str_cut(pair, '=', &e.key, &e.value))
			continue;
		e.key = str_trim(e.key);
		e.value = str_trim(e.value);
		if (field_is_name(e.key) && is_value(e.value) && properties_valid(e.properties))
			put(b, &e);
	}
}

static void write_entry(const struct baggage_entry *e, struct buf *out)
{
	buf_put(out, e->key);
	buf_putc(out, '=');
	buf_put(out, e->value);
	put_properties(out, e->properties);
}

void baggage_write(const struct baggage *b, struct buf *out)
{
	for (size_t i = 0; i < b->n; i++) {
		if (i)
			buf_putc(out, ',');
		write_entry(&b->entry[i], out);
	}
}

/* ---- what a handler says ---- */

/* What counts moves to the other room, which BAGGAGE_ROOM makes large enough for it and for one more value. */
static void compact(struct baggage *b)
{
	unsigned other = !b->room_i;
	struct buf out = BUF(b->room[other]);

	baggage_write(b, &out);
	b->room_i = other;
	b->room_n = out.n;
	b->n = b->bytes = 0;
	baggage_read(b, buf_str(&out));
}

static size_t encoded_size(str value)
{
	size_t n = 0;

	for (size_t i = 0; i < value.n; i++)
		n += is_octet(value.p[i]) && value.p[i] != '%' ? 1 : 3;
	return n;
}

static void encode(struct buf *out, str value)
{
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];

		if (is_octet(c) && c != '%') {
			buf_putc(out, c);
		} else {
			buf_putc(out, '%');
			buf_putc(out, "0123456789ABCDEF"[(unsigned char)c >> 4]);
			buf_putc(out, "0123456789ABCDEF"[c & 15]);
		}
	}
}

bool baggage_set(struct baggage *b, str key, str value, str properties)
{
	struct baggage_entry e;
	struct buf out;
	size_t size;

	if (key.n > BAGGAGE_BYTES_MAX || value.n > BAGGAGE_BYTES_MAX || properties.n > BAGGAGE_BYTES_MAX ||
	    !field_is_name(key) || memchr(properties.p ? properties.p : "", ',', properties.n) ||
	    !properties_valid(properties))
		return false;
	size = key.n + 1 + encoded_size(value) + properties_size(properties);
	if (!has_room(b, size, find(b, key)))
		return false;
	if (size > BAGGAGE_ROOM - b->room_n)
		compact(b);
	out = (struct buf){ .p = b->room[b->room_i], .n = b->room_n, .cap = BAGGAGE_ROOM };
	e.key = (str){ out.p + out.n, key.n };
	buf_put(&out, key);
	e.value.p = out.p + out.n;
	encode(&out, value);
	e.value.n = (size_t)(out.p + out.n - e.value.p);
	e.properties.p = out.p + out.n + 1;
	put_properties(&out, properties);
	e.properties.n = properties.n ? (size_t)(out.p + out.n - e.properties.p) : 0;
	b->room_n = out.n;
	return put(b, &e);
}

bool baggage_remove(struct baggage *b, str key)
{
	struct baggage_entry *e = find(b, key);

	if (!e)
		return false;
	b->bytes -= entry_size(e) + (b->n > 1);
	b->n--;
	memmove(e, e + 1, (size_t)(b->entry + b->n - e) * sizeof *e);
	return true;
}

/* The byte at *i of what value decodes to. */
static char decoded(str value, size_t *i)
{
	char c = value.p[(*i)++];
	int high, low;

	if (c != '%' || value.n - *i < 2)
		return c;
	high = hex_digit(value.p[*i], true);
	low = hex_digit(value.p[*i + 1], true);
	if (high < 0 || low < 0)
		return c;
	*i += 2;
	return (char)(high << 4 | low);
}

/* Four bytes are enough to tell one character: so many are decoded ahead. */
bool baggage_decode(str value, struct buf *out)
{
	char ahead[4];
	size_t n = 0;

	for (size_t i = 0; i < value.n || n;) {
		int step;

		while (n < sizeof ahead && i < value.n)
			ahead[n++] = decoded(value, &i);
		step = utf8_step(ahead, n);
		buf_put(out, step < 0 ? S("\xef\xbf\xbd") : (str){ ahead, (size_t)step });
		n -= (size_t)(step < 0 ? -step : step);
		memmove(ahead, ahead + (step < 0 ? -step : step), n);
	}
	return !out->full;
}

/* ---- the propagator ---- */

void baggage_extract(const struct carrier *carrier, struct propagation *p)
{
	str value;

	for (size_t i = 0; carrier_get(carrier, S("baggage"), i, &value); i++)
		baggage_read(&p->baggage, value);
}

void baggage_inject(const struct context *own, const struct propagation *p, const struct injector *to)
{
	char room[BAGGAGE_BYTES_MAX];
	struct buf b = BUF(room);

	(void)own;
	baggage_write(&p->baggage, &b);
	if (b.n)
		to->put(to->to, "baggage", b.p, b.n);
}
