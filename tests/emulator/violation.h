// SPDX-License-Identifier: MIT
/* violation.h: each breach of the contract that the function under test commits, in words. One is enough to fail a run. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct violation {
	char *text;
	unsigned invocation; /* number of the invocation meanwhile; 0: during init */
	uint64_t ns;
};

struct violations {
	struct violation *list;
	size_t n;
};

void violation_add(struct violations *v, unsigned invocation, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void violations_free(struct violations *v);
