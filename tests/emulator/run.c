// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "run.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define INVOCATIONS_MAX 1000000u
#define STARTS_MAX 3 /* that fail one after the other: what cannot be executed now will not be in a moment */

static void begin(struct run *r);

/* ---- one invocation after the other ---- */

static void on_closed(struct function *f)
{
	loop_stop(f->loop);
}

static void on_pause(struct loop_timer *t)
{
	begin(t->owner);
}

static void on_gone(struct function *f, struct environment_record *e)
{
	struct run *r = f->owner;

	r->failed_starts = e->start_errno ? r->failed_starts + 1 : 0;
}

static void give_up(struct run *r)
{
	fprintf(stderr,
	        "emulator: %s cannot be executed: %s; gave up after %d tries, %u of %u invocations were not begun\n",
	        r->options.config.bootstrap, strerror(r->function.records[r->function.record_count - 1]->start_errno),
	        STARTS_MAX, r->n - r->started, r->n);
	r->n = r->started;
	r->gave_up = true;
	function_close(&r->function, on_closed);
}

static void on_finished(struct invocation *inv)
{
	struct run *r = inv->owner;

	r->finished++;
	xray_daemon_drain(&r->xray);
	if (!r->quiet)
		report_invocation(r, inv);
	if (r->gave_up)
		return;
	if (r->failed_starts >= STARTS_MAX && r->finished < r->n)
		give_up(r);
	else if (r->finished == r->n)
		function_close(&r->function, on_closed);
	else if (r->pause_ms)
		loop_after(&r->loop, &r->pause, r->pause_ms * (uint64_t)NS_PER_MS);
	else
		begin(r);
}

static void begin(struct run *r)
{
	struct invocation *inv;
	const struct buf *event;

	if (r->started == r->n)
		return;
	inv = &r->invocations[r->started];
	event = &r->events[r->started++ % r->event_count];
	inv->event = event->p;
	inv->event_n = event->n;
	inv->owner = r;
	inv->finished = on_finished;
	function_invoke(&r->function, inv);
}

static void on_line(struct function *f, unsigned invocation, enum sandbox_stream stream, const char *text, size_t n)
{
	struct run *r = f->owner;

	(void)invocation;
	(void)stream;
	if (!r->quiet)
		collector_line(&r->collector, text, n);
}

static uint64_t exported(struct function *f)
{
	struct run *r = f->owner;

	xray_daemon_drain(&r->xray);
	return http_arrived(&r->otlp.server) + r->xray.read;
}

static void on_export(struct otlp_receiver *o, struct otlp_request *q)
{
	struct run *r = o->owner;

	if (!r->quiet)
		collector_add(&r->collector, q->kind, q->body.p, q->body.n, "otlp/http");
}

/* ---- the command line ---- */

static bool read_file(const char *path, struct buf *to)
{
	FILE *in = strcmp(path, "-") ? fopen(path, "re") : stdin;
	bool ok = in && buf_read(to, in);

	if (!ok)
		fprintf(stderr, "emulator: %s: %s\n", path, strerror(errno));
	if (in && in != stdin)
		fclose(in);
	return ok;
}

static struct buf *add_event(struct run *r)
{
	r->events = must_grow(r->events, r->event_count + 1, sizeof *r->events);
	r->events[r->event_count] = (struct buf){ 0 };
	return &r->events[r->event_count++];
}

/* What all invocations get. */
static bool take_invocation_option(struct invocation *inv, const char *name, const char *value)
{
	const struct {
		const char *name, **to;
	} texts[] = {
		{ "--content-type", &inv->content_type },
		{ "--request-id", &inv->request_id },
		{ "--client-context", &inv->client_context },
		{ "--cognito", &inv->cognito_identity },
		{ "--tenant", &inv->tenant_id },
		{ "--trace", &inv->trace },
		{ "--deadline", &inv->deadline },
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		if (strcmp(name, texts[i].name))
			continue;
		*texts[i].to = value;
		if (!strcmp(value, "none") && (texts[i].to == &inv->trace || texts[i].to == &inv->deadline))
			*texts[i].to = "";
		return true;
	}
	return false;
}

static bool take_own_option(struct run *r, struct invocation *all, int argc, char **argv, int *i)
{
	const char *name = argv[*i], *value;

	if (!strcmp(name, "--quiet"))
		return r->quiet = true;
	if (!(value = option_value(argc, argv, i)))
		return false;
	if (!strcmp(name, "-n"))
		return option_number(name, value, INVOCATIONS_MAX, &r->n);
	if (!strcmp(name, "--pause-ms"))
		return option_number(name, value, 600000, &r->pause_ms);
	if (!strcmp(name, "--concurrency"))
		return option_number(name, value, 64, &r->concurrency);
	if (!strcmp(name, "--event"))
		return read_file(value, add_event(r));
	if (!strcmp(name, "--event-text")) {
		buf_puts(add_event(r), value);
		return true;
	}
	if (!strcmp(name, "--json")) {
		r->json = value;
		return true;
	}
	if (take_invocation_option(all, name, value))
		return true;
	fprintf(stderr, "emulator run: %s is not an option; `emulator help run` lists them\n", name);
	return false;
}

