// SPDX-License-Identifier: MIT
#include "trigger/link.h"

#include "context/context.h"

#include <string.h>

/*
 * AWSTraceHeader first: it is a system attribute, and the one that the semantic conventions name. A trace
 * without a span cannot be linked to.
 */
bool link_context(const struct trigger_message *m, struct otel_context *out)
{
	struct context from = { 0 };

	if (!(m->xray.n && xray_parse(m->xray, &from) && from.has_span)) {
		from = (struct context){ 0 };
		if (!m->traceparent.n || !traceparent_parse(m->traceparent, &from))
			return false;
		from.trace_state = m->tracestate;
	}
	*out = (struct otel_context){
		.flags = from.flags,
		.remote = true,
		.trace_state = from.trace_state.p,
		.trace_state_n = from.trace_state.n,
	};
	memcpy(out->trace_id, from.trace_id, sizeof out->trace_id);
	memcpy(out->span_id, from.span_id, sizeof out->span_id);
	return true;
}

bool link_put(struct otel_span *span, const struct trigger_message *m)
{
	struct otel_context to;
	struct otel_attr id = otel_attr_str("messaging.message.id", m->id.p, m->id.n);

	if (!link_context(m, &to))
		return false;
	otel_add_link(span, &to, &id, m->id.n > 0);
	return true;
}
