// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"
#include "otel.h"

/*
 * Instrumentation scopes, encoded when one is first used: what a batch says in front of its spans, metrics or records. 0 is mote's own, with the
 * semantic conventions' schema URL; it is encoded with the resource.
 */
#define SCOPE_BYTES_MAX 2048 /* of one; attributes that do not fit are left out and counted in it */

void scope_default(str head); /* before the first batch */

/* NULL is 0, and so is a scope after OTEL_SCOPES_MAX others. */
unsigned scope_index(const struct otel_scope *scope);

str scope_head(unsigned index); /* fields scope and schema_url */

extern str scope_heads[1 + OTEL_SCOPES_MAX]; /* the two files' */
