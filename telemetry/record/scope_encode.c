// SPDX-License-Identifier: MIT
#include "base/late.h"
#include "record/scope.h"
#include "record/value.h"

#include "common.pb.h"
#include "trace.pb.h"

static const struct otel_scope *scopes[OTEL_SCOPES_MAX];
static char rooms[OTEL_SCOPES_MAX][SCOPE_BYTES_MAX] LATE;

#define TEXT_BYTES_MAX 256 /* of name and version; 512 of a URL: longer ones are cut */

static size_t text(struct wire_text *t, const char *p, uint32_t max)
{
	value_text(t, p, p ? strlen(p) : 0, max / 4); /* four bytes a character at most */
	return t->size;
}

static str encode(const struct otel_scope *s, char *p)
{
	static const struct value_limits all = { VALUE_UNLIMITED, 128 };
	struct wire_text name, version, url;
	uint32_t dropped = 0;
	size_t n, attrs;
	char *start = p;

	n = wire_bytes_size(InstrumentationScope_name_tag, text(&name, s->name, TEXT_BYTES_MAX));
	text(&version, s->version, TEXT_BYTES_MAX);
	n += wire_optional_size(InstrumentationScope_version_tag, &version);
	text(&url, s->schema_url, 2 * TEXT_BYTES_MAX);
	attrs = attrs_size(s->attrs, s->attr_count, InstrumentationScope_attributes_tag, all, &dropped);
	if (attrs > SCOPE_BYTES_MAX - 4 * TEXT_BYTES_MAX - 64) {
		dropped = (uint32_t)s->attr_count;
		attrs = 0;
	}
	n += attrs + (dropped ? 1 + wire_varint_size(dropped) : 0);
	p = wire_length(p, ScopeSpans_scope_tag, n);
	p = wire_string(p, InstrumentationScope_name_tag, &name);
	p = wire_optional(p, InstrumentationScope_version_tag, &version);
	if (attrs)
		p = attrs_put(p, s->attrs, s->attr_count, InstrumentationScope_attributes_tag, all);
	if (dropped)
		p = wire_int(p, InstrumentationScope_dropped_attributes_count_tag, dropped);
	p = wire_optional(p, ScopeSpans_schema_url_tag, &url);
	return (str){ start, (size_t)(p - start) };
}

unsigned scope_index(const struct otel_scope *scope)
{
	unsigned i = 0;

	if (!scope)
		return 0;
	while (i < OTEL_SCOPES_MAX && scopes[i] && scopes[i] != scope)
		i++;
	if (i == OTEL_SCOPES_MAX)
		return 0;
	if (!scopes[i]) {
		scopes[i] = scope;
		scope_heads[1 + i] = encode(scope, rooms[i]);
	}
	return 1 + i;
}
