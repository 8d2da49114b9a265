// SPDX-License-Identifier: MIT
#pragma once

#include "semconv/resource.h"
#include "source.h"

/*
 * An export request of any signal around what was recorded, as pieces that are sent one after another: nothing is encoded again, nothing is copied.
 *
 *   resource_spans { | resource | { scope_spans { | head | items } }... | schema_url }
 */
#define ENVELOPE_PARTS_MAX (3 + 3 * SIGNAL_SCOPES_MAX)
#define ENVELOPE_HEAD_MAX (1 + 5) /* of a message: tag and length */

struct envelope {
	str parts[ENVELOPE_PARTS_MAX];
	int part_count;
	size_t n; /* bytes in all */
	char outer[ENVELOPE_HEAD_MAX], inner[SIGNAL_SCOPES_MAX][ENVELOPE_HEAD_MAX];
};

/* More than this, and what it is made of, an envelope of one scope does not add to its items. */
#define ENVELOPE_BYTES_MAX (RESOURCE_BYTES_MAX + 2 * ENVELOPE_HEAD_MAX)

/* parts point into e: it must stay where it is. */
void envelope_make(struct envelope *e, const struct resource *r, const struct signal_items *items);
