// SPDX-License-Identifier: MIT
#include "record/span.h"

/*
 * Fields come in the order of their numbers, as far as they are known in time:
 *
 *   trace_id span_id trace_state parent_span_id name kind start_time end_time | attributes, events, links and status as they are set | tail
 *
 * so closing a span is to write eight bytes of end time and to append the tail. Room for the tail is kept from the start: a full span can
 * always be closed, marked, and told what it lost.
 */
#define UNENDED "mote.span.unended"
#define TAIL_BYTES                                                                  \
	((2 + 2 + sizeof UNENDED - 1 + 2 + 2) + /* the mark */                          \
	 (1 + 5) * 3 +                          /* dropped attributes, events, links */ \
	 4 +                                    /* a status without message */          \
	 (2 + 4))                               /* flags */
#define FIELD_BYTES_MAX (OTEL_SPAN_BYTES - TAIL_BYTES)

#define NAME_BYTES_MAX 1024 /* a longer name is cut */

#define STATE_BYTES_MAX 4096 /* W3C wants 512 passed on; a longer one is left out whole */

static size_t room(const struct slot *s)
{
	return FIELD_BYTES_MAX - s->name_room - s->own_room - s->n;
}

bool span_has_room(const struct slot *s, size_t n)
{
	return n <= room(s);
}

static bool can_fit(const struct wire_text *t)
{
	return t->size < OTEL_SPAN_BYTES;
}

void span_text(struct wire_text *t, const char *p, size_t n, uint32_t chars)
{
	if (chars != VALUE_UNLIMITED && chars < n)
		n = value_cut(p, n, chars);
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
	s->state_at = (uint32_t)(p - bytes);
	if (start->trace_state.n && start->trace_state.n <= STATE_BYTES_MAX) {
		wire_text(&name, start->trace_state.p, start->trace_state.n); /* not all senders keep to ASCII */
		p = wire_string(p, Span_trace_state_tag, &name);
	}
	if (start->parent_id) {
		p = wire_length(p, Span_parent_span_id_tag, 8);
		memcpy(p, start->parent_id, 8);
		p += 8;
	}
	s->name_at = (uint32_t)(p - bytes);
	name_text(&name, start->name);
	p = wire_string(p, Span_name_tag, &name);
	p = wire_int(p, Span_kind_tag, start->kind);
	p = wire_fixed64(wire_tag(p, Span_start_time_unix_nano_tag, WIRE_FIXED64), (uint64_t)start->time);
	p = wire_tag(p, Span_end_time_unix_nano_tag, WIRE_FIXED64);
	s->end_at = (uint32_t)(p - bytes);
	s->n = s->fields_at = s->end_at + 8;
	s->flags = start->flags;
	s->name_room = start->name_room;
	s->own_room = start->own_room;
	s->own_attributes = start->own_attributes;
	s->renamed = false;
	s->keys = 0;
	s->status_at = s->status_n = 0;
	s->status = SPAN_UNSET;
	s->attributes = s->events = s->links = 0;
	s->dropped_attributes = s->dropped_events = s->dropped_links = 0;
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

void span_set(struct slot *s, char *bytes, const struct attr *a, uint32_t max)
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
	if (old_at && s->settled)
		return;
	size = attr_size(a, Span_attributes_tag);
	if (size > room(s) + old_size || (!old_at && s->attributes + s->own_attributes >= max)) {
		s->dropped_attributes++;
		return;
	}
	if (old_at)
		cut_out(s, bytes, old_at, old_size);
	else
		s->attributes++;
	s->n = (uint32_t)(attr_put(bytes + s->n, a, Span_attributes_tag) - bytes);
	s->keys |= bit;
}

/* ---- what comes before the attributes ---- */

str span_trace_state(const struct slot *s, const char *bytes)
{
	const char *p = bytes + s->state_at;
	size_t n;

	if ((unsigned char)*p++ != (Span_trace_state_tag << 3 | WIRE_BYTES))
		return (str){ 0 };
	n = read_varint(&p);
	return (str){ p, n };
}

static void put_name(struct slot *s, char *bytes, str name)
{
	const char *p = bytes + s->name_at + 1;
	uint32_t old, new;
	struct wire_text t;
	size_t n = read_varint(&p);

	old = (uint32_t)(p - bytes) - s->name_at + (uint32_t)n;
	name_text(&t, name);
	new = (uint32_t)wire_bytes_size(Span_name_tag, t.size);
	if (new > old && !span_has_room(s, new - old))
		return;
	memmove(bytes + s->name_at + new, bytes + s->name_at + old, s->n - s->name_at - old);
	wire_string(bytes + s->name_at, Span_name_tag, &t);
	s->n += new - old; /* modulo 2^32, as all of these */
	s->end_at += new - old;
	s->fields_at += new - old;
	if (s->status_n)
		s->status_at += new - old;
}

