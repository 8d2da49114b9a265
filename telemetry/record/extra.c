// SPDX-License-Identifier: MIT
#include "record/recorder.h"

/* The calls of otel.h that a small function does without: apart, so that it does without their code. */

void otel_reseed(void)
{
	id_reseed(&recorder.ids);
}

/* ---- values ---- */

static char *put_value(char *p, const struct attr *a)
{
	return value_put(p, a->from, recorder.limits.span.chars);
}

void otel_put_value(struct otel_span *span, const char *key, size_t key_n, const struct otel_value *value)
{
	struct open_span *o = recorder_find(span);
	struct attr a = { .type = ATTR_BUILT, .put = put_value, .from = value };

	if (!o)
		return;
	a.text.size = value_size(value, recorder.limits.span.chars);
	span_text(&a.key, key, key_n, VALUE_UNLIMITED);
	span_set(&o->slot, o->bytes, &a, recorder.limits.span.max);
}

void otel_set_location(struct otel_span *span, const char *file, int line, const char *function)
{
	if (!recorder_find(span))
		return;
	otel_set_str(span, "code.file.path", file, strlen(file));
	otel_set_int(span, "code.line.number", line);
	otel_set_str(span, "code.function.name", function, strlen(function));
}

/* ---- events and links ---- */

void otel_put_event(struct otel_span *span, int64_t unix_ns, const char *name, size_t name_n,
                    const struct otel_attr *attrs, size_t attr_count)
{
	struct open_span *o = recorder_find(span);

	if (o)
		span_event(&o->slot, o->bytes, unix_ns ? unix_ns : recorder_now(), (str){ name, name_n }, attrs, attr_count,
		           &recorder.limits);
}

void otel_add_link(struct otel_span *span, const struct otel_context *to, const struct otel_attr *attrs,
                   size_t attr_count)
{
	struct open_span *o = recorder_find(span);
	struct otel_link link = { *to, attrs, attr_count };

	if (o)
		span_link(&o->slot, o->bytes, &link, &recorder.limits);
}

void recorder_lose_links(struct otel_span *span, uint32_t n)
{
	struct open_span *o = recorder_find(span);

	if (o)
		o->slot.dropped_links += n;
}

/* ---- name, status, context ---- */

void otel_rename(struct otel_span *span, const char *name, size_t n)
{
	struct open_span *o = recorder_find(span);

	if (o)
		span_rename(&o->slot, o->bytes, (str){ name, n });
}

void otel_ok(struct otel_span *span)
{
	struct open_span *o = recorder_find(span);

	if (o)
		span_succeed(&o->slot, o->bytes);
}

bool otel_context_of(struct otel_span *span, struct otel_context *out)
{
	struct open_span *o = recorder_find_open(span);
	str trace_state;

	if (!o)
		return false;
	trace_state = span_trace_state(&o->slot, o->bytes);
	memcpy(out->trace_id, o->bytes + SPAN_TRACE_ID_AT, 16);
	memcpy(out->span_id, o->bytes + SPAN_ID_AT, 8);
	out->flags = (unsigned char)o->slot.flags;
	out->remote = false;
	out->trace_state = trace_state.p;
	out->trace_state_n = trace_state.n;
	return true;
}
