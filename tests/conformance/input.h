// SPDX-License-Identifier: MIT
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

/* All of standard input. False: it cannot be read, or fills the room. */
static inline bool read_all(char *room, size_t size, size_t *n)
{
	for (*n = 0; *n < size;) {
		ssize_t got = read(STDIN_FILENO, room + *n, size - *n);

		if (got == 0)
			return true;
		if (got > 0)
			*n += (size_t)got;
		else if (errno != EINTR)
			return false;
	}
	return false;
}
