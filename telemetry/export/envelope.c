// SPDX-License-Identifier: MIT
#include "export/envelope.h"

#include "record/wire.h"

#include "trace_service.pb.h"

static str open_message(char *room, unsigned field, size_t n)
{
	return (str){ room, (size_t)(wire_length(room, field, n) - room) };
}

void envelope_make(struct envelope *e, const struct resource *r, str spans)
{
	size_t in_scope = r->scope.n + spans.n + r->scope_url.n;
	str inner = open_message(e->inner, ResourceSpans_scope_spans_tag, in_scope);
	size_t in_resource = r->resource.n + inner.n + in_scope + r->url.n;
	str outer = open_message(e->outer, ExportTraceServiceRequest_resource_spans_tag, in_resource);

	e->parts[0] = outer;
	e->parts[1] = r->resource;
	e->parts[2] = inner;
	e->parts[3] = r->scope;
	e->parts[4] = spans;
	e->parts[5] = r->scope_url;
	e->parts[6] = r->url;
	e->n = outer.n + in_resource;
}

bool envelope_next_span(str *spans, str *span)
{
	size_t n = 0, at = 1; /* past the tag: the spool wrote it, and writes no other */
	int shift = 0;

	if (!spans->n)
		return false;
	do {
		n |= (size_t)(spans->p[at] & 127) << shift;
		shift += 7;
	} while (spans->p[at++] & 128);
	*span = (str){ spans->p, at + n };
	*spans = (str){ spans->p + span->n, spans->n - span->n };
	return true;
}
