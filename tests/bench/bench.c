// SPDX-License-Identifier: MIT
/*
 * bench: bootstraps side by side, in one run. Every round starts each of them once, in an order shuffled anew (a fixed or rotated one made
 * whoever followed a heavy process look 10-20 us slower), so that the machine's drift hits all alike. What comes out is every sample; who
 * builds candidates, counts their system calls and draws conclusions is tests/bench/run.
 */
#define _GNU_SOURCE
#include "json.h"
#include "options.h"
#include "quota.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define UNDER_MAX 32

static _Noreturn void fail(const char *what, const char *why)
{
	fprintf(stderr, "bench: %s: %s\n", what, why);
	exit(1);
}

/* xorshift64: all that shuffling needs */
static uint64_t draw(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void shuffle(size_t *order, size_t n, uint64_t *state)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = (size_t)(draw(state) % i), kept = order[i - 1];

		order[i - 1] = order[j];
		order[j] = kept;
	}
}

/* The last CPUs this process may use: the first one serves most interrupts. */
static void choose_cpus(struct bench *b, unsigned cores)
{
	cpu_set_t set;

	b->harness_cpu = b->bootstrap_cpu = -1;
	if (sched_getaffinity(0, sizeof set, &set))
		return;
	for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, &set)) {
			b->bootstrap_cpu = b->harness_cpu;
			b->harness_cpu = (int)cpu;
		}
	}
	if (cores == 1)
		b->bootstrap_cpu = b->harness_cpu;
	else if (b->bootstrap_cpu < 0)
		fail("--cores 2", "there is one CPU only");
}

static bool read_file(struct buf *into, const char *path)
{
	FILE *f = fopen(path, "rb");
	size_t n;

	if (!f)
		return false;
	while ((n = fread(buf_room(into, 65536), 1, 65536, f)))
		into->n += n;
	fclose(f);
	buf_add(into, "", 0);
	return true;
}

/* Sample events are laid out for people; Lambda's have no white space between tokens. What is not JSON stays as it is. */
static void compact(struct buf *event)
{
	const char *why;
	struct json *json = json_parse(event->p, event->n, &why);
	bool string = false;
	size_t to = 0;

	if (!json)
		return;
	json_free(json);
	for (size_t i = 0; i < event->n; i++) {
		char c = event->p[i];

		if (!string && (c == ' ' || c == '\n' || c == '\r' || c == '\t'))
			continue;
		if (string && c == '\\')
			event->p[to++] = event->p[i++];
		else if (c == '"')
			string = !string;
		event->p[to++] = event->p[i];
	}
	event->n = to;
}

static bool is_one_of(const char *name, const char *list)
{
	size_t n = strlen(name);

	for (const char *at = list; (at = strstr(at, name)); at++)
		if ((at == list || at[-1] == ' ') && (at[n] == ' ' || !at[n]))
			return true;
	return false;
}

static void choose_candidates(struct run *r, const struct options *o)
{
	const struct replacement with[] = { { "{otlp}", r->bench->sink.http },
		                                { "{udp}", r->bench->sink.udp },
		                                { "{otlps}", o->otlps },
		                                { "{ca}", o->ca },
		                                { "{top}", o->top },
		                                { "{arch}", o->arch },
		                                { NULL, NULL } };
	struct candidate c;
	struct buf file = { 0 };
	const char *text, *why;

	if (!read_file(&file, o->candidates))
		fail(o->candidates, strerror(errno));
	text = file.p;
	while (candidate_read(&c, &text, with, &why)) {
		if (o->only && !is_one_of(c.name, o->only))
			continue;
		r->results = must_grow(r->results, r->count + 1, sizeof *r->results);
		r->results[r->count++] = (struct result){ .candidate = c, .not_measured = why };
	}
	if (!r->count)
		fail(o->candidates, "none of the candidates asked for is there");
}

/*
 * A static bootstrap runs from a file of its own: one that is started twice a round under two names would find its pages in the CPU's
 * caches more often than the others (seen: echo at 1.21 of the floor, hello, with three rows of the table, at 1.15).
 */
