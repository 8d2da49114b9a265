// SPDX-License-Identifier: MIT
#pragma once

#include "record/value.h"

/* The specification's limits of a span ("Attribute limits", "Span limits"), 128 of each unless a variable says otherwise. */
struct limits {
	struct value_limits span, event, link; /* of attributes */
	uint32_t events, links;
};

void limits_default(struct limits *l);

/* OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT and its like; a wrong one costs one warning. */
void limits_read(struct limits *l);

/* One number of a variable, up to UINT32_MAX. False: it is unset, or wrong, which is said. */
bool limit_setting(const char *name, uint32_t *value);
