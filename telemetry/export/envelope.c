// SPDX-License-Identifier: MIT
#include "export/envelope.h"

#include "record/wire.h"

#include "logs_service.pb.h"
#include "metrics_service.pb.h"
#include "trace_service.pb.h"

#include <assert.h>

#define ALIKE(a, b, c) static_assert((int)(a) == (int)(b) && (int)(a) == (int)(c), "the signals number alike")

ALIKE(ExportTraceServiceRequest_resource_spans_tag, ExportMetricsServiceRequest_resource_metrics_tag,
      ExportLogsServiceRequest_resource_logs_tag);
ALIKE(ResourceSpans_resource_tag, ResourceMetrics_resource_tag, ResourceLogs_resource_tag);
ALIKE(ResourceSpans_scope_spans_tag, ResourceMetrics_scope_metrics_tag, ResourceLogs_scope_logs_tag);
ALIKE(ScopeSpans_spans_tag, ScopeMetrics_metrics_tag, ScopeLogs_log_records_tag);

static str open_message(char *room, unsigned field, size_t n)
{
	return (str){ room, (size_t)(wire_length(room, field, n) - room) };
}

static void add(struct envelope *e, str part)
{
	e->parts[e->part_count++] = part;
	e->n += part.n;
}

void envelope_make(struct envelope *e, const struct resource *r, const struct signal_items *items)
{
	e->part_count = 1;
	e->n = 0;
	add(e, r->resource);
	for (size_t i = 0; i < items->scope_count; i++) {
		const struct signal_scope *s = &items->scopes[i];

		add(e, open_message(e->inner[i], ResourceSpans_scope_spans_tag, s->head.n + s->items.n));
		add(e, s->head);
		add(e, s->items);
	}
	add(e, r->url);
	e->parts[0] = open_message(e->outer, ExportTraceServiceRequest_resource_spans_tag, e->n);
	e->n += e->parts[0].n;
}
