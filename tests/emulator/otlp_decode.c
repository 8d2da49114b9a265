// SPDX-License-Identifier: MIT
// One function a message. Arrays are counted first and then taken in one piece, so that a repeated field needs no
// growing; the smallest element is 2 bytes on the wire, so what is taken is a bounded multiple of the request.
#include "otlp_read.h"

#include <string.h>

static void read_event(struct otlp *o, struct span_event *e, struct slice message)
{
	struct wire w = wire_of(message);
	struct field f;

	otlp_attributes(o, &e->attributes, message, 3, 0);
	while (!o->error && wire_next(&w, &f)) {
		switch (F(f.number, f.type)) {
		case F(1, F64): e->time = f.value; break;
		case F(2, B):   e->name = otlp_text(o, "an event's name", f.bytes); break;
		case F(3, B):   break;
		case F(4, V):   e->attributes.dropped = otlp_u32(o, "dropped_attributes_count", f.value); break;
		default:        otlp_other(o, "Event", &f, 4);
		}
	}
	if (!e->name.n)
		otlp_problem(o, "an event has no name");
	otlp_finish(o, &w);
}

static void read_link(struct otlp *o, struct span_link *l, struct slice message)
{
	struct wire w = wire_of(message);
	struct field f;

	otlp_attributes(o, &l->attributes, message, 4, 0);
	while (!o->error && wire_next(&w, &f)) {
		switch (F(f.number, f.type)) {
		case F(1, B):   l->trace_id = f.bytes; break;
		case F(2, B):   l->span_id = f.bytes; break;
		case F(3, B):   l->trace_state = otlp_text(o, "a link's trace_state", f.bytes); break;
		case F(4, B):   break;
		case F(5, V):   l->attributes.dropped = otlp_u32(o, "dropped_attributes_count", f.value); break;
		case F(6, F32): l->flags = (uint32_t)f.value; break;
		default:        otlp_other(o, "Link", &f, 6);
		}
	}
	otlp_id(o, "a link's trace_id", l->trace_id, 16);
	otlp_id(o, "a link's span_id", l->span_id, 8);
	otlp_finish(o, &w);
}

static void read_status(struct otlp *o, struct span *s, struct slice message)
{
	struct wire w = wire_of(message);
	struct field f;

	while (wire_next(&w, &f)) {
		switch (F(f.number, f.type)) {
		case F(2, B): s->status_message = otlp_text(o, "a status message", f.bytes); break;
		case F(3, V): s->status = (unsigned)otlp_u32(o, "a status code", f.value); break;
		default:      otlp_other(o, "Status", &f, 3);
		}
	}
	otlp_finish(o, &w);
}

static void check_span(struct otlp *o, const struct span *s)
{
	otlp_id(o, "a span's trace_id", s->trace_id, 16);
	otlp_id(o, "a span's span_id", s->span_id, 8);
	if (s->parent_span_id.n)
		otlp_id(o, "a span's parent_span_id", s->parent_span_id, 8);
	if (!s->name.n)
		otlp_problem(o, "a span has no name");
	if (!s->start || !s->end)
		otlp_problem(o, "a span has no %s time", s->start ? "end" : "start");
	else if (s->end < s->start)
		otlp_problem(o, "a span ends before it starts");
	if (s->kind < KIND_INTERNAL || s->kind > KIND_CONSUMER)
		otlp_problem(o, "a span's kind is %u", s->kind);
	if (s->status > STATUS_ERROR)
		otlp_problem(o, "a span's status code is %u", s->status);
}

static void read_span(struct otlp *o, struct span *s, struct slice message)
{
	struct wire w = wire_of(message);
	struct field f;

	otlp_attributes(o, &s->attributes, message, 9, 0);
	s->events = otlp_take(o, wire_count(message, 11), sizeof *s->events);
	s->links = otlp_take(o, wire_count(message, 13), sizeof *s->links);
	while (!o->error && wire_next(&w, &f)) {
		switch (F(f.number, f.type)) {
		case F(1, B):    s->trace_id = f.bytes; break;
		case F(2, B):    s->span_id = f.bytes; break;
		case F(3, B):    s->trace_state = otlp_text(o, "trace_state", f.bytes); break;
		case F(4, B):    s->parent_span_id = f.bytes; break;
		case F(5, B):    s->name = otlp_text(o, "a span's name", f.bytes); break;
		case F(6, V):    s->kind = (unsigned)otlp_u32(o, "a span's kind", f.value); break;
		case F(7, F64):  s->start = f.value; break;
		case F(8, F64):  s->end = f.value; break;
		case F(9, B):    break;
		case F(10, V):   s->attributes.dropped = otlp_u32(o, "dropped_attributes_count", f.value); break;
		case F(11, B):   read_event(o, &s->events[s->n_events++], f.bytes); break;
		case F(12, V):   s->dropped_events = otlp_u32(o, "dropped_events_count", f.value); break;
		case F(13, B):   read_link(o, &s->links[s->n_links++], f.bytes); break;
		case F(14, V):   s->dropped_links = otlp_u32(o, "dropped_links_count", f.value); break;
		case F(15, B):   read_status(o, s, f.bytes); break;
		case F(16, F32): s->flags = (uint32_t)f.value; break;
		default:         otlp_other(o, "Span", &f, 16);
		}
	}
	otlp_finish(o, &w);
	if (!o->error)
		check_span(o, s);
}

