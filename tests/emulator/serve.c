// SPDX-License-Identifier: MIT
// `make serve`: one function, its callers, its traces and its sources, all on one loop. What runs is a copy of the
// bootstrap, replaced in one step when a build succeeds: a new environment may be wanted in the middle of a build, or
// after one that failed and took the bootstrap with it.
#include "serve.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "call.h"
#include "collector.h"
#include "otlp_receiver.h"
#include "xray_daemon.h"
#include "rebuild.h"
#include "screen.h"
#include "serve_options.h"

enum {
	SETTLE_NS = 50 * 1000 * 1000, // for exports that come behind their invocation's end
	VIOLATIONS_COMPARED = 200,
};

struct serve {
	struct serve_options options;
	struct loop loop;
	struct function function;
	struct callers callers;
	struct otlp_receiver receiver;
	struct xray_daemon xray;
	struct collector collector;
	struct rebuild rebuild;
	struct loop_fd signals;
	struct loop_timer settle;
	struct ink_style style;
	const char *bootstrap; // as built
	char *copy, *folder, *arn;
	size_t violations_told;
	unsigned interrupts;
	int status;
};

// ---- the copy that runs ----

static bool same_bytes(const struct buf *a, const struct buf *b)
{
	return a->n == b->n && !memcmp(a->p, b->p, a->n);
}

static bool read_file(struct buf *b, const char *path)
{
	FILE *from = fopen(path, "rb");
	bool ok = from && buf_read(b, from);

	if (from)
		fclose(from);
	return ok;
}

enum copied { COPY_FAILED, COPY_SAME, COPY_NEW };

static enum copied copy_bootstrap(struct serve *s)
{
	struct buf now = { 0 }, before = { 0 };
	char *temporary = must_print("%s.new", s->copy);
	enum copied result = COPY_FAILED;

	if (!read_file(&now, s->bootstrap)) {
		fprintf(stderr, "emulator serve: %s: %s\n", s->bootstrap, strerror(errno));
	} else if (read_file(&before, s->copy) && same_bytes(&now, &before)) {
		result = COPY_SAME;
	} else {
		int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
		bool written = fd >= 0 && write(fd, now.p, now.n) == (ssize_t)now.n;
		written &= fd < 0 || !close(fd);
		if (written && !rename(temporary, s->copy))
			result = COPY_NEW;
		else
			fprintf(stderr, "emulator serve: %s: %s\n", temporary, strerror(errno));
	}
	free(temporary);
	buf_free(&now);
	buf_free(&before);
	return result;
}

// ---- what happens, and what is shown of it ----

// Each kind once: a function that breaks a rule does so every time.
static void tell_violations(struct serve *s)
{
	const struct violations *v = &s->function.violations;

	for (; s->violations_told < v->n; s->violations_told++) {
		const char *text = v->list[s->violations_told].text;
		bool told = false;
		for (size_t i = 0; i < s->violations_told && i < VIOLATIONS_COMPARED; i++)
			told |= !strcmp(v->list[i].text, text);
		if (!told)
			screen_note(&s->style, INK_RED, "! the runtime breaks the contract: %s", text);
	}
}

static void on_settled(struct loop_timer *t)
{
	struct serve *s = t->owner;

	if (!function_idle(&s->function))
		return;
	collector_draw_rest(&s->collector, stdout);
	otlp_receiver_forget(&s->receiver);
	fflush(stdout);
}

static void on_done(struct callers *c, struct call *call)
{
	struct serve *s = c->owner;
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	tell_violations(s);
	if (!out)
		return;
	xray_daemon_drain(&s->xray);
	screen_call(&s->style, out, call);
	if (collector_draw(&s->collector, out, call->id))
		putc('\n', out);
	fclose(out);
	fwrite(text, 1, n, stdout);
	fflush(stdout);
	free(text);
	loop_after(&s->loop, &s->settle, SETTLE_NS);
}

static void on_noted(struct callers *c, const char *what, int status, const char *why)
{
	struct serve *s = c->owner;

	screen_refused(&s->style, what, status, why);
}

