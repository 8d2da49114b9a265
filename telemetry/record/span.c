// SPDX-License-Identifier: MIT
#include "record/span.h"

/*
 * Fields come in the order of their numbers, as far as they are known in time:
 *
 *   trace_id span_id parent_span_id name kind start_time end_time | attributes, events and status as they are set | tail
 *
 * so closing a span is to write eight bytes of end time and to append the tail. Room for the tail is kept from the start: a full span can
 * always be closed, marked, and told what it lost.
 */
#define UNENDED "mote.span.unended"
#define TAIL_BYTES                                                                   \
	((2 + 2 + sizeof UNENDED - 1 + 2 + 2) + /* the mark */                           \
	 (1 + 5) * 2 +                          /* dropped attributes, dropped events */ \
	 4 +                                    /* a status without message */           \
	 (2 + 4))                               /* flags */
#define FIELD_BYTES_MAX (OTEL_SPAN_BYTES - TAIL_BYTES)

#define NAME_BYTES_MAX 1024 /* a longer name is cut */

static bool can_fit(const struct wire_text *t)
{
	return t->size < OTEL_SPAN_BYTES;
}

void span_text(struct wire_text *t, const char *p, size_t n)
{
	if (n < OTEL_SPAN_BYTES)
		wire_text(t, p, n);
	else
		*t = (struct wire_text){ { p, n }, n, false };
}

static void name_text(struct wire_text *t, str name)
{
	if (name.n > NAME_BYTES_MAX)
		for (name.n = NAME_BYTES_MAX; ((unsigned char)name.p[name.n] & 0xc0) == 0x80 && name.n > NAME_BYTES_MAX - 3;)
			name.n--; /* between characters */
	wire_text(t, name.p, name.n);
}

void span_open(struct slot *s, char *bytes, const struct span_start *start)
{
	struct wire_text name;
	char *p = bytes;

	p = wire_length(p, Span_trace_id_tag, 16);
	memcpy(p, start->trace_id, 16);
	p = wire_length(p + 16, Span_span_id_tag, 8);
	memcpy(p, start->span_id, 8);
	p += 8;
	if (start->parent_id) {
		p = wire_length(p, Span_parent_span_id_tag, 8);
		memcpy(p, start->parent_id, 8);
		p += 8;
	}
	name_text(&name, start->name);
	p = wire_string(p, Span_name_tag, &name);
	p = wire_int(p, Span_kind_tag, start->kind);
	p = wire_fixed64(wire_tag(p, Span_start_time_unix_nano_tag, WIRE_FIXED64), (uint64_t)start->time);
	p = wire_tag(p, Span_end_time_unix_nano_tag, WIRE_FIXED64);
	s->end_at = (uint32_t)(p - bytes);
	s->n = s->fields_at = s->end_at + 8;
	s->flags = start->flags;
	s->keys = 0;
	s->status_at = s->status_n = 0;
	s->failed = false;
	s->dropped_attributes = s->dropped_events = 0;
}

/* ---- attributes ---- */

static uint64_t key_bit(const struct wire_text *key)
{
	unsigned first = (unsigned char)key->text.p[0], last = (unsigned char)key->text.p[key->text.n - 1];

	return (uint64_t)1 << ((first * 5 + last * 3 + (unsigned)key->text.n) & 63);
}

static size_t read_varint(const char **p)
{
	size_t v = 0;
	int shift = 0;

	do {
		v |= (size_t)(**p & 127) << shift;
		shift += 7;
	} while (*(*p)++ & 128);
	return v;
}

/* Where the attribute with this key is, and how many bytes it takes; 0 when there is none. Walks what this file wrote, so it trusts it. */
static size_t find(const struct slot *s, const char *bytes, str key, size_t *size)
{
	const char *p = bytes + s->fields_at, *end = bytes + s->n;

	while (p < end) {
		const char *field = p, *next, *q;
		unsigned tag = (unsigned char)*p++;
		size_t n = read_varint(&p);

		next = p + n;
		if (tag == (Span_attributes_tag << 3 | WIRE_BYTES)) {
			q = p + 1; /* past the key's tag */
			n = read_varint(&q);
			if (n == key.n && !memcmp(q, key.p, n)) {
				*size = (size_t)(next - field);
				return (size_t)(field - bytes);
			}
		}
		p = next;
	}
	return 0;
}

static void cut_out(struct slot *s, char *bytes, size_t at, size_t n)
{
	memmove(bytes + at, bytes + at + n, s->n - at - n);
	s->n -= (uint32_t)n;
	if (s->status_n && s->status_at > at)
		s->status_at -= (uint32_t)n;
}

