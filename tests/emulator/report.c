// SPDX-License-Identifier: MIT
/* The report for people: the answer, the function's own log lines, the trace, where the time went. */
#define _GNU_SOURCE
#include "json.h"
#include "otlp_stdout.h"
#include "run.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TEXT_SHOWN 4096u /* of an answer; more is cut, with a word about it */
#define IN_FULL 10u      /* invocations reported one by one; of more only the first and those that failed */

static void heading(const struct run *r, const char *text)
{
	ink_on(stdout, &r->style, INK_BOLD);
	printf("%s\n", text);
	ink_off(stdout, &r->style, INK_BOLD);
}

static void print_line(const struct run *r, const char *margin, const char *p, size_t n)
{
	fputs(margin, stdout);
	while (n) { /* tabs as spaces: what a terminal makes of them depends on the margin */
		const char *tab = memchr(p, '\t', n);
		size_t part = tab ? (size_t)(tab - p) : n;

		text_print(stdout, (struct slice){ p, part }, &r->style, (size_t)-1);
		if (tab)
			fputs("  ", stdout);
		part += tab != NULL;
		p += part;
		n -= part;
	}
	putchar('\n');
}

static void print_lines(const struct run *r, const char *p, size_t n)
{
	while (n) {
		const char *lf = memchr(p, '\n', n);
		size_t line = lf ? (size_t)(lf - p) : n;

		print_line(r, "  ", p, line);
		line += lf != NULL;
		p += line;
		n -= line;
	}
}

static void print_answer(const struct run *r, const struct invocation *inv)
{
	size_t shown = inv->response.n > TEXT_SHOWN ? TEXT_SHOWN : inv->response.n;
	char *title = must_print("answer%s%s  %s, %zu bytes", inv->error_type ? ": " : "",
	                         inv->error_type ? inv->error_type : "",
	                         inv->response_type ? inv->response_type : "no content type", inv->response.n);

	heading(r, title);
	free(title);
	while (shown && shown < inv->response.n && (inv->response.p[shown] & 0xc0) == 0x80)
		shown--; /* not within a character */
	if (!utf8_valid(inv->response.p, shown) || memchr(inv->response.p ? inv->response.p : "", 0, shown))
		puts("  (not text)");
	else
		print_lines(r, inv->response.p, shown);
	if (shown < inv->response.n)
		printf("  ... and %zu bytes more\n", inv->response.n - shown);
}

static void print_logs(const struct run *r, const struct log_line *logs, size_t n)
{
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		if (otlp_stdout_is(logs[i].text, logs[i].n))
			continue;
		if (!any)
			heading(r, "log");
		any = true;
		print_line(r, logs[i].stream == SANDBOX_STDERR ? "  stderr  " : "  stdout  ", logs[i].text, logs[i].n);
	}
}

/* ---- where the time went ---- */

enum part { PART_INIT, PART_HANDLER, PART_ANSWER, PART_FLUSH, PARTS };

static const struct {
	const char *name, *from_to;
} parts[PARTS] = {
	[PART_INIT] = { "exec to first /next", "cold start" },
	[PART_HANDLER] = { "handler", "event written to answer begun" },
	[PART_ANSWER] = { "answer", "its first byte to acknowledged" },
	[PART_FLUSH] = { "flush", "acknowledged to next /next" },
};

static const struct environment_record *record_of(const struct run *r, const struct invocation *inv)
{
	for (size_t i = 0; i < r->function.record_count; i++)
		if (r->function.records[i]->pid == inv->pid && inv->pid)
			return r->function.records[i];
	return NULL;
}

/* false: that part did not come to pass */
static bool part_ns(const struct run *r, const struct invocation *inv, enum part part, uint64_t *ns)
{
	const struct environment_record *record = record_of(r, inv);
	uint64_t from = 0, to = 0;

	switch (part) {
	case PART_INIT:
		from = record && inv->cold ? record->exec_ns : 0;
		to = record ? record->first_next_ns : 0;
		break;
	case PART_HANDLER:
		from = inv->event_ns;
		to = inv->response_first_ns;
		break;
	case PART_ANSWER:
		from = inv->response_first_ns;
		to = inv->ack_ns;
		break;
	case PART_FLUSH:
		from = inv->ack_ns;
		to = inv->next_ns;
		break;
	case PARTS: break;
	}
	*ns = to - from;
	return from && to >= from;
}

