// SPDX-License-Identifier: MIT
#include "buf.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void *or_die(void *p)
{
	if (!p) {
		fputs("emulator: out of memory\n", stderr);
		exit(1);
	}
	return p;
}

void *must_alloc(size_t n, size_t size)
{
	return or_die(calloc(n ? n : 1, size));
}

void *must_grow(void *p, size_t n, size_t size)
{
	return or_die(n > SIZE_MAX / size ? NULL : realloc(p, n * size));
}

char *must_copy(const void *p, size_t n)
{
	char *copy = or_die(n == SIZE_MAX ? NULL : malloc(n + 1));

	if (n)
		memcpy(copy, p, n);
	copy[n] = 0;
	return copy;
}

char *must_print(const char *format, ...)
{
	struct buf b = { 0 };
	va_list ap;

	va_start(ap, format);
	buf_vprintf(&b, format, ap);
	va_end(ap);
	return b.p;
}

char *buf_room(struct buf *b, size_t n)
{
	if (n >= b->cap - b->n || !b->p) { /* >= keeps a place for the NUL */
		size_t cap = b->cap ? b->cap : 256;

		while (cap - b->n <= n) {
			if (cap > SIZE_MAX / 2)
				or_die(NULL);
			cap *= 2;
		}
		b->p = or_die(realloc(b->p, cap));
		b->cap = cap;
	}
	return b->p + b->n;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
	char *room = buf_room(b, n);

	if (n)
		memcpy(room, p, n);
	b->n += n;
	b->p[b->n] = 0;
}

void buf_puts(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_vprintf(struct buf *b, const char *format, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (n < 0)
		or_die(NULL);
	vsnprintf(buf_room(b, (size_t)n), (size_t)n + 1, format, ap);
	b->n += (size_t)n;
}

void buf_printf(struct buf *b, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	buf_vprintf(b, format, ap);
	va_end(ap);
}

bool buf_read(struct buf *b, FILE *from)
{
	size_t n;

	while ((n = fread(buf_room(b, 64 << 10), 1, 64 << 10, from)))
		b->n += n;
	b->p[b->n] = 0;
	return !ferror(from);
}

void buf_cut(struct buf *b, size_t n)
{
	if (!n)
		return;
	b->n -= n;
	memmove(b->p, b->p + n, b->n);
	b->p[b->n] = 0;
}

void buf_free(struct buf *b)
{
	free(b->p);
	*b = (struct buf){ 0 };
}