static void read_scope(struct otlp *o, struct scope *s, struct slice message)
{
	struct wire w = wire_of(message);
	struct field f;

	otlp_attributes(o, &s->attributes, message, 3, 0);
	while (!o->error && wire_next(&w, &f)) {
		switch (F(f.number, f.type)) {
		case F(1, B): s->name = otlp_text(o, "a scope's name", f.bytes); break;
		case F(2, B): s->version = otlp_text(o, "a scope's version", f.bytes); break;
		case F(3, B): break;
		case F(4, V): s->attributes.dropped = otlp_u32(o, "dropped_attributes_count", f.value); break;
		default:      otlp_other(o, "InstrumentationScope", &f, 4);
		}
	}
	otlp_finish(o, &w);
}

static void read_item(struct otlp *o, enum otlp_kind kind, const struct resource *resource, const struct scope *scope,
                      struct slice message)
{
	switch (kind) {
	case OTLP_TRACES:
		o->spans[o->n_spans].resource = resource;
		o->spans[o->n_spans].scope = scope;
		read_span(o, &o->spans[o->n_spans++], message);
		break;
	case OTLP_METRICS: otlp_read_metric(o, resource, scope, message); break;
	case OTLP_LOGS:
		o->records[o->n_records].resource = resource;
		o->records[o->n_records].scope = scope;
		otlp_read_record(o, &o->records[o->n_records++], message);
		break;
	}
}

static void read_scope_items(struct otlp *o, enum otlp_kind kind, const struct resource *resource, struct slice message)
{
	static const char *const names[] = { "ScopeSpans", "ScopeMetrics", "ScopeLogs" };
	struct wire w = wire_of(message);
	struct field f;
	struct scope *scope = otlp_take(o, 1, sizeof *scope);

	while (!o->error && wire_next(&w, &f)) {
		switch (F(f.number, f.type)) {
		case F(1, B): read_scope(o, scope, f.bytes); break;
		case F(2, B): read_item(o, kind, resource, scope, f.bytes); break;
		case F(3, B): scope->schema_url = otlp_text(o, "a schema_url", f.bytes); break;
		default:      otlp_other(o, names[kind], &f, 3);
		}
	}
	otlp_finish(o, &w);
}

static void read_resource(struct otlp *o, struct resource *r, struct slice message)
{
	struct wire w = wire_of(message);
	struct field f;

	otlp_attributes(o, &r->attributes, message, 1, 0);
	while (!o->error && wire_next(&w, &f)) {
		switch (F(f.number, f.type)) {
		case F(1, B): break;
		case F(2, V): r->attributes.dropped = otlp_u32(o, "dropped_attributes_count", f.value); break;
		default:      otlp_other(o, "Resource", &f, 2);
		}
	}
	otlp_finish(o, &w);
}

static void read_resource_items(struct otlp *o, enum otlp_kind kind, struct slice message)
{
	static const char *const names[] = { "ResourceSpans", "ResourceMetrics", "ResourceLogs" };
	struct wire w = wire_of(message);
	struct field f;
	struct resource *resource = otlp_take(o, 1, sizeof *resource);

	while (!o->error && wire_next(&w, &f)) {
		switch (F(f.number, f.type)) {
		case F(1, B): read_resource(o, resource, f.bytes); break;
		case F(2, B): read_scope_items(o, kind, resource, f.bytes); break;
		case F(3, B): resource->schema_url = otlp_text(o, "a schema_url", f.bytes); break;
		default:      otlp_other(o, names[kind], &f, 3);
		}
	}
	otlp_finish(o, &w);
}

// Items lie two messages down, points three; they are counted over the whole request so that they form one array.
static size_t count_items(enum otlp_kind kind, struct slice request)
{
	struct wire outer = wire_of(request);
	struct field resource, scope, item;
	size_t n = 0;

	while (wire_next(&outer, &resource)) {
		if (F(resource.number, resource.type) != F(1, B))
			continue;
		struct wire inner = wire_of(resource.bytes);
		while (wire_next(&inner, &scope)) {
			if (F(scope.number, scope.type) != F(2, B))
				continue;
			struct wire items = wire_of(scope.bytes);
			while (wire_next(&items, &item))
				if (F(item.number, item.type) == F(2, B))
					n += kind == OTLP_METRICS ? otlp_count_points(item.bytes) : 1;
		}
	}
	return n;
}

bool otlp_kind_of_path(const char *path, enum otlp_kind *kind)
{
	static const char *const paths[] = { "/v1/traces", "/v1/metrics", "/v1/logs" };

	for (int i = 0; i < 3; i++)
		if (!strcmp(path, paths[i])) {
			*kind = (enum otlp_kind)i;
			return true;
		}
	return false;
}

bool otlp_decode(struct otlp *o, enum otlp_kind kind, struct slice request)
{
	static const char *const names[] = { "ExportTraceServiceRequest", "ExportMetricsServiceRequest",
		                                 "ExportLogsServiceRequest" };
	static const char *const items[] = { "span", "data point", "log record" };
	struct wire w = wire_of(request);
	struct field f;
	size_t n = count_items(kind, request);

	*o = (struct otlp){ 0 };
	o->spans = kind == OTLP_TRACES ? otlp_take(o, n, sizeof *o->spans) : NULL;
	o->points = kind == OTLP_METRICS ? otlp_take(o, n, sizeof *o->points) : NULL;
	o->records = kind == OTLP_LOGS ? otlp_take(o, n, sizeof *o->records) : NULL;
	while (!o->error && wire_next(&w, &f)) {
		if (F(f.number, f.type) == F(1, B)) {
			o->n_resources++;
			read_resource_items(o, kind, f.bytes);
		} else {
			otlp_other(o, names[kind], &f, 1);
		}
	}
	otlp_finish(o, &w);
	if (!o->error && !o->n_spans && !o->n_points && !o->n_records)
		otlp_problem(o, "the request holds no %s", items[kind]); // A.3: senders should not emit empty envelopes
	return !o->error;
}
