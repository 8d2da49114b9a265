// SPDX-License-Identifier: MIT
#include "base/clock.h"
#include "base/late.h"
#include "conf.h"
#include "event.h"
#include "ext.h"
#include "hooks.h"
#include "invocation.h"
#include "log.h"
#include "rapi.h"
#include "report.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * The order of things, and only that:
 *
 *   hooks.init, the user's init, and where hooks.defers says so the registration as an extension (ext.h)
 *   GET /next -> hooks.begin, handler, hooks.end -> POST /response or /error -> hooks.flush -> GET /next ...
 *   hooks.shutdown, once: SIGTERM came to the registered in place of an event
 */

/*
 * Head, framing and body of /next; the reply behind it; what the platform says to the reply; and from the other end what
 * lambda_alloc() gives. Untouched pages cost nothing, and a small invocation touches the first one only.
 */
#define NEXT_BYTES (HTTP_HEAD_MAX + LAMBDA_PAYLOAD_MAX + HTTP_HEAD_MAX)
#define REGION_BYTES (NEXT_BYTES + LAMBDA_PAYLOAD_MAX + HTTP_HEAD_MAX + LAMBDA_SCRATCH_MAX)

static char region[REGION_BYTES] LATE __attribute__((aligned(4096)));

/* Telemetry stops this long before the deadline: what comes after it must still reach GET /next. */
#define FLUSH_MARGIN_NS 50000000

/* Replies to /next in a row that make no sense: then the process ends, and Lambda starts a new one. */
#define STRIKES_MAX 2

struct loop {
	const struct lambda_app *app;
	lambda_handler *handler;
	struct conf conf;
	struct invocation inv;
	int64_t flush_by; /* CLOCK_MONOTONIC, as these two: lambda_run() was entered, the first event was asked for */
	int64_t main_at, ready_at;
	int strikes, empty;
	bool stopped;     /* the sandbox ends, and we have been told */
	uint64_t refused; /* event_key() of the event whose answer was refused; 0: the last answer was taken */
	struct rapi rapi; /* last, as its buffer is in it */
};

int64_t lambda_remaining_ms(const struct lambda_call *call)
{
	return call->deadline_ms ? call->deadline_ms - clock_wall_ns() / 1000000 : INT64_MAX;
}

/* ---- answering ---- */

static str failure_type(const struct invocation *inv)
{
	return inv->error_type.n ? inv->error_type : S("Function.HandlerError");
}

static str failure_message(const struct invocation *inv)
{
	return inv->error_message.n ? inv->error_message : S("the handler returned an error without calling lambda_fail()");
}

/* What tells an event that comes again from another one. */
static uint64_t event_key(const struct invocation *inv)
{
	return str_hash(str_hash(STR_HASH_START, inv->call.request_id), inv->invocation_id) | 1;
}

/* False: the platform says that this process should go. What it refused cannot be mended from here: the next event can. */
static bool accepted(struct loop *l, enum err e, int status, const char *what)
{
	if (e != OK && !(e == ERR_TOO_LARGE && status)) {
		log_fatal("runtime api: %s: %s", what, err_text(e));
		return false;
	}
	if (status / 100 == 2)
		return true;
	/* Lambda has no path in front of its API. Emulators that have one say 500 when their caller has hung up, and mean that answer only. */
	if (status / 100 == 5 && !l->rapi.prefix.n) {
		log_fatal("runtime api: %s: status %d, the platform cannot go on with this process", what, status);
		return false;
	}
	l->refused = event_key(&l->inv);
	switch (status) {
	case 410:
		log_line(LOG_WARN, "runtime api: %s: status 410, this invocation had timed out and its answer was not used",
		         what);
		break;
	case 413:
		log_line(LOG_ERROR, "runtime api: %s: status 413, the answer is larger than Lambda takes; the caller was told",
		         what);
		break;
	case 403:
		log_line(LOG_WARN, "runtime api: %s: status 403, the invocation was already answered or is not running", what);
		break;
	default: log_line(LOG_ERROR, "runtime api: %s: status %d, the answer was not accepted", what, status); break;
	}
	return true;
}

