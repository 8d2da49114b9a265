// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"

#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* An event of tests/data/events, read into room from the root of the repository, where tests run. */
static inline str event_file(const char *name, char *room, size_t size)
{
	char path[128];
	ssize_t n;
	int fd;

	snprintf(path, sizeof path, "tests/data/events/%s.json", name);
	fd = open(path, O_RDONLY);
	n = fd < 0 ? -1 : read(fd, room, size);
	CHECK(n > 0 && n < (ssize_t)size);
	close(fd);
	return (str){ room, n > 0 ? (size_t)n : 0 };
}
