// SPDX-License-Identifier: MIT
#pragma once

#include "semconv/resource.h"

/*
 * An ExportTraceServiceRequest around finished spans, as pieces that are sent one after another: nothing is encoded again, nothing is copied.
 *
 *   resource_spans { | resource | scope_spans { | scope | spans | schema_url } | schema_url }
 */
#define ENVELOPE_PARTS 7

struct envelope {
	str parts[ENVELOPE_PARTS];
	size_t n;                        /* bytes in all */
	char outer[1 + 5], inner[1 + 5]; /* tags and lengths */
};

/* More than this, and what it is made of, an envelope does not add to its spans. */
#define ENVELOPE_BYTES_MAX (RESOURCE_BYTES_MAX + 12)

/* parts point into e: it must stay where it is. spans: ScopeSpans.spans fields. */
void envelope_make(struct envelope *e, const struct resource *r, str spans);

/* The next ScopeSpans.spans field, tag and length included. False at the end. */
bool envelope_next_span(str *spans, str *span);