static bool post(struct loop *l, struct rapi_post *p, struct arena *free, const char *what)
{
	struct http_reply reply;
	enum err e = rapi_post(&l->rapi, p, free->next, (size_t)(free->end - free->next), &reply);

	return accepted(l, e, reply.head.status, what);
}

static bool post_error(struct loop *l, str type, str message)
{
	struct invocation *inv = &l->inv;
	struct rapi_post p = { .id = inv->call.request_id, .invocation_id = inv->invocation_id, .error = true };
	struct arena free = { inv->reply_start, inv->room.end };
	struct report report;

	report_write(&report, &free, type, message, l->conf.task_root);
	p.content_type = S("application/json");
	p.body = report.body;
	p.error_type = report.type;
	p.error_cause = report.cause;
	return post(l, &p, &free, p.id.n ? "error" : "init error");
}

static bool post_failure(struct loop *l)
{
	str type = failure_type(&l->inv), message = failure_message(&l->inv);

	log_line(LOG_ERROR, "%.*s: %.*s", (int)type.n, type.p, (int)message.n, message.p);
	return post_error(l, type, message);
}

static bool post_reply(struct loop *l)
{
	struct invocation *inv = &l->inv;
	struct rapi_post p = { .id = inv->call.request_id, .invocation_id = inv->invocation_id };

	p.content_type = inv->content_type;
	p.body = invocation_reply(inv);
	return post(l, &p, &inv->room, "response");
}

/* ---- one invocation ---- */

static bool is_field_value(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < ' ' || s.p[i] > '~')
			return false;
	return s.n < 1024;
}

static void hooks_begin(struct loop *l)
{
	const struct lambda_call *call = &l->inv.call;
	int64_t wall = clock_wall_ns(), mono = clock_mono_ns(), left = INT64_MAX;
	struct lambda_hook_event event = {
		.request_id = call->request_id,
		.invoked_function_arn = call->invoked_function_arn,
		.trace_id = call->trace_header,
		.client_context = call->client_context,
		.content_type = call->content_type,
		.body = call->event,
		.deadline_ms = call->deadline_ms,
		.cold_start = call->cold_start,
		.wall_ns = wall,
		.mono_ns = mono,
		.main_mono_ns = l->main_at,
		.ready_mono_ns = l->ready_at,
	};

	if (call->deadline_ms)
		left = call->deadline_ms - wall / 1000000;
	/* A deadline that is missing, or past when the event arrives (an emulator's), bounds nothing. */
	l->flush_by = left == INT64_MAX || left <= 0 ? INT64_MAX : mono + left * 1000000 - FLUSH_MARGIN_NS;
	l->app->hooks->begin(&event);
}

static void hooks_end(struct loop *l)
{
	const struct invocation *inv = &l->inv;
	struct lambda_hook_result result = { .failed = inv->failed, .deadline_mono_ns = l->flush_by };

	if (inv->failed) {
		result.error_type = failure_type(inv);
		result.error_message = failure_message(inv);
	} else {
		result.content_type = inv->content_type;
		result.body = invocation_reply(inv);
	}
	l->app->hooks->end(&result);
}

static void run_handler(struct loop *l)
{
	struct invocation *inv = &l->inv;
	int returned = l->handler(&inv->call);

	if (returned && !inv->failed)
		inv->failed = true;
	if (inv->failed)
		return;
	if (inv->reply_too_large)
		lambda_fail(&inv->call, "Function.ResponseSizeTooLarge", "the reply is larger than %d bytes",
		            LAMBDA_PAYLOAD_MAX);
	else if (!is_field_value(inv->content_type))
		lambda_fail(&inv->call, "Runtime.InvalidContentType",
		            "the reply's content type must be printable ASCII of under 1024 bytes");
}

