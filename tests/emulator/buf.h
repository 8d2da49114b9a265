// SPDX-License-Identifier: MIT
/* buf.h: bytes that grow. A zeroed struct is an empty one; buf_free gives it back to that state. Running out of memory
 * ends the program with a message, so nobody checks. There is always a NUL after the last byte, not counted in n. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct buf {
	char *p;
	size_t n, cap;
};

char *buf_room(struct buf *b, size_t n); /* at least n writable bytes at p + n, the caller then adds to n */
void buf_add(struct buf *b, const void *p, size_t n);
void buf_puts(struct buf *b, const char *s);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *format, va_list ap) __attribute__((format(printf, 2, 0)));
bool buf_read(struct buf *b, FILE *from); /* all of it; false: errno */
void buf_cut(struct buf *b, size_t n);    /* forget the first n bytes */
void buf_free(struct buf *b);

void *must_alloc(size_t n, size_t size); /* zeroed */
void *must_grow(void *p, size_t n, size_t size);
char *must_copy(const void *p, size_t n); /* with a NUL behind */
char *must_print(const char *format, ...) __attribute__((format(printf, 1, 2)));
