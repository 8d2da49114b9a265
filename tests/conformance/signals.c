// SPDX-License-Identifier: MIT

/*
 * signals SEED INVOCATIONS: makes calls of otel.h at random, as careless handlers would, and says which: for each invocation one line of JSON, then
 * what the otlpstdout exporter writes. What ought to come of the calls is for somebody else to say; a span's ids are given with it, so that it is
 * found again.
 */
#include "conformance/random.h"
#include "hooks.h"

#include <stdlib.h>
#include <unistd.h>

#define SPANS_MAX 28  /* fewer than can be open at once: what happens then is for unit tests */
#define COST_MAX 9000 /* of a span's OTEL_SPAN_BYTES: what no longer fits is for unit tests too */
#define ATTRS_MAX 6
#define LINKS_MAX 2

static struct {
	struct otel_span *span;
	size_t cost;
} spans[SPANS_MAX]; /* the first is the invocation's */

static int span_count;
static bool said; /* something of this list: a comma comes first */

static struct otel_attr scope_attrs[] = { { "scope.kind", 10, { .type = OTEL_STR, .n = 6, .of.text = "random" } },
	                                      { "scope.n", 7, { .type = OTEL_INT, .of.integer = -1 } } };
static const struct otel_scope scopes[] = {
	{ .name = "library.a", .version = "1.2.3" },
	{ .name = "library.b", .schema_url = "https://example.com/schema", .attrs = scope_attrs, .attr_count = 2 },
	{ .version = "nameless" },
};

/* ---- saying ---- */

static void say(const char *what, int span)
{
	printf("%s{\"do\":\"%s\",\"span\":%d", said ? "," : "", what, span);
	said = true;
}

static void say_named_text(const char *name, struct text t)
{
	printf(",\"%s\":", name);
	say_text(t.p, t.n);
}

static void say_named_attrs(const struct otel_attr *attrs, size_t n)
{
	printf(",\"attrs\":");
	say_attrs(attrs, n);
}

static void say_number(const char *name, int64_t n)
{
	printf(",\"%s\":%" PRId64, name, n);
}

static void say_context(const struct otel_context *c)
{
	printf("{\"trace\":");
	say_text((const char *)c->trace_id, 16);
	printf(",\"id\":");
	say_text((const char *)c->span_id, 8);
	printf(",\"flags\":%d,\"remote\":%s,\"state\":", c->flags, c->remote ? "true" : "false");
	say_text(c->trace_state, c->trace_state_n);
	putchar('}');
}

static void say_context_of(struct otel_span *span)
{
	struct otel_context c;

	printf(",\"recording\":%s,\"is\":", otel_recording(span) ? "true" : "false");
	if (otel_context_of(span, &c))
		say_context(&c);
	else
		printf("null");
}

/* ---- drawing ---- */

/* A span to do something to: one of the last mostly, and so an open one. */
static int draw_span(void)
{
	int n = (int)draw((uint64_t)span_count);

	return one_in(3) ? n : n > span_count - 4 ? n : span_count - 1;
}

static struct otel_context draw_context(void)
{
	static const char *const states[] = { "", "a=1", "vendor=x:y,other@tenant=z", "ot=rv:00000000000001" };
	const char *of = states[draw(4)];
	struct otel_context c = {
		.flags = (unsigned char)draw(4), .remote = one_in(2), .trace_state = of, .trace_state_n = strlen(of)
	};

	for (int i = 0; i < 16; i++)
		c.trace_id[i] = (unsigned char)draw(256);
	for (int i = 0; i < 8; i++)
		c.span_id[i] = (unsigned char)draw(256);
	return c;
}

static int64_t draw_time(void)
{
	return one_in(2) ? 0 : (int64_t)(1700000000000000000 + draw(1000000000000));
}

/* Whether what was drawn since then may go into the span: three bytes for one in the worst case, twenty around each. */
static bool afford(int span, size_t pool_before)
{
	size_t cost = 3 * (pool_n - pool_before);

	if (cost > COST_MAX - spans[span].cost)
		return false;
	spans[span].cost += cost;
	return true;
}

/* ---- doing ---- */

static void open_span(void)
{
	size_t before = pool_n;
	struct text name = draw_text(TEXT_MAX, true);
	int n = span_count;

	if (n == SPANS_MAX)
		return;
	span_count++;
	spans[n].cost = 0;
	afford(n, before);
	spans[n].span = otel_start_n(name.p, name.n);
	say("start", n);
	say_named_text("name", name);
	say_context_of(spans[n].span);
	putchar('}');
}

