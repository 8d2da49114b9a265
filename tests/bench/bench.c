// SPDX-License-Identifier: MIT
/*
 * bench: bootstraps against the floor, in one run. Every round starts each of them once, in an order shuffled anew (a fixed or rotated
 * one made whoever followed a heavy process look 10-20 us slower), so that the machine's drift hits all alike.
 */
#include "json.h"
#include "report.h"

#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define WARM_UP_ROUNDS 3 /* not counted: page cache, CPU clock */

struct options {
	const char *build, *candidates, *event;
	unsigned cores;
	bool json;
};

static const char usage[] =
	"usage: bench [options]\n"
	"  --build DIR           folder of the build: DIR/hello/bootstrap, DIR/bench/floor\n"
	"  --candidates 'A B'    of the table, or DIR/NAME/bootstrap, instead of all of the table; the floor is always "
	"there\n"
	"  --rounds N            starts of each (300; make bench: 1000)\n"
	"  --warm N              invocations after the first, in each start (50)\n"
	"  --event FILE          what /next gives\n"
	"  --cores 1|2           bootstrap and harness share a core, as below 1769 MB of memory (1), or have one each\n"
	"  --seed N              the same order as another run\n"
	"  --json                JSON instead of the table\n";

static _Noreturn void fail(const char *what, const char *why)
{
	fprintf(stderr, "bench: %s: %s\n", what, why);
	exit(1);
}

static uint64_t number(const char *option, const char *text, uint64_t max)
{
	char *end;
	uint64_t value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || end == text || *end || value > max)
		fail(option, "not a number, or too large");
	return value;
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

