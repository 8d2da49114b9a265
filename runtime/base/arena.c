// SPDX-License-Identifier: MIT
#include "base/arena.h"

#include <stdint.h>
#include <string.h>

void *arena_take(struct arena *a, size_t n, size_t size, size_t align)
{
	size_t room = (size_t)(a->end - a->next), pad = -(uintptr_t)a->next & (align - 1);
	char *p;

	if (pad > room || (size && n > (room - pad) / size)) /* divide: the product cannot wrap */
		return NULL;
	p = a->next + pad;
	a->next = p + n * size;
	return memset(p, 0, n * size);
}