static void own_copy(struct result *x, const char *folder)
{
	char **program = x->candidate.bootstrap.argv, *to;
	struct buf bytes = { 0 };
	FILE *f;

	if (!folder || strcmp(strrchr(*program, '/'), "/bootstrap"))
		return;
	if (!read_file(&bytes, *program)) {
		x->not_measured = must_print("%s: %s", *program, strerror(errno));
		return;
	}
	mkdir(folder, 0755);
	to = must_print("%s/%s", realpath(folder, NULL), x->candidate.name);
	unlink(to);
	f = fopen(to, "wb");
	if (!f || fwrite(bytes.p, 1, bytes.n, f) != bytes.n || fclose(f) || chmod(to, 0755))
		fail(to, strerror(errno));
	buf_free(&bytes);
	*program = to;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void keep(struct result *x, const struct start *s, const struct run *r)
{
	unsigned warm = r->bench->warm;
	struct start_counts *sum = &x->counts;
	const struct start_counts *n = &s->counts;
	struct round *kept;

	if (!x->rounds)
		x->rounds = must_alloc(r->rounds, sizeof *x->rounds);
	kept = &x->rounds[x->round_count++];
	*kept = (struct round){ .connect_ns = s->connect_ns,
		                    .next_ns = s->next_ns,
		                    .init_ns = s->init_ns,
		                    .first_ns = s->first_ns,
		                    .first_turn_ns = s->first_turn_ns,
		                    .at_init = s->at_init,
		                    .at_end = s->at_end };
	kept->warm_ns = must_alloc(warm + 1, sizeof *kept->warm_ns);
	kept->turn_ns = must_alloc(warm + 1, sizeof *kept->turn_ns);
	memcpy(kept->warm_ns, s->warm_ns, warm * sizeof *kept->warm_ns);
	memcpy(kept->turn_ns, s->turn_ns, warm * sizeof *kept->turn_ns);
	qsort(s->begun_ns, warm, sizeof *s->begun_ns, by_value);
	kept->begun_ns = s->begun_ns[warm / 2];
	x->invocations += warm + 1;
	sum->requests += n->requests;
	sum->requests_after += n->requests_after;
	sum->bytes += n->bytes;
	sum->connections += n->connections;
	sum->datagrams += n->datagrams;
	sum->datagram_bytes += n->datagram_bytes;
	sum->stdout_bytes += n->stdout_bytes;
	sink_add(&sum->spans, n->spans);
	sum->signed_requests += n->signed_requests;
	sum->switches += n->switches;
	sum->switches_forced += n->switches_forced;
	sum->threads = n->threads;
	sum->rss_count = n->rss_count;
	memcpy(sum->rss, n->rss, sizeof sum->rss);
}

/* One that fails once is out, with what it said, and the others go on. */
static void measure(struct run *r)
{
	struct bench *b = r->bench;
	uint64_t state = r->seed * 2 + 1, began = clock_ns();
	size_t *order = must_alloc(r->count, sizeof *order);
	struct start s = { 0 };

	s.warm_ns = must_alloc(b->warm + 1, sizeof *s.warm_ns);
	s.begun_ns = must_alloc(b->warm + 1, sizeof *s.begun_ns);
	s.turn_ns = must_alloc(b->warm + 1, sizeof *s.turn_ns);
	for (size_t i = 0; i < r->count; i++)
		order[i] = i;
	for (unsigned round = 0; round < r->warm_up + r->rounds; round++) {
		shuffle(order, r->count, &state);
		for (size_t i = 0; i < r->count; i++) {
			struct result *x = &r->results[order[i]];

			if (x->not_measured)
				continue;
			if (!start_measure(b, &x->candidate, &s))
				x->not_measured = must_copy(s.why, strlen(s.why));
			else if (round >= r->warm_up)
				keep(x, &s, r);
		}
	}
	free(order);
	r->ns = clock_ns() - began;
}

static void split_under(struct bench *b, const char *under)
{
	char *words = must_print("%s", under);
	size_t n = 0;

	b->under = must_alloc(UNDER_MAX + 1, sizeof *b->under);
	while (n < UNDER_MAX && (b->under[n] = strtok_r(words, " ", &words)))
		n++;
}

int main(int argc, char **argv)
{
	static struct bench b = { .warm = 50, .patience_s = 10, .memory_mb = 128 };
	struct options o = { .cores = 1, .top = "." };
	struct run r = { .bench = &b, .rounds = 300, .warm_up = 3 };
	struct quota quota = { 0 };

	if (getrandom(&r.seed, 4, 0) != 4) /* short enough to be typed again */
		fail("getrandom", strerror(errno));
	options_read(&o, &r, argc, argv);
	o.top = realpath(o.top, NULL);
	if (!o.top)
		fail("--top", strerror(errno));
	if (!read_file(&b.event, o.event))
		fail(o.event, strerror(errno));
	compact(&b.event);
	choose_cpus(&b, o.cores);
	if (!bench_open(&b, o.sink_port))
		fail("the measuring server", strerror(errno));
	if (r.quota_mb && !quota_open(&quota, r.quota_mb, &r.quota_refused))
		r.quota_mb = 0;
	b.procs_fd = quota.procs_fd;
	choose_candidates(&r, &o);
	for (size_t i = 0; i < r.count; i++) {
		struct candidate *c = &r.results[i].candidate;

		if (r.results[i].not_measured)
			continue;
		r.results[i].not_measured = candidate_find(c, o.top);
		if (!r.results[i].not_measured)
			own_copy(&r.results[i], o.copies);
	}
	if (o.under)
		split_under(&b, o.under);
	measure(&r);
	report_json(&r, stdout);
	quota_close(&quota);
	return 0;
}
