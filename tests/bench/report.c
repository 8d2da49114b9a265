// SPDX-License-Identifier: MIT
#include "report.h"

#include "json.h"

static void key(struct buf *b, const char *name)
{
	json_cstr(b, name, "");
	b->n -= 2; /* the empty string's quotes: the writer has put the comma and the key */
}

static void us(struct buf *b, uint64_t ns)
{
	buf_printf(b, "%s%llu.%03llu", b->p[b->n - 1] == '[' ? "" : ",", (unsigned long long)(ns / 1000),
	           (unsigned long long)(ns % 1000));
}

static void list_us(struct buf *b, const char *name, const struct result *x, size_t field)
{
	json_open(b, name, '[');
	for (size_t i = 0; i < x->round_count; i++)
		us(b, *(const uint64_t *)(const void *)((const char *)&x->rounds[i] + field));
	json_close(b, ']');
}

static void lists_us(struct buf *b, const char *name, const struct result *x, size_t field, unsigned warm)
{
	json_open(b, name, '[');
	for (size_t i = 0; i < x->round_count; i++) {
		const uint64_t *of_round = *(uint64_t *const *)(const void *)((const char *)&x->rounds[i] + field);

		buf_puts(b, i ? ",[" : "[");
		for (unsigned j = 0; j < warm; j++)
			us(b, of_round[j]);
		buf_puts(b, "]");
	}
	json_close(b, ']');
}

static void list_counts(struct buf *b, const char *name, const struct result *x, size_t field)
{
	json_open(b, name, '[');
	for (size_t i = 0; i < x->round_count; i++)
		buf_printf(b, "%s%lu", i ? "," : "",
		           *(const unsigned long *)(const void *)((const char *)&x->rounds[i] + field));
	json_close(b, ']');
}

#define US(name, field) list_us(b, name, x, offsetof(struct round, field))
#define COUNTS(name, field) list_counts(b, name, x, offsetof(struct round, field))

static void samples(struct buf *b, const struct result *x, unsigned warm)
{
	US("exec_to_next_us", next_ns);
	US("init_us", init_ns);
	US("connect_us", connect_ns);
	US("first_us", first_ns);
	US("first_turnaround_us", first_turn_ns);
	lists_us(b, "warm_us", x, offsetof(struct round, warm_ns), warm);
	lists_us(b, "turnaround_us", x, offsetof(struct round, turn_ns), warm);
	US("answer_begun_us", begun_ns);
	US("cpu_init_us", at_init.cpu_ns);
	US("cpu_us", at_end.cpu_ns);
	COUNTS("faults_init", at_init.minor_faults);
	COUNTS("faults", at_end.minor_faults);
	COUNTS("major_faults", at_end.major_faults);
	COUNTS("rss_init_kb", at_init.rss_kb);
	COUNTS("rss_kb", at_end.rss_kb);
}

static void counts(struct buf *b, const struct result *x, bool counted)
{
	const struct start_counts *n = &x->counts;

	json_open(b, "totals", '{');
	json_u64(b, "invocations", x->invocations);
	json_u64(b, "requests", n->requests);
	json_u64(b, "requests_after_answer", n->requests_after);
	json_u64(b, "bytes", n->bytes);
	json_u64(b, "connections", n->connections);
	json_u64(b, "datagrams", n->datagrams);
	json_u64(b, "datagram_bytes", n->datagram_bytes);
	json_u64(b, "stdout_bytes", n->stdout_bytes);
	if (counted) {
		json_u64(b, "spans_arrived", n->spans.arrived);
		json_u64(b, "spans_dropped", n->spans.dropped);
		json_u64(b, "signed", n->signed_requests);
		json_u64(b, "switches", n->switches);
		json_u64(b, "switches_forced", n->switches_forced);
		json_u64(b, "threads", n->threads);
		json_open(b, "rss_kb", '[');
		for (unsigned i = 0; i < n->rss_count; i++)
			buf_printf(b, "%s[%u,%lu]", i ? "," : "", n->rss[i].invocations, n->rss[i].kb);
		json_close(b, ']');
	}
	json_close(b, '}');
}

static void result(struct buf *b, const struct result *x, const struct bench *bench)
{
	const struct candidate *c = &x->candidate;

	json_open(b, NULL, '{');
	json_cstr(b, "name", c->name);
	json_cstr(b, "build", c->build);
	json_cstr(b, "start", c->start);
	json_cstr(b, "program", c->bootstrap.argv ? c->bootstrap.argv[0] : NULL);
	json_open(b, "extensions", '[');
	for (size_t i = 0; i < c->extension_count; i++)
		json_cstr(b, NULL, c->extensions[i].argv[0]);
	json_close(b, ']');
	json_u64(b, "spans", c->spans);
	json_u64(b, "init_spans", c->init_spans);
	if (x->not_measured)
		json_cstr(b, "not_measured", x->not_measured);
	else {
		samples(b, x, bench->warm);
		counts(b, x, bench->counted);
	}
	json_close(b, '}');
}

static void cpu_number(struct buf *b, const char *name, int cpu)
{
	key(b, name);
	buf_printf(b, cpu < 0 ? "null" : "%d", cpu);
}

static void cpu(struct buf *b, const struct run *r)
{
	const struct bench *bench = r->bench;

	json_open(b, "cpu", '{');
	cpu_number(b, "harness", bench->harness_cpu);
	cpu_number(b, "bootstrap", bench->bootstrap_cpu);
	json_bool(b, "one_core", bench->harness_cpu >= 0 && bench->harness_cpu == bench->bootstrap_cpu);
	key(b, "memory_mb");
	buf_printf(b, r->quota_mb ? "%u" : "null", r->quota_mb);
	json_cstr(b, "page_cache", bench->cold ? "cold" : "warm");
	json_close(b, '}');
}

void report_json(const struct run *r, FILE *to)
{
	struct buf b = { 0 };

	json_open(&b, NULL, '{');
	json_u64(&b, "rounds", r->rounds);
	json_u64(&b, "warm_per_round", r->bench->warm);
	json_u64(&b, "warm_up_rounds", r->warm_up);
	json_u64(&b, "seed", r->seed);
	key(&b, "seconds");
	buf_printf(&b, "%.1f", (double)r->ns / 1e9);
	json_u64(&b, "event_bytes", r->bench->event.n);
	cpu(&b, r);
	json_open(&b, "notes", '[');
	if (r->bench->harness_cpu < 0)
		json_cstr(&b, NULL, "CPUs cannot be chosen here: nothing is pinned");
	if (r->quota_refused)
		json_cstr(&b, NULL, r->quota_refused);
	if (r->bench->still_cached)
		json_cstr(&b, NULL, "the kernel kept pages of a program that it was asked to forget: that start was not cold");
	json_close(&b, ']');
	json_open(&b, "candidates", '[');
	for (size_t i = 0; i < r->count; i++)
		result(&b, &r->results[i], r->bench);
	json_close(&b, ']');
	json_close(&b, '}');
	fprintf(to, "%s\n", b.p);
	buf_free(&b);
}
