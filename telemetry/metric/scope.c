// SPDX-License-Identifier: MIT
#include "record/scope.h"

#include "metric/stream.h"

/* In a file of its own, so that only programs with scopes have their encoder. */
void otel_metric_scope(struct otel_instrument *instrument, const struct otel_scope *scope)
{
	instrument->otel_scope = (unsigned char)scope_index(scope);
}