static void say_opening(const struct otel_opening *w, int parent, int scope)
{
	say_number("kind", w->kind);
	say_number("parent", parent);
	printf(",\"root\":%s,\"current\":%s", w->root ? "true" : "false", w->current ? "true" : "false");
	say_number("time", w->start_ns);
	say_number("scope", scope);
	if (w->context) {
		printf(",\"context\":");
		say_context(w->context);
	}
	say_named_attrs(w->attrs, w->attr_count);
	printf(",\"links\":[");
	for (size_t i = 0; i < w->link_count; i++) {
		printf(i ? ",{\"to\":" : "{\"to\":");
		say_context(&w->links[i].to);
		say_named_attrs(w->links[i].attrs, w->links[i].attr_count);
		putchar('}');
	}
	putchar(']');
}

static void open_span_with(void)
{
	size_t before = pool_n;
	struct text name = draw_text(TEXT_MAX, true);
	struct otel_context context = draw_context();
	struct otel_link links[LINKS_MAX];
	struct otel_opening w = {
		.kind = (enum otel_kind)draw(6), .start_ns = draw_time(), .links = links, .current = one_in(3)
	};
	int n = span_count, parent = -1, scope = one_in(2) ? -1 : (int)draw(3);

	w.link_count = draw(LINKS_MAX + 1);
	for (size_t i = 0; i < w.link_count; i++) {
		links[i].to = draw_context();
		links[i].attrs = draw_attrs(&links[i].attr_count, 2, 2);
	}
	w.attrs = draw_attrs(&w.attr_count, 3, 1);
	if (n == SPANS_MAX || 3 * (pool_n - before) > COST_MAX)
		return;
	spans[n].cost = 3 * (pool_n - before);
	if (scope >= 0)
		w.scope = &scopes[scope];
	switch (draw(5)) {
	case 0: w.context = &context; break;
	case 1: w.root = true; break;
	case 2:
		parent = draw_span();
		w.parent = spans[parent].span;
		break;
	default: break;
	}
	span_count++;
	spans[n].span = otel_start_with_n(name.p, name.n, &w);
	say("open", n);
	say_named_text("name", name);
	say_context_of(spans[n].span);
	say_opening(&w, parent, scope);
	putchar('}');
}

static void set_typed(int n, const char *key, size_t key_n, const struct otel_value *v)
{
	switch (one_in(2) ? v->type : OTEL_EMPTY) {
	case OTEL_STR:    otel_put_str(spans[n].span, key, key_n, v->of.text, v->n); break;
	case OTEL_INT:    otel_put_int(spans[n].span, key, key_n, v->of.integer); break;
	case OTEL_DOUBLE: otel_put_double(spans[n].span, key, key_n, v->of.number); break;
	case OTEL_BOOL:   otel_put_bool(spans[n].span, key, key_n, v->of.truth); break;
	default:          otel_put_value(spans[n].span, key, key_n, v); break;
	}
}

static void set(void)
{
	static const char *const keys[] = { "a", "b", "http.request.method", "\xc3\xbc", "" };
	size_t before = pool_n;
	struct text key = draw_text(40, false);
	struct otel_attr attr = { key.p, key.n, draw_value(0) };
	int n = draw_span();

	if (one_in(2)) {
		attr.key = keys[draw(5)];
		attr.key_n = strlen(attr.key);
	}
	if (!afford(n, before))
		return;
	set_typed(n, attr.key, attr.key_n, &attr.value);
	say("set", n);
	say_named_attrs(&attr, 1);
	putchar('}');
}

static void add_event(void)
{
	size_t before = pool_n, count;
	struct text name = draw_text(60, true);
	struct otel_attr *attrs = draw_attrs(&count, ATTRS_MAX, 0);
	int64_t time = draw_time();
	int n = draw_span();

	if (!afford(n, before))
		return;
	otel_put_event(spans[n].span, time, name.p, name.n, attrs, count);
	say("event", n);
	say_named_text("name", name);
	say_number("time", time);
	say_named_attrs(attrs, count);
	putchar('}');
}

static void add_link(void)
{
	size_t before = pool_n, count;
	struct otel_attr *attrs = draw_attrs(&count, ATTRS_MAX, 0);
	struct otel_context to = draw_context();
	int n = draw_span();

	if (!afford(n, before))
		return;
	otel_add_link(spans[n].span, &to, attrs, count);
	say("link", n);
	printf(",\"to\":");
	say_context(&to);
	say_named_attrs(attrs, count);
	putchar('}');
}