/* too_large: the event's head came, its body did not. */
static bool invoke(struct loop *l, const struct http_reply *event, bool too_large)
{
	struct invocation *inv = &l->inv;
	const char *start = event->head.fields.p + event->head.fields.n + 2; /* the empty line: ids are wanted to the end */
	bool go_on;

	if (event->body.n && !too_large)
		start = event->body.p + event->body.n;
	log_request(inv->call.request_id);
	conf_trace_header(inv->call.trace_header);
	invocation_begin(inv, region + (start - region), (size_t)(region + sizeof region - start));
	if (l->app->hooks)
		hooks_begin(l);
	if (too_large)
		lambda_fail(&inv->call, "Runtime.EventTooLarge", "the event is larger than %d bytes", LAMBDA_PAYLOAD_MAX);
	else
		run_handler(l);
	if (l->app->hooks)
		hooks_end(l);
	go_on = inv->failed ? post_failure(l) : post_reply(l);
	if (l->app->hooks) {
		l->app->hooks->answered();
		l->app->hooks->flush(l->flush_by);
	}
	inv->call.cold_start = false;
	log_request((str){ 0 });
	return go_on;
}

/* ---- the next one ---- */

static bool strike(struct loop *l, const char *what, int status)
{
	if (++l->strikes < STRIKES_MAX) {
		log_line(LOG_ERROR, "runtime api: next: %s (status %d), asking again", what, status);
		return true;
	}
	log_fatal("runtime api: next: %s (status %d) %d times in a row, giving up", what, status, l->strikes);
	return false;
}

/* 204 has no event and is no mistake. It is waited for ever longer when it comes at once, up to a second: asking again must not become a spin. */
static void nothing_yet(struct loop *l)
{
	if (++l->empty > 3)
		poll(NULL, 0, l->empty > 13 ? 1000 : 1 << (l->empty - 4));
}

static bool next(struct loop *l)
{
	struct http_reply reply;
	enum err e = rapi_next(&l->rapi, region, NEXT_BYTES, LAMBDA_PAYLOAD_MAX, &reply);
	bool too_large = e == ERR_TOO_LARGE && reply.head.status;
	int status = reply.head.status;

	if (e == ERR_STOPPED) {
		l->stopped = true;
		return false;
	}
	if (e != OK && !too_large) {
		log_fatal("runtime api: next: %s", err_text(e));
		return false;
	}
	if (status / 100 == 5) {
		log_fatal("runtime api: %s: status %d, the platform cannot go on with this process", "next", status);
		return false;
	}
	if (status == 204) {
		nothing_yet(l);
		return true;
	}
	l->empty = 0;
	if (status / 100 != 2)
		return strike(l, "refused", status);
	event_read(&l->inv, &reply);
	if (!l->inv.call.request_id.n)
		return strike(l, "an event without a request id cannot be answered", status);
	/* A refused answer may leave the event where it was, and /next brings it again at once: that is tried once more, and not for ever. */
	if (!l->refused || l->refused != event_key(&l->inv))
		l->strikes = 0;
	else if (!strike(l, "the event whose answer was refused came again", status))
		return false;
	l->refused = 0;
	return invoke(l, &reply, too_large);
}

/* ---- start ---- */

static lambda_handler *pick(const struct lambda_function *functions, str name)
{
	if (functions[0].name && !functions[1].name && (!name.n || str_eq(name, S("bootstrap"))))
		return functions[0].handler;
	for (; functions->name; functions++)
		if (str_eq(name, str_of(functions->name)))
			return functions->handler;
	return NULL;
}

/* Before the first event there is no invocation: the region is all room, and the ids are empty. */
static struct invocation *blank(struct loop *l)
{
	memset(&l->inv, 0, sizeof l->inv);
	event_sandbox(&l->inv.call, &l->conf);
	invocation_begin(&l->inv, region, sizeof region);
	return &l->inv;
}

static bool handler_found(struct loop *l, str name)
{
	char message[1024];
	struct buf b = BUF(message);

	if ((l->handler = pick(l->app->functions, name)))
		return true;
	buf_put(&b, S("no function is named \""));
	buf_put(&b, name.n > 256 ? (str){ name.p, 256 } : name);
	buf_put(&b, S("\": set Handler to one of"));
	for (const struct lambda_function *f = l->app->functions; f->name && b.cap - b.n > 256; f++) {
		buf_putc(&b, ' ');
		buf_put(&b, str_of(f->name));
	}
	blank(l);
	post_error(l, S("Runtime.HandlerNotFound"), buf_str(&b));
	log_fatal("%.*s", (int)b.n, b.p);
	return false;
}

