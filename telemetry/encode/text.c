// SPDX-License-Identifier: MIT
#include "encode/text.h"

#include "base/base64.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "lambda_json.h"

#include <math.h>
#include <string.h>

void text_raw(struct text *t, str s)
{
	t->total += s.n;
	if (!t->p)
		return;
	while (s.n > t->cap - t->n && !t->full) {
		size_t n = t->flush ? t->cap - t->n : 0;

		if (n)
			memcpy(t->p + t->n, s.p, n);
		t->n += n;
		s = (str){ s.p + n, s.n - n };
		t->full = !t->flush || !t->flush(t);
	}
	if (t->full || !s.n)
		return;
	memcpy(t->p + t->n, s.p, s.n);
	t->n += s.n;
}

void text_char(struct text *t, char c)
{
	text_raw(t, (str){ &c, 1 });
}

/* ---- JSON ---- */

static void value_begins(struct text *t)
{
	if (t->comma)
		text_char(t, ',');
	t->comma = true;
}

void text_open(struct text *t, char bracket)
{
	value_begins(t);
	text_char(t, bracket);
	t->comma = false;
}

void text_close(struct text *t, char bracket)
{
	text_char(t, bracket);
	t->comma = true;
}

void text_begin(struct text *t)
{
	value_begins(t);
	text_char(t, '"');
}

void text_end(struct text *t)
{
	text_char(t, '"');
}

void text_name(struct text *t)
{
	text_char(t, ':');
	t->comma = false;
}

void text_key(struct text *t, str key)
{
	text_str(t, key);
	text_name(t);
}

void text_value(struct text *t, str json)
{
	value_begins(t);
	text_raw(t, json);
}

static void escape(struct text *t, char c)
{
	static const char digits[] = "0123456789abcdef", letters[] = "btn\0fr";
	unsigned char b = (unsigned char)c;
	char shortly[] = { '\\', c }, hex[] = { '\\', 'u', '0', '0', digits[b >> 4], digits[b & 15] };

	if (b >= 8 && b <= 13 && b != 11)
		shortly[1] = letters[b - 8];
	else if (b < ' ')
		shortly[0] = 0;
	text_raw(t, shortly[0] ? (str){ shortly, 2 } : (str){ hex, 6 });
}

void text_quote(struct text *t, str s)
{
	size_t run = 0, i = 0;

	while (i < s.n) {
		unsigned char c = (unsigned char)s.p[i];
		int step = c < 0x80 ? 1 : utf8_step(s.p + i, s.n - i);

		if (step > 0 && c >= ' ' && c != '"' && c != '\\') {
			i += (size_t)step;
			continue;
		}
		text_raw(t, (str){ s.p + run, i - run });
		if (step > 0)
			escape(t, s.p[i]);
		else
			text_raw(t, S("\xef\xbf\xbd"));
		i += step > 0 ? 1 : (size_t)-step;
		run = i;
	}
	if (run < i)
		text_raw(t, (str){ s.p + run, i - run });
}

void text_str(struct text *t, str s)
{
	text_begin(t);
	text_quote(t, s);
	text_end(t);
}

void text_hex(struct text *t, str bytes)
{
	char digits[2];

	text_begin(t);
	for (size_t i = 0; i < bytes.n; i++) {
		struct buf b = BUF(digits);

		buf_hex(&b, bytes.p + i, 1);
		text_raw(t, buf_str(&b));
	}
	text_end(t);
}

void text_base64(struct text *t, str bytes)
{
	char group[64];

	text_begin(t);
	while (bytes.n) {
		size_t n = bytes.n < 48 ? bytes.n : 48;

		base64_encode(group, bytes.p, n);
		text_raw(t, (str){ group, base64_size(n) });
		bytes = (str){ bytes.p + n, bytes.n - n };
	}
	text_end(t);
}

static void number(struct text *t, struct buf *b, bool quoted)
{
	value_begins(t);
	if (quoted)
		text_char(t, '"');
	text_raw(t, buf_str(b));
	if (quoted)
		text_char(t, '"');
}

void text_u64(struct text *t, uint64_t v, bool quoted)
{
	char digits[20];
	struct buf b = BUF(digits);

	buf_u64(&b, v);
	number(t, &b, quoted);
}

void text_i64(struct text *t, int64_t v, bool quoted)
{
	char digits[20];
	struct buf b = BUF(digits);

	buf_i64(&b, v);
	number(t, &b, quoted);
}

void text_double(struct text *t, double v)
{
	struct lambda_json_writer w;
	char room[40];

	if (isnan(v)) {
		text_value(t, S("\"NaN\""));
	} else if (isinf(v)) {
		text_value(t, v > 0 ? S("\"Infinity\"") : S("\"-Infinity\""));
	} else {
		lambda_json_to_memory(&w, room, sizeof room);
		lambda_json_put_double(&w, v);
		text_value(t, lambda_json_written(&w));
	}
}
