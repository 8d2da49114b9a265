// SPDX-License-Identifier: MIT
#include "base/buf.h"

#include <string.h>

void buf_put(struct buf *b, str s)
{
	if (b->full || s.n > b->cap - b->n) {
		b->full = true;
		return;
	}
	if (s.n)
		memcpy(b->p + b->n, s.p, s.n);
	b->n += s.n;
}

void buf_putc(struct buf *b, char c)
{
	buf_put(b, (str){ &c, 1 });
}

static void put_number(struct buf *b, bool negative, uint64_t v)
{
	char digits[21], *p = digits + sizeof digits;

	do
		*--p = (char)('0' + v % 10);
	while (v /= 10);
	if (negative)
		*--p = '-';
	buf_put(b, (str){ p, (size_t)(digits + sizeof digits - p) });
}

void buf_u64(struct buf *b, uint64_t v)
{
	put_number(b, false, v);
}

void buf_i64(struct buf *b, int64_t v)
{
	put_number(b, v < 0, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void buf_hex(struct buf *b, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;

	if (b->full || n > (b->cap - b->n) / 2) {
		b->full = true;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		b->p[b->n++] = "0123456789abcdef"[p[i] >> 4];
		b->p[b->n++] = "0123456789abcdef"[p[i] & 15];
	}
}