static void fail(void)
{
	size_t before = pool_n;
	struct text type = draw_text(60, true), message = draw_text(TEXT_MAX, true), stack = draw_text(TEXT_MAX, true);
	int n = draw_span();

	if (!afford(n, before) || !afford(n, before))
		return;
	if (one_in(2)) {
		otel_error(spans[n].span, message.p, message.n);
		say("error", n);
	} else {
		otel_put_exception_stack(spans[n].span, type.p, type.n, message.p, message.n, stack.p, stack.n);
		say("exception", n);
		say_named_text("type", type);
		say_named_text("stack", stack);
	}
	say_named_text("message", message);
	putchar('}');
}

static void rename_span(void)
{
	size_t before = pool_n;
	struct text name = draw_text(TEXT_MAX, true);
	int n = draw_span();

	if (!afford(n, before))
		return;
	otel_rename(spans[n].span, name.p, name.n);
	say("rename", n);
	say_named_text("name", name);
	putchar('}');
}

/* A log record: of the current span, of another, or of one that has ended. */
static void emit(void)
{
	struct text severity = draw_text(12, true), event = draw_text(30, false);
	int n = one_in(3) ? draw_span() : -1, scope = one_in(2) ? -1 : (int)draw(3);
	struct otel_record r = { .severity = (enum otel_severity)draw(26), .time_ns = draw_time() };

	r.attrs = draw_attrs(&r.attr_count, ATTRS_MAX, 0);
	if (!one_in(3))
		r.body = draw_value(0);
	if (one_in(3)) {
		r.severity_text = severity.p;
		r.severity_text_n = severity.n;
	}
	if (one_in(2)) {
		r.event_name = event.p;
		r.event_name_n = event.n;
	}
	if (n >= 0)
		r.span = spans[n].span;
	if (scope >= 0)
		r.scope = &scopes[scope];
	otel_emit(&r);
	say("emit", n);
	say_number("severity", r.severity);
	if (r.severity_text)
		say_named_text("severity_text", severity);
	printf(",\"body\":");
	say_value(&r.body);
	say_named_attrs(r.attrs, r.attr_count);
	say_named_text("event_name", r.event_name ? event : (struct text){ NULL, 0 });
	say_number("time", r.time_ns);
	say_number("scope", scope);
	putchar('}');
}

static void end(void)
{
	int64_t time = draw_time();
	int n = draw_span();

	if (time)
		otel_end_at(spans[n].span, time);
	else
		otel_end(spans[n].span);
	say("end", n);
	say_number("time", time);
	putchar('}');
}

static void succeed(void)
{
	int n = draw_span();

	otel_ok(spans[n].span);
	say("ok", n);
	putchar('}');
}

static void act(void)
{
	switch (draw(18)) {
	case 16:
	case 17: emit(); break;
	case 0:
	case 1:  open_span(); break;
	case 2:
	case 3:  open_span_with(); break;
	case 4:
	case 5:  add_event(); break;
	case 6:
	case 7:  add_link(); break;
	case 8:  fail(); break;
	case 9:  rename_span(); break;
	case 10: end(); break;
	case 11:
		if (one_in(3))
			succeed();
		break;
	default: set(); break;
	}
}

/* ---- an invocation ---- */

static void invoke(int number)
{
	struct lambda_hook_result result = { .failed = false };
	struct lambda_hook_event event = { .cold_start = number == 0,
		                               .request_id = LAMBDA_STR("id"),
		                               .body = LAMBDA_STR("{}") };

	pool_n = 0;
	said = false;
	span_count = 1;
	spans[0].cost = 2000; /* what the library itself has to say */
	printf("{\"before\":%" PRId64 ",\"cold\":%s", wall(), number == 0 ? "true" : "false");
	otel_hooks.begin(&event);
	spans[0].span = otel_invocation();
	say_context_of(spans[0].span);
	printf(",\"did\":[");
	for (uint64_t n = draw(100); n && pool_n < POOL_BYTES / 2; n--)
		act();
	otel_hooks.end(&result);
	otel_hooks.answered();
	printf("],\"after\":%" PRId64 "}\n", wall());
	fflush(stdout);
	otel_hooks.flush(INT64_MAX);
}

int main(int argc, char **argv)
{
	static const struct lambda_hook_sandbox sandbox = { .function_name = { "careless", 8 },
		                                                .function_version = { "42", 2 } };

	if (argc != 3) {
		fprintf(stderr, "usage: signals SEED INVOCATIONS\n");
		return 2;
	}
	seed(strtoull(argv[1], NULL, 10));
	otel_hooks.init(&sandbox);
	for (int i = 0; i < atoi(argv[2]); i++)
		invoke(i);
	return 0;
}
