// SPDX-License-Identifier: MIT
#include "logrec/logrec.h"
#include "record/recorder.h"

/*
 * Semantic conventions 1.44, "Exceptions in logs": the event is named by what failed. Whether the span is sampled makes no difference. What nobody would
 * take as a record stays an event of the span.
 */
bool logrec_exception(struct otel_span *span, const struct span_exception *what)
{
	bool open = recorder_find_open(span) != NULL;
	str name = open && span == otel_invocation() ? S("faas.invocation.exception") : S("exception");
	struct otel_attr attrs[3];
	struct otel_record record = {
		.severity = OTEL_LOG_ERROR,
		.attrs = attrs,
		.event_name = name.p,
		.event_name_n = name.n,
		.span = open ? span : NULL, /* a child that is not recorded: the current span, which it is a child of */
	};

	if (!logrec_wanted() || !logrec.as_events)
		return false;
	if (what->type.n)
		attrs[record.attr_count++] = otel_attr_str("exception.type", what->type.p, what->type.n);
	if (what->message.n)
		attrs[record.attr_count++] = otel_attr_str("exception.message", what->message.p, what->message.n);
	if (what->stack.n)
		attrs[record.attr_count++] = otel_attr_str("exception.stacktrace", what->stack.p, what->stack.n);
	otel_emit(&record);
	return !logrec.on_spans;
}