static bool read_options(struct run *r, int argc, char **argv)
{
	struct invocation all = { 0 };

	r->n = r->concurrency = 1;
	for (int i = 1; i < argc; i++) {
		switch (options_take(&r->options, argc, argv, &i)) {
		case OPTION_TAKEN: break;
		case OPTION_BAD:   return false;
		case OPTION_OTHER:
			if (!take_own_option(r, &all, argc, argv, &i))
				return false;
		}
	}
	if (!r->options.config.bootstrap) {
		fputs("emulator run: --bootstrap PATH says what to run; `emulator help run` lists the options\n", stderr);
		return false;
	}
	if (!r->event_count)
		buf_puts(add_event(r), "{}");
	if (!r->concurrency)
		r->concurrency = 1;
	if (r->options.config.max_environments < r->concurrency)
		r->options.config.max_environments = r->concurrency;
	r->invocations = must_alloc(r->n, sizeof *r->invocations);
	for (unsigned i = 0; i < r->n; i++)
		r->invocations[i] = all;
	return true;
}

void run_help(FILE *to)
{
	fputs("emulator run --bootstrap PATH [options] [-- ARGS...]\n"
	      "Starts the function as Lambda would, hands it events, and shows what it did. Exit status: 0 when every "
	      "event was\n"
	      "answered and nothing was violated, 1 when not, 2 when the command line was not understood.\n\n"
	      "  --event FILE          the event, - for standard input ({}); given more than once they take turns\n"
	      "  --event-text TEXT     the same\n"
	      "  -n N                  invocations (1)               --concurrency N      that many at a time (1)\n"
	      "  --pause-ms T          between them                  --quiet              no report for people\n"
	      "  --json FILE           everything as JSON, - for standard output\n"
	      "  --content-type, --request-id, --client-context, --cognito, --tenant TEXT     of the event\n"
	      "  --trace TEXT|none     trace header (a new one, sampled)\n"
	      "  --deadline TEXT|none  deadline header as it stands, such as 600000 (the real one)\n",
	      to);
	options_help(to);
}

/* ---- all of it ---- */

static bool open_otlp(struct run *r)
{
	if (r->options.no_otlp)
		return true;
	r->otlp.loop = &r->loop;
	r->otlp.owner = r;
	r->otlp.received = on_export;
	r->otlp.faults = &r->options.otlp_faults;
	if (!otlp_receiver_open(&r->otlp, 0)) {
		fprintf(stderr, "emulator: cannot listen for OTLP on 127.0.0.1: %s\n", strerror(errno));
		return false;
	}
	r->options.config.otlp_endpoint = r->otlp.endpoint;
	return true;
}

static bool open_xray(struct run *r)
{
	if (!r->options.xray)
		return true;
	if (!xray_daemon_open(&r->xray, &r->loop, &r->collector)) {
		fprintf(stderr, "emulator: no X-Ray daemon on 127.0.0.1: %s\n", strerror(errno));
		return false;
	}
	r->options.config.xray_address = r->xray.address;
	return true;
}

static bool write_json(const struct run *r)
{
	struct buf b = { 0 };
	FILE *out = strcmp(r->json, "-") ? fopen(r->json, "we") : stdout;
	bool ok;

	report_json(r, &b);
	ok = out && fwrite(b.p, 1, b.n, out) == b.n;
	if (out && out != stdout)
		ok &= !fclose(out);
	if (!ok)
		fprintf(stderr, "emulator: %s: %s\n", r->json, strerror(errno));
	buf_free(&b);
	return ok;
}

static bool all_answered(const struct run *r)
{
	for (unsigned i = 0; i < r->n; i++)
		if (r->invocations[i].outcome != INVOCATION_ANSWERED)
			return false;
	return true;
}

static void free_run(struct run *r)
{
	for (unsigned i = 0; i < r->n && r->invocations; i++)
		invocation_free(&r->invocations[i]);
	free(r->invocations);
	for (size_t i = 0; i < r->event_count; i++)
		buf_free(&r->events[i]);
	free(r->events);
	function_free(&r->function);
	otlp_receiver_free(&r->otlp);
	collector_free(&r->collector);
	options_free(&r->options);
	loop_free(&r->loop);
}

int run_main(int argc, char **argv)
{
	static struct run r;
	int status = 2;

	signal(SIGPIPE, SIG_IGN);
	r.style = r.collector.waterfall.style = ink_style_of(1);
	if (read_options(&r, argc, argv) && open_otlp(&r) && open_xray(&r)) {
		r.function.loop = &r.loop;
		r.function.owner = &r;
		r.function.config = r.options.config;
		r.function.line = on_line;
		r.function.gone = on_gone;
		r.function.exported = exported;
		r.pause = (struct loop_timer){ .fire = on_pause, .owner = &r };
		function_open(&r.function);
		for (unsigned i = 0; i < r.concurrency; i++)
			begin(&r);
		if (!r.n) {
			function_start(&r.function);
			function_close(&r.function, on_closed);
		}
		loop_run(&r.loop);
		otlp_receiver_close(&r.otlp);
		xray_daemon_close(&r.xray, &r.loop);
		if (!r.quiet)
			report_end(&r);
		status = all_answered(&r) && !r.function.violations.n ? 0 : 1;
		if (r.json && !write_json(&r))
			status = 1;
	}
	free_run(&r);
	return status;
}
