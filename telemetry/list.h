// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"

/*
 * The lists in OTEL_RESOURCE_ATTRIBUTES and OTEL_EXPORTER_OTLP_HEADERS: key=value,key=value, percent-encoded, white space around keys and values
 * not part of them. Empty members are passed over.
 */
struct list_pair {
	str key, value;
};

/*
 * All of it or nothing: false when a member has no '=' or no key, a '%' is not followed by two hex digits, a key or value is not UTF-8 once
 * it is decoded, or there are more than max. What had escapes is decoded into room, which is as long as text.
 */
bool list_parse(str text, char *room, struct list_pair *pairs, size_t max, size_t *count);
