// SPDX-License-Identifier: MIT
#include "record/span.h"

/* Events and links: of both, what does not fit or is one too many is counted in the span. */

static char *put_count(char *p, unsigned field, uint32_t count)
{
	return count ? wire_int(p, field, count) : p;
}

static size_t count_size(uint32_t count)
{
	return count ? 1 + wire_varint_size(count) : 0;
}

void span_event(struct slot *s, char *bytes, int64_t time, str name, const struct otel_attr *attrs, size_t n,
                const struct limits *l)
{
	uint32_t dropped;
	size_t size = attrs_size(attrs, n, Span_Event_attributes_tag, l->event, &dropped);
	struct wire_text text;
	char *p;

	span_text(&text, name.p, name.n, VALUE_UNLIMITED);
	if (s->events >= l->events || size > OTEL_SPAN_BYTES || text.size >= OTEL_SPAN_BYTES)
		goto no_room;
	size += 1 + 8 + wire_bytes_size(Span_Event_name_tag, text.size) + count_size(dropped);
	if (!span_has_room(s, wire_bytes_size(Span_events_tag, size)))
		goto no_room;
	s->events++;
	p = wire_length(bytes + s->n, Span_events_tag, size);
	p = wire_fixed64(wire_tag(p, Span_Event_time_unix_nano_tag, WIRE_FIXED64), (uint64_t)time);
	p = wire_string(p, Span_Event_name_tag, &text);
	p = attrs_put(p, attrs, n, Span_Event_attributes_tag, l->event);
	p = put_count(p, Span_Event_dropped_attributes_count_tag, dropped);
	s->n = (uint32_t)(p - bytes);
	return;
no_room:
	s->dropped_events++;
}

/* Bits 8 and 9 of Span.Link.flags, as of Span.flags. */
static uint32_t link_flags(const struct otel_context *to)
{
	return to->flags | 0x100u | (to->remote ? 0x200u : 0);
}

void span_link(struct slot *s, char *bytes, const struct otel_link *link, const struct limits *l)
{
	uint32_t dropped;
	size_t size = attrs_size(link->attrs, link->attr_count, Span_Link_attributes_tag, l->link, &dropped);
	struct wire_text state;
	char *p;

	span_text(&state, link->to.trace_state, link->to.trace_state_n, VALUE_UNLIMITED);
	if (s->links >= l->links || size > OTEL_SPAN_BYTES || state.size >= OTEL_SPAN_BYTES)
		goto no_room;
	size += 2 + 16 + 2 + 8 + (state.size ? wire_bytes_size(Span_Link_trace_state_tag, state.size) : 0);
	size += count_size(dropped) + 1 + 4;
	if (!span_has_room(s, wire_bytes_size(Span_links_tag, size)))
		goto no_room;
	s->links++;
	p = wire_length(bytes + s->n, Span_links_tag, size);
	p = wire_length(p, Span_Link_trace_id_tag, 16);
	memcpy(p, link->to.trace_id, 16);
	p = wire_length(p + 16, Span_Link_span_id_tag, 8);
	memcpy(p, link->to.span_id, 8);
	p += 8;
	if (state.size)
		p = wire_string(p, Span_Link_trace_state_tag, &state);
	p = attrs_put(p, link->attrs, link->attr_count, Span_Link_attributes_tag, l->link);
	p = put_count(p, Span_Link_dropped_attributes_count_tag, dropped);
	p = wire_fixed32(wire_tag(p, Span_Link_flags_tag, WIRE_FIXED32), link_flags(&link->to));
	s->n = (uint32_t)(p - bytes);
	return;
no_room:
	s->dropped_links++;
}
