// SPDX-License-Identifier: MIT
#include "report.h"

#include "json.h"

#include <stdio.h>

static double per_invocation(const struct result *x, uint64_t n)
{
	return x->invocations ? (double)n / (double)x->invocations : 0;
}

static void cpus(const struct bench *b, FILE *to)
{
	if (b->harness_cpu < 0)
		fprintf(to, "not pinned to a CPU");
	else if (b->harness_cpu == b->bootstrap_cpu)
		fprintf(to, "harness and bootstrap share CPU %d", b->harness_cpu);
	else
		fprintf(to, "harness on CPU %d, bootstrap on CPU %d", b->harness_cpu, b->bootstrap_cpu);
}

void report_text(const struct run *r, FILE *to)
{
	const struct result *floor = &r->results[0];

	fprintf(to,
	        "%u rounds in shuffled order (seed %llu, %.0f s), %u warm invocations in each, an event of %zu bytes;\n",
	        r->rounds, (unsigned long long)r->seed, (double)r->ns / 1e9, r->bench->warm, r->bench->event.n);
	cpus(r->bench, to);
	fprintf(to, ". Times in us. A ratio is the median over the rounds of candidate to floor.\n\n");
	fprintf(to,
	        "%-15s |  exec to first /next      | first |  warm answer              | turn- | faults    | RSS  |    "
	        "file | out/inv\n",
	        "");
	fprintf(to,
	        "%-15s | ratio   min   p50     p99 |   p50 | ratio   min   p50     p99 | round | init  all |   kB |   "
	        "bytes |   bytes\n",
	        "");
	for (size_t i = 0; i < r->count; i++) {
		const struct result *x = &r->results[i];
		struct spread init = sample_spread(&x->init), warm = sample_spread(&x->warm_all);

		fprintf(to,
		        "%-15s | %5.2f %5.0f %5.0f %7.0f | %5.0f | %5.2f %5.1f %5.1f %7.1f | %5.1f | %4.0f %4.0f | %4.0f | "
		        "%7llu | %7.0f\n",
		        x->candidate->name, sample_ratio(&x->init, &floor->init), init.min, init.p50, init.p99,
		        sample_quantile(&x->first, 0.5), sample_ratio(&x->warm, &floor->warm), warm.min, warm.p50, warm.p99,
		        sample_quantile(&x->turn_all, 0.5), sample_quantile(&x->faults_init, 0.5),
		        sample_quantile(&x->faults, 0.5), sample_quantile(&x->rss, 0.5), (unsigned long long)x->file_bytes,
		        per_invocation(x, x->stdout_bytes + x->sink_bytes));
	}
}

static void json_number(struct buf *b, const char *key, double v)
{
	char text[40];

	json_cstr(b, key, "");
	b->n -= 2; /* the empty string's quotes: the writer has put the comma and the key */
	snprintf(text, sizeof text, "%.3f", v);
	buf_puts(b, text);
}

static void json_spread(struct buf *b, const char *key, const struct sample *s)
{
	struct spread spread = sample_spread(s);

	json_open(b, key, '{');
	json_number(b, "min", spread.min);
	json_number(b, "p50", spread.p50);
	json_number(b, "p99", spread.p99);
	json_close(b, '}');
}

static void json_result(struct buf *b, const struct result *x, const struct result *floor)
{
	json_open(b, NULL, '{');
	json_cstr(b, "name", x->candidate->name);
	json_u64(b, "file_bytes", x->file_bytes);
	json_number(b, "init_ratio", sample_ratio(&x->init, &floor->init));
	json_number(b, "first_ratio", sample_ratio(&x->first, &floor->first));
	json_number(b, "warm_ratio", sample_ratio(&x->warm, &floor->warm));
	json_number(b, "turnaround_ratio", sample_ratio(&x->turn, &floor->turn));
	json_spread(b, "init_us", &x->init);
	json_spread(b, "first_us", &x->first);
	json_spread(b, "warm_us", &x->warm_all);
	json_spread(b, "turnaround_us", &x->turn_all);
	json_spread(b, "faults_init", &x->faults_init);
	json_spread(b, "faults", &x->faults);
	json_spread(b, "rss_init_kb", &x->rss_init);
	json_spread(b, "rss_kb", &x->rss);
	json_u64(b, "invocations", x->invocations);
	json_number(b, "stdout_bytes_per_invocation", per_invocation(x, x->stdout_bytes));
	json_number(b, "otlp_bytes_per_invocation", per_invocation(x, x->sink_bytes));
	json_number(b, "otlp_requests_per_invocation", per_invocation(x, x->sink_requests));
	json_close(b, '}');
}

void report_json(const struct run *r, FILE *to)
{
	struct buf b = { 0 };

	json_open(&b, NULL, '{');
	json_u64(&b, "rounds", r->rounds);
	json_u64(&b, "warm_per_round", r->bench->warm);
	json_u64(&b, "event_bytes", r->bench->event.n);
	json_u64(&b, "seed", r->seed);
	json_bool(&b, "pinned", r->bench->harness_cpu >= 0);
	json_bool(&b, "one_core", r->bench->harness_cpu >= 0 && r->bench->harness_cpu == r->bench->bootstrap_cpu);
	json_open(&b, "candidates", '[');
	for (size_t i = 0; i < r->count; i++)
		json_result(&b, &r->results[i], &r->results[0]);
	json_close(&b, ']');
	json_close(&b, '}');
	fprintf(to, "%s\n", b.p);
	buf_free(&b);
}