static void on_line(struct function *f, unsigned invocation, enum sandbox_stream stream, const char *text, size_t n)
{
	struct serve *s = f->owner;

	(void)invocation;
	if (stream != SANDBOX_STDOUT || !collector_line(&s->collector, text, n))
		screen_log(&s->style, text, n);
}

static void on_gone(struct function *f, struct environment_record *r)
{
	struct serve *s = f->owner;

	if (r->start_errno)
		screen_note(&s->style, INK_RED, "! the bootstrap does not start: %s", strerror(r->start_errno));
	else if (r->exited && !r->stopped_by_us)
		screen_note(&s->style, INK_RED, "! the function's process ended: %s", r->fate);
	tell_violations(s);
}

static void on_export(struct otlp_receiver *r, struct otlp_request *q)
{
	struct serve *s = r->owner;

	collector_add(&s->collector, q->kind, q->body.p, q->body.n, "OTLP/HTTP");
	if (function_idle(&s->function))
		loop_after(&s->loop, &s->settle, SETTLE_NS);
}

static void on_build_started(struct rebuild *r, const char *path)
{
	struct serve *s = r->owner;

	screen_note(&s->style, INK_DIM, "%s changed: %s", path ? path : "something", r->command);
}

static void on_build_ended(struct rebuild *r, bool ok, const char *output, uint64_t ns)
{
	struct serve *s = r->owner;
	double seconds = (double)ns / 1e9;

	if (!ok) {
		fputs(output, stdout);
		screen_note(&s->style, INK_RED, "build failed after %.1f s; the function before it goes on answering", seconds);
		return;
	}
	switch (copy_bootstrap(s)) {
	case COPY_NEW:
		function_renew(&s->function);
		screen_note(&s->style, INK_GREEN, "rebuilt in %.1f s; the next invocation is the new function's", seconds);
		break;
	case COPY_SAME:   screen_note(&s->style, INK_DIM, "rebuilt in %.1f s; the function is the same", seconds); break;
	case COPY_FAILED: break;
	}
}

// ---- beginning and end ----

static void on_closed(struct function *f)
{
	struct serve *s = f->owner;

	loop_stop(&s->loop);
}

static void on_signal(struct loop_fd *f, short revents)
{
	struct serve *s = f->owner;
	struct signalfd_siginfo info;

	(void)revents;
	if (read(f->fd, &info, sizeof info) != (ssize_t)sizeof info)
		return;
	if (s->interrupts++) { // whoever asks twice does not want to wait for anybody
		unlink(s->copy);
		_exit(128 + (int)info.ssi_signo);
	}
	screen_note(&s->style, INK_DIM, "\nstopping");
	callers_let_go(&s->callers);
	function_close(&s->function, on_closed);
}

static bool catch_signals(struct serve *s)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	s->signals = (struct loop_fd){
		.fd = signalfd(-1, &set, SFD_CLOEXEC), .events = POLLIN, .ready = on_signal, .owner = s
	};
	if (s->signals.fd < 0)
		return false;
	loop_add(&s->loop, &s->signals);
	return true;
}

static void set_names(struct serve *s)
{
	const struct function_config *config = &s->options.common.config;
	const char *path = s->bootstrap = config->bootstrap, *slash = strrchr(path, '/');

	s->folder = !slash ? must_copy(".", 1) : must_copy(path, slash > path ? (size_t)(slash - path) : 1);
	s->copy = must_print("%s/.serving-%ld", s->folder, (long)getpid());
	s->arn = must_print("arn:aws:lambda:%s:%s:function:%s", config->region ? config->region : "us-east-1",
	                    config->account ? config->account : "123456789012", config->name);
}

