// SPDX-License-Identifier: MIT
#include "violation.h"
#include "buf.h"
#include "loop.h"

#include <stdlib.h>

void violation_add(struct violations *v, unsigned invocation, const char *format, ...)
{
	struct buf text = { 0 };
	va_list ap;

	va_start(ap, format);
	buf_vprintf(&text, format, ap);
	va_end(ap);
	v->list = must_grow(v->list, v->n + 1, sizeof *v->list);
	v->list[v->n++] = (struct violation){ .text = text.p, .invocation = invocation, .ns = clock_ns() };
}

void violations_free(struct violations *v)
{
	for (size_t i = 0; i < v->n; i++)
		free(v->list[i].text);
	free(v->list);
	*v = (struct violations){ 0 };
}