static void print_times(const struct run *r, const struct invocation *inv)
{
	uint64_t ns;
	bool any = false;

	for (int p = 0; p < PARTS; p++) {
		if (!part_ns(r, inv, (enum part)p, &ns))
			continue;
		if (!any)
			heading(r, "time");
		any = true;
		printf("  %-20s %10.1f us  %s\n", parts[p].name, (double)ns / 1e3, parts[p].from_to);
	}
}

static bool in_full(const struct run *r, const struct invocation *inv)
{
	return r->n <= IN_FULL || inv->number == 1 || inv->outcome != INVOCATION_ANSWERED;
}

void report_invocation(struct run *r, struct invocation *inv)
{
	const struct environment_record *record = record_of(r, inv);
	char *title;
	FILE *nowhere;

	if (!in_full(r, inv)) {
		if ((nowhere = fopen("/dev/null", "we"))) { /* drawn all the same, so that it is given back */
			collector_draw(&r->collector, nowhere, inv->id);
			fclose(nowhere);
		}
		return;
	}
	title = must_print("%sinvocation %u  %s%s  %s", inv->number > 1 ? "\n" : "", inv->number, inv->id,
	                   inv->cold ? "  cold start" : "", invocation_outcome_name(inv->outcome));
	heading(r, title);
	free(title);
	if (record && inv->cold)
		print_logs(r, record->logs, record->log_count);
	print_logs(r, inv->logs, inv->log_count);
	print_answer(r, inv);
	fflush(stdout);
	collector_draw(&r->collector, stdout, inv->id);
	print_times(r, inv);
	fflush(stdout);
}

/* ---- the end ---- */

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void print_summary(const struct run *r)
{
	uint64_t *all = must_alloc(r->n, sizeof *all);

	printf("\n%u invocations in us%16s %10s %10s %10s\n", r->n, "min", "p50", "p99", "max");
	for (int p = 0; p < PARTS; p++) {
		size_t n = 0;

		for (unsigned i = 0; i < r->n; i++)
			n += part_ns(r, &r->invocations[i], (enum part)p, &all[n]);
		if (!n)
			continue;
		qsort(all, n, sizeof *all, by_size);
		printf("  %-20s %12.1f %10.1f %10.1f %10.1f\n", parts[p].name, (double)all[0] / 1e3, (double)all[n / 2] / 1e3,
		       (double)all[n - 1 - n / 100] / 1e3, (double)all[n - 1] / 1e3);
	}
	free(all);
}

/* What a function has sent while its client waited. */
static void print_export(const struct run *r)
{
	uint64_t all = r->otlp.server.read + r->xray.read, before = 0;

	for (unsigned i = 0; i < r->n; i++)
		before += r->invocations[i].outcome == INVOCATION_ANSWERED ? r->invocations[i].exported : 0;
	if (all)
		printf("\nexport  %llu bytes, %llu of them before an answer\n", (unsigned long long)all,
		       (unsigned long long)before);
}

static void print_failed_starts(const struct run *r)
{
	for (size_t i = 0; i < r->function.record_count; i++) {
		const struct environment_record *e = r->function.records[i];

		if (e->announced)
			continue;
		print_logs(r, e->logs, e->log_count);
		if (e->init_error.n) {
			heading(r, "init error");
			print_lines(r, e->init_error.p, e->init_error.n);
		}
	}
}

void report_end(struct run *r)
{
	const struct violations *v = &r->function.violations;

	print_failed_starts(r);
	collector_draw_rest(&r->collector, stdout);
	if (r->n > 1)
		print_summary(r);
	print_export(r);
	for (size_t i = 0; i < v->n; i++) {
		ink_on(stdout, &r->style, INK_RED);
		if (v->list[i].invocation)
			printf("VIOLATION in invocation %u: ", v->list[i].invocation);
		else
			printf("VIOLATION: ");
		ink_off(stdout, &r->style, INK_RED);
		text_print(stdout, (struct slice){ v->list[i].text, strlen(v->list[i].text) }, &r->style, (size_t)-1);
		putchar('\n');
	}
	fflush(stdout);
}