static bool open_all(struct serve *s)
{
	struct serve_options *o = &s->options;
	struct function_config *config = &o->common.config;
	char why[160];

	if (copy_bootstrap(s) == COPY_FAILED)
		return false;
	s->receiver = (struct otlp_receiver){
		.loop = &s->loop, .owner = s, .received = on_export, .faults = &o->common.otlp_faults
	};
	if (!o->common.no_otlp && !otlp_receiver_open(&s->receiver, (uint16_t)o->otlp_port)) {
		fprintf(stderr, "emulator serve: no OTLP receiver on port %u: %s\n", o->otlp_port, strerror(errno));
		return false;
	}
	if (o->common.xray && !xray_daemon_open(&s->xray, &s->loop, &s->collector)) {
		fprintf(stderr, "emulator serve: no X-Ray daemon on 127.0.0.1: %s\n", strerror(errno));
		return false;
	}
	config->xray_address = o->common.xray ? s->xray.address : NULL;
	config->bootstrap = s->copy;
	if (!config->cwd)
		config->cwd = s->folder;
	if (!o->common.no_otlp)
		config->otlp_endpoint = s->receiver.endpoint;
	s->function = (struct function){
		.loop = &s->loop, .config = *config, .owner = s, .line = on_line, .gone = on_gone
	};
	function_open(&s->function);
	s->callers = (struct callers){
		.function = &s->function,
		.function_name = config->name,
		.arn = s->arn,
		.owner = s,
		.done = on_done,
		.noted = on_noted,
	};
	if (!callers_open(&s->callers, &s->loop, o->host, (uint16_t)o->port)) {
		fprintf(stderr, "emulator serve: cannot listen on %s port %u: %s%s\n", o->host, o->port, strerror(errno),
		        errno == EADDRINUSE ? "; another port: make serve PORT=9001" : "");
		return false;
	}
	s->rebuild = (struct rebuild){ .loop = &s->loop,
		                           .folders = o->folders,
		                           .n_folders = o->n_folders,
		                           .command = o->command,
		                           .owner = s,
		                           .started = on_build_started,
		                           .ended = on_build_ended };
	if (o->command && !rebuild_open(&s->rebuild, why)) {
		fprintf(stderr, "emulator serve: %s\n", why);
		return false;
	}
	return catch_signals(s);
}

static void greet(const struct serve *s)
{
	const char *name = s->options.common.config.name;
	const char *open = strchr(s->options.host, ':') ? "[" : "", *close = *open ? "]" : "";
	char *url = must_print("http://%s%s%s:%u", open, s->options.host, close, s->callers.server.port);

	screen_note(&s->style, INK_BOLD, "%s is served on %s", name, url);
	screen_note(&s->style, INK_PLAIN, "  function URL  curl '%s/?name=you'", url);
	screen_note(&s->style, INK_PLAIN, "  Invoke API    aws lambda invoke --endpoint-url %s --function-name %s out.json",
	            url, name);
	if (s->options.command)
		screen_note(&s->style, INK_PLAIN, "  A change of its sources rebuilds it. Ctrl-C ends it.\n");
	else
		screen_note(&s->style, INK_PLAIN, "  Ctrl-C ends it.\n");
	free(url);
}

static void close_all(struct serve *s)
{
	rebuild_close(&s->rebuild);
	callers_close(&s->callers);
	otlp_receiver_close(&s->receiver);
	xray_daemon_close(&s->xray, &s->loop);
	collector_draw_rest(&s->collector, stdout);
	otlp_receiver_free(&s->receiver);
	collector_free(&s->collector);
	if (s->signals.ready)
		close(s->signals.fd);
	unlink(s->copy);
	options_free(&s->options.common);
	free(s->copy);
	free(s->folder);
	free(s->arn);
}

int serve_main(int argc, char **argv)
{
	struct serve s = { 0 };
	bool ok;

	if (!serve_options_read(&s.options, argc, argv)) {
		options_free(&s.options.common);
		return 2;
	}
	s.style = s.collector.waterfall.style = ink_style_of(STDOUT_FILENO);
	s.settle = (struct loop_timer){ .fire = on_settled, .owner = &s };
	set_names(&s);
	ok = open_all(&s);
	if (ok) {
		greet(&s);
		loop_run(&s.loop);
		function_free(&s.function);
	}
	close_all(&s);
	loop_free(&s.loop);
	return !ok;
}
