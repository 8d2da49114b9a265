// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>

/* One region, one lifetime. Nothing is freed: the owner resets next. Copy the struct for scratch. */
struct arena {
	char *next, *end;
};

#define arena_new(a, n, T) ((T *)arena_take((a), (n), sizeof(T), _Alignof(T)))

/* n objects of size bytes, zeroed; NULL when they do not fit (the arena is then as it was). align is a power of two. */
void *arena_take(struct arena *a, size_t n, size_t size, size_t align);
