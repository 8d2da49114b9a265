// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"

/*
 * A bounded writer over caller memory. The first append that does not fit sets full and writes nothing of
 * itself; every later one does nothing: check full once, at the end.
 */
struct buf {
	char *p;
	size_t n, cap;
	bool full;
};

#define BUF(array) ((struct buf){ .p = (array), .cap = sizeof(array) })

void buf_put(struct buf *b, str s);
void buf_putc(struct buf *b, char c);
void buf_u64(struct buf *b, uint64_t v); /* decimal */
void buf_i64(struct buf *b, int64_t v);
void buf_hex(struct buf *b, const void *bytes, size_t n); /* lower case */

static inline str buf_str(const struct buf *b)
{
	return (str){ b->p, b->n };
}
