// SPDX-License-Identifier: MIT
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
	"usage: bench --candidates FILE --event FILE [options]; writes JSON\n"
	"  --candidates FILE     three lines each: name, build command, start command (tests/bench/README.md)\n"
	"  --only 'A B'          of these, in the order of the file\n"
	"  --event FILE          what /next gives\n"
	"  --rounds N            starts of each (300)\n"
	"  --warm N              invocations after the first, in each start (50)\n"
	"  --warm-up N           rounds that do not count (3)\n"
	"  --cores 1|2           bootstrap and harness share a core, as below 1769 MB of memory (1), or have one each\n"
	"  --memory MB           the share of a CPU that a function of this size has, where control groups are allowed\n"
	"  --cold                programs leave the page cache before each start\n"
	"  --seed N              the same order as another run\n"
	"  --counted             not to be timed: spans are decoded, threads and growth looked at, the end is SIGTERM\n"
	"  --starts-only         each start ends at the first /next\n"
	"  --under 'COMMAND'     what bootstraps run under: strace, valgrind\n"
	"  --patience S          seconds until a bootstrap that says nothing has failed (10)\n"
	"  --sink-port N         where the OTLP receiver listens, for who stands before it (any)\n"
	"  --copies DIR          bootstraps run from a copy of their own there\n"
	"  --otlps HOST:PORT, --ca FILE, --top DIR, --arch NAME\n"
	"                        what start commands mean by {otlps}, {ca}, {top}, {arch}\n";

static _Noreturn void refuse(const char *option, const char *why)
{
	fprintf(stderr, "bench: %s: %s\n%s", option, why, usage);
	exit(2);
}

static uint64_t number(const char *option, const char *text, uint64_t max)
{
	char *end;
	uint64_t value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || end == text || *end || value > max)
		refuse(option, "not a number, or too large");
	return value;
}

static void take(struct options *o, struct run *r, int option)
{
	struct bench *b = r->bench;

	switch (option) {
	case 'c': o->candidates = optarg; break;
	case 'o': o->only = *optarg ? optarg : NULL; break;
	case 'e': o->event = optarg; break;
	case 'r': r->rounds = (unsigned)number("--rounds", optarg, 1000000); break;
	case 'w': b->warm = (unsigned)number("--warm", optarg, 1000000); break;
	case 'u': r->warm_up = (unsigned)number("--warm-up", optarg, 1000); break;
	case 'C': o->cores = (unsigned)number("--cores", optarg, 2); break;
	case 'm': b->memory_mb = r->quota_mb = (unsigned)number("--memory", optarg, 10240); break;
	case 'd': b->cold = true; break;
	case 's': r->seed = number("--seed", optarg, UINT32_MAX); break;
	case 'n': b->counted = true; break;
	case 'S': b->starts_only = true; break;
	case 'U': o->under = optarg; break;
	case 'p': b->patience_s = (unsigned)number("--patience", optarg, 100000); break;
	case 'k': o->copies = optarg; break;
	case 'P': o->sink_port = (uint16_t)number("--sink-port", optarg, UINT16_MAX); break;
	case 'O': o->otlps = *optarg ? optarg : NULL; break;
	case 'a': o->ca = *optarg ? optarg : NULL; break;
	case 't': o->top = optarg; break;
	case 'A': o->arch = optarg; break;
	default:  refuse("options", "there is no such one");
	}
}

void options_read(struct options *o, struct run *r, int argc, char **argv)
{
	static const struct option known[] = {
		{ "candidates", 1, 0, 'c' },  { "only", 1, 0, 'o' },      { "event", 1, 0, 'e' },
		{ "rounds", 1, 0, 'r' },      { "warm", 1, 0, 'w' },      { "warm-up", 1, 0, 'u' },
		{ "cores", 1, 0, 'C' },       { "memory", 1, 0, 'm' },    { "cold", 0, 0, 'd' },
		{ "seed", 1, 0, 's' },        { "counted", 0, 0, 'n' },   { "under", 1, 0, 'U' },
		{ "patience", 1, 0, 'p' },    { "copies", 1, 0, 'k' },    { "otlps", 1, 0, 'O' },
		{ "ca", 1, 0, 'a' },          { "top", 1, 0, 't' },       { "arch", 1, 0, 'A' },
		{ "starts-only", 0, 0, 'S' }, { "sink-port", 1, 0, 'P' }, { 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1)
		take(o, r, option);
	if (optind != argc)
		refuse(argv[optind], "is not an option");
	if (!o->candidates || !o->event)
		refuse("--candidates, --event", "both are needed");
	if (!r->rounds || !o->cores || !r->bench->patience_s || !r->bench->memory_mb)
		refuse("a number", "of these, none may be 0");
}