static void read_file(struct buf *into, const char *path)
{
	FILE *f = fopen(path, "rb");
	size_t n;

	if (!f)
		fail(path, strerror(errno));
	while ((n = fread(buf_room(into, 65536), 1, 65536, f)))
		into->n += n;
	if (ferror(f))
		fail(path, strerror(errno));
	fclose(f);
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

/* A name that has no row in the table is a folder of the build: any handler can be measured as it is. */
static const struct candidate *find_candidate(const char *name)
{
	struct candidate *other;

	for (size_t i = 0; i < candidate_count; i++)
		if (!strcmp(candidates[i].name, name))
			return &candidates[i];
	other = must_alloc(1, sizeof *other);
	*other = (struct candidate){ .name = name, .path = must_print("%s/bootstrap", name), .handler = "bootstrap" };
	return other;
}

static void choose_candidates(struct run *r, const char *list)
{
	char *names = must_print("%s", list ? list : ""), *name;
	size_t room = candidate_count + strlen(names) + 1;

	r->results = must_alloc(room, sizeof *r->results);
	r->results[r->count++].candidate = &candidates[0];
	for (size_t i = 1; i < candidate_count && !list; i++)
		r->results[r->count++].candidate = &candidates[i];
	while ((name = strtok_r(names, " ", &names)))
		if (strcmp(name, candidates[0].name))
			r->results[r->count++].candidate = find_candidate(name);
}

/*
 * Every candidate runs from a file of its own: one that is started twice a round under two names would find its pages in the CPU's
 * caches more often than the others (seen: echo at 1.21 of the floor, hello, with three rows of the table, at 1.15).
 */
static void copy_bootstrap(struct result *x, const char *build)
{
	char *from = must_print("%s/%s", build, x->candidate->path),
		 *to = must_print("%s/bench/run-%s", build, x->candidate->name);
	struct buf bytes = { 0 };
	FILE *f;

	read_file(&bytes, from);
	unlink(to);
	f = fopen(to, "wb");
	if (!f || fwrite(bytes.p, 1, bytes.n, f) != bytes.n || fclose(f) || chmod(to, 0755))
		fail(to, strerror(errno));
	x->file_bytes = bytes.n;
	x->path = to;
	buf_free(&bytes);
	free(from);
}

static void keep(struct result *x, const struct start *s, unsigned warm)
{
	struct sample warm_now = { 0 }, turn_now = { 0 };

	sample_add(&x->init, (double)s->init_ns / 1e3);
	sample_add(&x->first, (double)s->first_ns / 1e3);
	for (unsigned i = 0; i < warm; i++) {
		sample_add(&warm_now, (double)s->warm_ns[i] / 1e3);
		sample_add(&turn_now, (double)s->turn_ns[i] / 1e3);
		sample_add(&x->warm_all, (double)s->warm_ns[i] / 1e3);
		sample_add(&x->turn_all, (double)s->turn_ns[i] / 1e3);
	}
	sample_add(&x->warm, sample_quantile(&warm_now, 0.5));
	sample_add(&x->turn, sample_quantile(&turn_now, 0.5));
	sample_free(&warm_now);
	sample_free(&turn_now);
	sample_add(&x->faults_init, (double)s->at_init.minor_faults);
	sample_add(&x->faults, (double)s->at_end.minor_faults);
	sample_add(&x->rss_init, (double)s->at_init.rss_kb);
	sample_add(&x->rss, (double)s->at_end.rss_kb);
	x->invocations += warm + 1;
	x->stdout_bytes += s->stdout_bytes;
	x->sink_bytes += s->sink_bytes;
	x->sink_requests += s->sink_requests;
}

static void measure(struct bench *b, struct run *r)
{
	uint64_t state = r->seed * 2 + 1, began = clock_ns();
	size_t *order = must_alloc(r->count, sizeof *order);
	struct start s = { .warm_ns = must_alloc(b->warm, sizeof *s.warm_ns),
		               .turn_ns = must_alloc(b->warm, sizeof *s.turn_ns) };

	for (size_t i = 0; i < r->count; i++)
		order[i] = i;
	for (unsigned round = 0; round < WARM_UP_ROUNDS + r->rounds; round++) {
		shuffle(order, r->count, &state);
		for (size_t i = 0; i < r->count; i++) {
			struct result *x = &r->results[order[i]];

			if (!start_measure(b, x->candidate, x->path, &s))
				fail(x->candidate->name, s.why);
			if (round >= WARM_UP_ROUNDS)
				keep(x, &s, b->warm);
		}
	}
	free(order);
	free(s.warm_ns);
	free(s.turn_ns);
	r->ns = clock_ns() - began;
}

static void read_options(int argc, char **argv, struct options *o, struct bench *b, struct run *r)
{
	static const struct option known[] = {
		{ "build", 1, 0, 'b' }, { "candidates", 1, 0, 'c' }, { "rounds", 1, 0, 'r' },
		{ "warm", 1, 0, 'w' },  { "event", 1, 0, 'e' },      { "cores", 1, 0, 'C' },
		{ "seed", 1, 0, 's' },  { "json", 0, 0, 'j' },       { 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (option) {
		case 'b': o->build = realpath(optarg, NULL); break; /* bootstraps run in another folder */
		case 'c': o->candidates = *optarg ? optarg : NULL; break;
		case 'r': r->rounds = (unsigned)number("--rounds", optarg, 1000000); break;
		case 'w': b->warm = (unsigned)number("--warm", optarg, 1000000); break;
		case 'e': o->event = optarg; break;
		case 'C': o->cores = (unsigned)number("--cores", optarg, 2); break;
		case 's': r->seed = number("--seed", optarg, UINT64_MAX); break;
		case 'j': o->json = true; break;
		default:  fputs(usage, stderr); exit(2);
		}
	}
	if (!o->build)
		fail("--build", "there is no such folder");
	if (optind != argc || !o->event || !r->rounds || !b->warm || !o->cores) {
		fputs(usage, stderr);
		exit(2);
	}
}

int main(int argc, char **argv)
{
	struct options o = { .cores = 1 };
	struct bench b = { .warm = 50 };
	struct run r = { .bench = &b, .rounds = 300 };

	if (getrandom(&r.seed, 4, 0) != 4) /* short enough to be typed again */
		fail("getrandom", strerror(errno));
	read_options(argc, argv, &o, &b, &r);
	read_file(&b.event, o.event);
	compact(&b.event);
	choose_candidates(&r, o.candidates);
	for (size_t i = 0; i < r.count; i++)
		copy_bootstrap(&r.results[i], o.build);
	choose_cpus(&b, o.cores);
	if (!bench_open(&b))
		fail("the measuring server", strerror(errno));
	measure(&b, &r);
	if (o.json)
		report_json(&r, stdout);
	else
		report_text(&r, stdout);
	return 0;
}
