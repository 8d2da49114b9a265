// SPDX-License-Identifier: MIT
#include "record/recorder.h"

#include "base/late.h"
#include "record/scope.h"

/*
 * Finished spans, in wire form and in the order in which they ended, but that those of one scope in one invocation stand together: a run. Mostly there
 * is one run. A span that is not of the last run moves what stands behind its own; that is a few kilobytes.
 *
 * What an invocation has put here begins at the mark, and runs do not cross it: taking it all back is to move one pointer.
 */
char recorder_room[REGION_SPOOL_BYTES] LATE __attribute__((aligned(4096)));

static size_t run_end(unsigned i)
{
	return i + 1 < recorder.run_count ? recorder.runs[i + 1].at : recorder.spool_n;
}

/* The run to put a span of that scope into; SIGNAL_SCOPES_MAX: there can be no more of them. */
static unsigned run_of(unsigned scope)
{
	unsigned i = recorder.run_count;

	while (i-- > recorder.mark_runs)
		if (recorder.runs[i].scope == scope)
			return i;
	/* Across the mark, where the last run happens to be of that scope: its spans are taken back by its length. */
	if (recorder.run_count == recorder.mark_runs && recorder.run_count &&
	    recorder.runs[recorder.run_count - 1].scope == scope)
		return recorder.run_count - 1;
	if (recorder.run_count == SIGNAL_SCOPES_MAX)
		return SIGNAL_SCOPES_MAX;
	recorder.runs[recorder.run_count] = (struct run){ (uint32_t)recorder.spool_n, (unsigned char)scope };
	return recorder.run_count++;
}

/* The invocation's span has its room kept: children that fill the spool do not make orphans of those that are in it. */
bool spool_put(const char *bytes, size_t n, unsigned scope, bool child)
{
	size_t room = REGION_SPOOL_BYTES - recorder.spool_start - recorder.spool_n;
	size_t size = wire_bytes_size(ScopeSpans_spans_tag, n), kept = child ? 3 + OTEL_SPAN_BYTES : 0;
	unsigned run;
	size_t end;
	char *p;

	if (room < kept || size > room - kept || (run = run_of(scope)) == SIGNAL_SCOPES_MAX)
		return false;
	end = run_end(run);
	p = recorder_room + recorder.spool_start + end;
	if (end < recorder.spool_n) {
		memmove(p + size, p, recorder.spool_n - end);
		for (unsigned i = run + 1; i < recorder.run_count; i++)
			recorder.runs[i].at += (uint32_t)size;
	}
	memcpy(wire_length(p, ScopeSpans_spans_tag, n), bytes, n);
	recorder.spool_n += size;
	recorder.spool_spans++;
	return true;
}

void spool_mark(void)
{
	recorder.mark_n = recorder.spool_n;
	recorder.mark_spans = recorder.spool_spans;
	recorder.mark_runs = recorder.run_count;
}

void recorder_take_back(enum drop reason)
{
	recorder.count.dropped[reason] += recorder.spool_spans - recorder.mark_spans;
	recorder.spool_n = recorder.mark_n;
	recorder.spool_spans = recorder.mark_spans;
	recorder.run_count = recorder.mark_runs;
}

void recorder_spool_items(struct signal_items *items)
{
	for (unsigned i = 0; i < recorder.run_count; i++) {
		const struct run *run = &recorder.runs[i];

		items->scopes[i].head = scope_head(run->scope);
		items->scopes[i].items = (str){ recorder_room + recorder.spool_start + run->at, run_end(i) - run->at };
	}
	items->scope_count = recorder.run_count;
	items->count = recorder.spool_spans;
}

str recorder_spool(void)
{
	return (str){ recorder_room + recorder.spool_start, recorder.spool_n };
}

void recorder_spool_empty(void)
{
	recorder.spool_n = recorder.spool_spans = 0;
	recorder.run_count = 0;
	spool_mark();
}