static bool initialized(struct loop *l)
{
	struct lambda_hook_sandbox sandbox = {
		.function_name = l->conf.function_name,
		.function_version = l->conf.function_version,
		.log_group = l->conf.log_group,
		.log_stream = l->conf.log_stream,
		.initialization_type = l->conf.initialization_type,
		.memory_mb = l->conf.memory_mb,
	};
	struct invocation *inv = blank(l);
	str type, message;

	if (l->app->hooks)
		l->app->hooks->init(&sandbox);
	if (!l->app->init || (!l->app->init(&inv->call) && !inv->failed))
		return true;
	type = inv->error_type.n ? inv->error_type : S("Runtime.InitError");
	message = inv->error_message.n ? inv->error_message : S("init returned an error without calling lambda_fail()");
	post_error(l, type, message);
	log_fatal("init failed: %.*s: %.*s", (int)type.n, type.p, (int)message.n, message.p);
	return false;
}

static bool connected(struct loop *l)
{
	enum err e;

	if (!l->conf.runtime_api.n) {
		log_fatal(
			"AWS_LAMBDA_RUNTIME_API is not set: this program is an AWS Lambda bootstrap and is started by Lambda. "
			"To run it here: make run, or an emulator of the Runtime API such as aws-lambda-rie");
		return false;
	}
	if ((e = rapi_start(&l->rapi, l->conf.runtime_api)) == OK)
		return true;
	log_fatal("AWS_LAMBDA_RUNTIME_API is \"%.*s\": %s. It should be host:port, as Lambda sets it",
	          (int)(l->conf.runtime_api.n > 256 ? 256 : l->conf.runtime_api.n), l->conf.runtime_api.p, err_text(e));
	return false;
}

#define REGISTRATION_LOST \
	"the reply was lost, and the platform waits for whoever has it: this process ends, so that another one starts"

/* The region is free until the first event. */
static bool registered(struct loop *l)
{
	const struct lambda_hooks *hooks = l->app->hooks;
	enum ext_started started;

	if (!hooks || !hooks->ext || !hooks->defers())
		return true;
	started = hooks->ext->start(&l->rapi, region, sizeof region);
	if (started == EXT_GRANTED)
		l->rapi.wait = hooks->ext->wait;
	hooks->granted(started == EXT_GRANTED);
	if (started != EXT_LOST)
		return true;
	post_error(l, S("Runtime.RegistrationLost"), S(REGISTRATION_LOST));
	log_fatal("extensions api: register: " REGISTRATION_LOST);
	return false;
}

/*
 * A log nobody reads, a connection the peer has closed: both are errors to be handled, not deaths. By the system call, since signal() of the C library
 * brings half a kilobyte for handlers, and this is none: rt_sigaction(2) with SIG_IGN, no flags and an empty mask.
 */
static void ignore_broken_pipes(void)
{
	const struct {
		void (*handler)(int);
		unsigned long flags, restorer, mask;
	} ignored = { .handler = SIG_IGN };

	syscall(SYS_rt_sigaction, SIGPIPE, &ignored, NULL, sizeof ignored.mask);
}

int lambda_run(const struct lambda_app *app, int argc, char **argv)
{
	static struct loop l;
	str name;

	l.app = app;
	l.main_at = clock_start_ns();
	conf_read(&l.conf);
	name = l.conf.handler.n || argc < 2 ? l.conf.handler : str_of(argv[1]);
	log_start(l.conf.log_format, l.conf.log_level, app->hooks);
	ignore_broken_pipes();
	if (!connected(&l) || !handler_found(&l, name) || !initialized(&l))
		return 1;
	blank(&l)->call.cold_start = true;
	if (!registered(&l))
		return 1;
	l.ready_at = clock_start_ns();
	while (next(&l))
		;
	if (!l.stopped)
		return 1;
	app->hooks->shutdown(app->hooks->ext->deadline());
	return 0;
}
