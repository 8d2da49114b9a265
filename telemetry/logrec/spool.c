// SPDX-License-Identifier: MIT
#include "base/late.h"
#include "logrec/logrec.h"
#include "record/scope.h"
#include "region.h"

#include "logs.pb.h"

/* In the order in which they came, but that those of one scope stand together; see record/spool.c, which is the same for spans. */
static char room[REGION_LOG_BYTES] LATE;

static struct {
	size_t n, records;
	unsigned run_count;
	struct {
		size_t at;
		unsigned scope;
	} runs[SIGNAL_SCOPES_MAX];
} spool;

static size_t run_end(unsigned i)
{
	return i + 1 < spool.run_count ? spool.runs[i + 1].at : spool.n;
}

static unsigned run_of(unsigned scope)
{
	for (unsigned i = 0; i < spool.run_count; i++)
		if (spool.runs[i].scope == scope)
			return i;
	if (spool.run_count == SIGNAL_SCOPES_MAX)
		return SIGNAL_SCOPES_MAX;
	spool.runs[spool.run_count].at = spool.n;
	spool.runs[spool.run_count].scope = scope;
	return spool.run_count++;
}

char *log_spool_open(size_t n, unsigned scope)
{
	size_t size = wire_bytes_size(ScopeLogs_log_records_tag, n), end;
	unsigned run;
	char *p;

	if (size > sizeof room - spool.n || (run = run_of(scope)) == SIGNAL_SCOPES_MAX)
		return NULL;
	end = run_end(run);
	p = room + end;
	memmove(p + size, p, spool.n - end);
	for (unsigned i = run + 1; i < spool.run_count; i++)
		spool.runs[i].at += size;
	spool.n += size;
	spool.records++;
	return wire_length(p, ScopeLogs_log_records_tag, n);
}

void log_spool_items(struct signal_items *items)
{
	for (unsigned i = 0; i < spool.run_count; i++) {
		items->scopes[i].head = scope_head(spool.runs[i].scope);
		items->scopes[i].items = (str){ room + spool.runs[i].at, run_end(i) - spool.runs[i].at };
	}
	items->scope_count = spool.run_count;
	items->count = spool.records;
}

size_t log_spool_count(void)
{
	return spool.records;
}

void log_spool_empty(void)
{
	spool.n = spool.records = 0;
	spool.run_count = 0;
}