void span_rename(struct slot *s, char *bytes, str name)
{
	s->name_room = 0;
	s->renamed = true;
	put_name(s, bytes, name);
}

void span_name_later(struct slot *s, char *bytes, str name, Span_SpanKind kind)
{
	const char *p = bytes + s->name_at + 1;
	size_t n;

	s->name_room = 0;
	if (name.n && !s->renamed)
		put_name(s, bytes, name);
	n = read_varint(&p);
	bytes[(size_t)(p - bytes) + n + 1] = (char)kind; /* behind its tag */
}

/* ---- status ---- */

static char *put_status(char *p, const struct wire_text *message, Status_StatusCode code)
{
	size_t inner = message ? wire_bytes_size(Status_message_tag, message->size) : 0;

	p = wire_length(p, Span_status_tag, inner + 2);
	if (inner)
		p = wire_string(p, Status_message_tag, message);
	return wire_int(p, Status_code_tag, code);
}

static void drop_status(struct slot *s, char *bytes)
{
	if (s->status_n)
		cut_out(s, bytes, s->status_at, s->status_n);
	s->status_n = 0;
}

void span_fail(struct slot *s, char *bytes, str message)
{
	struct wire_text text;
	size_t inner;

	if (s->status == SPAN_OK)
		return;
	drop_status(s, bytes);
	s->status = SPAN_FAILED;
	span_text(&text, message.p, message.n, VALUE_UNLIMITED);
	if (!message.n || !can_fit(&text))
		return;
	inner = wire_bytes_size(Status_message_tag, text.size) + 2;
	if (!span_has_room(s, wire_bytes_size(Span_status_tag, inner)))
		return;
	s->status_at = s->n;
	s->n = (uint32_t)(put_status(bytes + s->n, &text, Status_StatusCode_STATUS_CODE_ERROR) - bytes);
	s->status_n = s->n - s->status_at;
}

void span_succeed(struct slot *s, char *bytes)
{
	drop_status(s, bytes);
	s->status = SPAN_OK;
}

/* ---- exceptions ---- */

void span_exception(struct slot *s, char *bytes, int64_t time, const struct span_exception *what,
                    const struct limits *l)
{
	static const char *const keys[] = { "exception.type", "exception.message", "exception.stacktrace" };
	const str values[] = { what->type, what->message, what->stack };
	struct attr attrs[3];
	struct wire_text name;
	uint32_t taken = 0, dropped = 0;
	size_t n;
	char *p;

	wire_text(&name, "exception", 9);
	n = 1 + 8 + wire_bytes_size(Span_Event_name_tag, name.size);
	for (int i = 0; i < 3; i++) {
		struct attr *a = &attrs[taken];

		if (!values[i].n)
			continue;
		a->type = ATTR_STR;
		wire_text(&a->key, keys[i], strlen(keys[i]));
		span_text(&a->text, values[i].p, values[i].n, l->event.chars);
		if (!can_fit(&a->text)) {
			s->dropped_events++;
			return;
		}
		if (taken < l->event.max) {
			n += attr_size(a, Span_Event_attributes_tag);
			taken++;
		} else {
			dropped++;
		}
	}
	n += dropped ? 1 + wire_varint_size(dropped) : 0;
	if (s->events >= l->events || !span_has_room(s, wire_bytes_size(Span_events_tag, n))) {
		s->dropped_events++;
		return;
	}
	s->events++;
	p = wire_length(bytes + s->n, Span_events_tag, n);
	p = wire_fixed64(wire_tag(p, Span_Event_time_unix_nano_tag, WIRE_FIXED64), (uint64_t)time);
	p = wire_string(p, Span_Event_name_tag, &name);
	for (uint32_t i = 0; i < taken; i++)
		p = attr_put(p, &attrs[i], Span_Event_attributes_tag);
	if (dropped)
		p = wire_int(p, Span_Event_dropped_attributes_count_tag, dropped);
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
	p = put_count(p, Span_dropped_links_count_tag, s->dropped_links);
	if (s->status != SPAN_UNSET && !s->status_n)
		p = put_status(p, NULL,
		               s->status == SPAN_OK ? Status_StatusCode_STATUS_CODE_OK : Status_StatusCode_STATUS_CODE_ERROR);
	p = wire_fixed32(wire_tag(p, Span_flags_tag, WIRE_FIXED32), s->flags);
	s->n = (uint32_t)(p - bytes);
}