void span_set(struct slot *s, char *bytes, const struct attr *a)
{
	size_t size, old_at = 0, old_size = 0;
	uint64_t bit;

	if (!a->key.text.n || !can_fit(&a->key) || !can_fit(&a->text)) {
		s->dropped_attributes++;
		return;
	}
	bit = key_bit(&a->key);
	if (s->keys & bit)
		old_at = find(s, bytes, a->key.text, &old_size);
	size = attr_size(a, Span_attributes_tag);
	if (size > FIELD_BYTES_MAX - s->n + old_size) {
		s->dropped_attributes++;
		return;
	}
	if (old_at)
		cut_out(s, bytes, old_at, old_size);
	s->n = (uint32_t)(attr_put(bytes + s->n, a, Span_attributes_tag) - bytes);
	s->keys |= bit;
}

/* ---- failure ---- */

static char *put_status(char *p, const struct wire_text *message)
{
	size_t inner = message ? wire_bytes_size(Status_message_tag, message->size) : 0;

	p = wire_length(p, Span_status_tag, inner + 2);
	if (inner)
		p = wire_string(p, Status_message_tag, message);
	return wire_int(p, Status_code_tag, Status_StatusCode_STATUS_CODE_ERROR);
}

void span_fail(struct slot *s, char *bytes, str message)
{
	struct wire_text text;
	size_t inner;

	if (s->status_n)
		cut_out(s, bytes, s->status_at, s->status_n);
	s->status_n = 0;
	s->failed = true;
	span_text(&text, message.p, message.n);
	if (!message.n || !can_fit(&text))
		return;
	inner = wire_bytes_size(Status_message_tag, text.size) + 2;
	if (wire_bytes_size(Span_status_tag, inner) > FIELD_BYTES_MAX - s->n)
		return;
	s->status_at = s->n;
	s->n = (uint32_t)(put_status(bytes + s->n, &text) - bytes);
	s->status_n = s->n - s->status_at;
}

void span_exception(struct slot *s, char *bytes, int64_t time, str type, str message)
{
	struct wire_text name;
	struct attr attrs[2] = { { .type = ATTR_STR }, { .type = ATTR_STR } };
	size_t n;
	char *p;

	wire_text(&name, "exception", 9);
	wire_text(&attrs[0].key, "exception.type", 14);
	wire_text(&attrs[1].key, "exception.message", 17);
	span_text(&attrs[0].text, type.p, type.n);
	span_text(&attrs[1].text, message.p, message.n);
	n = 1 + 8 + wire_bytes_size(Span_Event_name_tag, name.size);
	for (int i = 0; i < 2; i++)
		if (attrs[i].text.size)
			n += attr_size(&attrs[i], Span_Event_attributes_tag);
	if (!can_fit(&attrs[0].text) || !can_fit(&attrs[1].text) ||
	    wire_bytes_size(Span_events_tag, n) > FIELD_BYTES_MAX - s->n) {
		s->dropped_events++;
		return;
	}
	p = wire_length(bytes + s->n, Span_events_tag, n);
	p = wire_fixed64(wire_tag(p, Span_Event_time_unix_nano_tag, WIRE_FIXED64), (uint64_t)time);
	p = wire_string(p, Span_Event_name_tag, &name);
	for (int i = 0; i < 2; i++)
		if (attrs[i].text.size)
			p = attr_put(p, &attrs[i], Span_Event_attributes_tag);
	s->n = (uint32_t)(p - bytes);
}

/* ---- the end ---- */

static char *put_count(char *p, unsigned field, uint32_t count)
{
	return count ? wire_int(p, field, count) : p;
}

void span_close(struct slot *s, char *bytes, int64_t time, bool unended)
{
	char *p = bytes + s->n;

	wire_fixed64(bytes + s->end_at, (uint64_t)time);
	if (unended) {
		struct attr mark = { .type = ATTR_BOOL, .bits = 1 };

		wire_text(&mark.key, UNENDED, sizeof UNENDED - 1);
		p = attr_put(p, &mark, Span_attributes_tag);
	}
	p = put_count(p, Span_dropped_attributes_count_tag, s->dropped_attributes);
	p = put_count(p, Span_dropped_events_count_tag, s->dropped_events);
	if (s->failed && !s->status_n)
		p = put_status(p, NULL);
	p = wire_fixed32(wire_tag(p, Span_flags_tag, WIRE_FIXED32), s->flags);
	s->n = (uint32_t)(p - bytes);
}
