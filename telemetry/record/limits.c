// SPDX-License-Identifier: MIT
#include "record/limits.h"

#include "settings.h"

#define COUNT 128

void limits_default(struct limits *l)
{
	const struct value_limits attributes = { VALUE_UNLIMITED, COUNT };

	*l = (struct limits){ attributes, attributes, attributes, COUNT, COUNT };
}

bool limit_setting(const char *name, uint32_t *value)
{
	str text = setting(name);
	uint64_t number;

	if (!text.n)
		return false;
	if (!str_u64(text, UINT32_MAX, &number)) {
		setting_warn(str_of(name), text, "is no number from 0 to 4294967295: it is ignored");
		return false;
	}
	*value = (uint32_t)number;
	return true;
}

void limits_read(struct limits *l)
{
	uint32_t chars = l->span.chars;

	if (!limit_setting("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", &chars))
		limit_setting("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", &chars);
	l->span.chars = l->event.chars = l->link.chars = chars;
	if (!limit_setting("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", &l->span.max))
		limit_setting("OTEL_ATTRIBUTE_COUNT_LIMIT", &l->span.max);
	limit_setting("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", &l->event.max);
	limit_setting("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", &l->link.max);
	limit_setting("OTEL_SPAN_EVENT_COUNT_LIMIT", &l->events);
	limit_setting("OTEL_SPAN_LINK_COUNT_LIMIT", &l->links);
}
