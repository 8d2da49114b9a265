// SPDX-License-Identifier: MIT
#include "record/scope.h"

/* Apart from scope_index(), which draws the encoder in: a program without scopes of its own has none of it. */
str scope_heads[1 + OTEL_SCOPES_MAX];

void scope_default(str head)
{
	scope_heads[0] = head;
}

str scope_head(unsigned index)
{
	return scope_heads[index];
}
