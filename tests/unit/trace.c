// SPDX-License-Identifier: MIT
#include "test.h"
#include "trace.h"

#include <sys/wait.h>

/* ---- openings ---- */

TEST(a_span_opens_as_it_is_told)
{
	const struct otel_attr attrs[] = { otel_attr_str("k", "v", 1), otel_attr_int("i", 7) };
	const struct otel_link links[] = { { remote, attrs, 2 }, { remote, NULL, 0 } };
	struct otel_opening o = { .kind = OTEL_CLIENT,
		                      .start_ns = 1234567890123456789,
		                      .attrs = attrs,
		                      .attr_count = 2,
		                      .links = links,
		                      .link_count = 2 };
	struct otel_span *s;
	str span, link;

	fresh();
	s = otel_start_with("call", &o);
	CHECK(otel_current() == s);
	otel_end_at(s, 1234567890123456999);
	telemetry_end();
	span = named("call");
	CHECK(pb_valid(span) && number(span, KIND) == 3 && number(span, START) == 1234567890123456789);
	CHECK(number(span, END) == 1234567890123456999 && number(span, FLAGS) == 0x101);
	CHECK(pb_count(span, ATTRIBUTES) == 2 && pb_count(span, LINKS) == 2);
	link = pb_bytes(span, LINKS);
	CHECK(pb_valid(link) && str_eq(pb_bytes(link, 1), (str){ (const char *)remote.trace_id, 16 }));
	CHECK(str_eq(pb_bytes(link, 2), (str){ (const char *)remote.span_id, 8 }) && str_eq(pb_bytes(link, 3), S("a=1")));
	CHECK(str_eq(pb_text_attribute(link, 4, "k"), S("v")) && number(link, 6) == 0x301);
}

TEST(every_kind_is_said)
{
	fresh();
	for (int kind = 0; kind <= OTEL_CONSUMER; kind++) {
		struct otel_opening o = { .kind = (enum otel_kind)kind };

		otel_end(otel_start_with("k", &o));
		CHECK(number(telemetry_span(kind), KIND) == (uint64_t)(kind ? kind : 1));
	}
	telemetry_end();
}

TEST(a_span_with_a_parent_of_its_own_is_not_the_current_one)
{
	struct otel_span *a, *b, *aside;
	struct otel_opening o = { 0 };

	fresh();
	a = otel_start("a");
	b = otel_start("b");
	o.parent = a;
	aside = otel_start_with("aside", &o);
	CHECK(otel_current() == b && otel_recording(aside));
	otel_end(b);
	otel_end(a);
	CHECK(otel_recording(aside)); /* its parent has ended, it has not */
	otel_set_int(aside, "late", 1);
	otel_end(aside);
	CHECK(!otel_recording(aside));
	telemetry_end();
	CHECK(str_eq(pb_bytes(named("aside"), PARENT_ID), pb_bytes(named("a"), 2)));
	CHECK(number(pb_attribute(named("aside"), ATTRIBUTES, "late"), 3) == 1 && !is_marked(named("aside")));
	CHECK(telemetry_adds_up());
}

TEST(a_span_with_a_parent_of_its_own_may_be_the_current_one)
{
	struct otel_opening o = { .context = &remote, .current = true };
	struct otel_span *message, *child;
	struct otel_context c;

	fresh();
	message = otel_start_with("message", &o);
	child = otel_start("child");
	CHECK(otel_context_of(child, &c) && !memcmp(c.trace_id, remote.trace_id, 16) && !c.remote);
	CHECK(c.trace_state_n == 3 && !memcmp(c.trace_state, "a=1", 3));
	otel_end(message); /* and the child */
	CHECK(otel_current() == otel_invocation());
	telemetry_end();
	CHECK(str_eq(pb_bytes(named("message"), PARENT_ID), (str){ (const char *)remote.span_id, 8 }));
	CHECK(number(named("message"), FLAGS) == 0x301 && number(named("child"), FLAGS) == 0x101);
	CHECK(str_eq(pb_bytes(named("child"), TRACE_STATE), S("a=1")) && is_marked(named("child")));
	CHECK(str_eq(pb_bytes(named("child"), 1), (str){ (const char *)remote.trace_id, 16 }));
	CHECK(telemetry_adds_up());
}

TEST(a_root_has_a_trace_of_its_own)
{
	struct otel_opening o = { .root = true };
	struct otel_span *s;

	fresh();
	s = otel_start_with("root", &o);
	CHECK(otel_current() == otel_invocation());
	otel_end(s);
	telemetry_end();
	CHECK(!pb_bytes(named("root"), PARENT_ID).n && number(named("root"), FLAGS) == 0x103);
	CHECK(!str_eq(pb_bytes(named("root"), 1), pb_bytes(named("greeter"), 1)));
}

TEST(a_context_without_ids_is_no_parent)
{
	struct otel_context none = { .flags = OTEL_SAMPLED, .remote = true };
	struct otel_opening o = { .context = &none };

	fresh();
	otel_end(otel_start_with("root", &o));
	telemetry_end();
	CHECK(!pb_bytes(named("root"), PARENT_ID).n && pb_bytes(named("root"), 1).n == 16);
}

TEST(an_unsampled_context_silences_what_is_under_it_and_nothing_else)
{
	struct otel_context silent = remote, c;
	struct otel_opening o = { .context = &silent, .current = true }, under = { 0 };
	struct otel_span *s, *child;

	silent.flags = 0;
	fresh();
	s = otel_start_with("silent", &o);
	CHECK(!otel_recording(s) && otel_current() == s);
	CHECK(otel_context_of(s, &c) && !(c.flags & OTEL_SAMPLED) && !memcmp(c.trace_id, remote.trace_id, 16));
	child = otel_start("child");
	CHECK(!otel_recording(child));
	under.parent = s;
	CHECK(!otel_recording(otel_start_with("under", &under)));
	otel_set_int(s, "k", 1);
	otel_end(child);
	CHECK(otel_current() == s);
	otel_end(s);
	CHECK(otel_current() == otel_invocation() && otel_recording(otel_start("heard")));
	o.current = false;
	CHECK(!otel_recording(otel_start_with("aside", &o)));
	telemetry_end();
	CHECK(recorder.spool.items == 2 && telemetry_adds_up() && recorder.open == 0);
}

TEST(a_sampled_context_is_recorded_in_an_invocation_that_is_not)
{
	struct otel_opening o = { .context = &remote };

	telemetry_start_plain();
	telemetry_begin("{\"headers\":{\"traceparent\":\"00-67748580a006649127e371903a2de979-53995c3f42cd8ad8-00\"}}",
	                NULL);
	CHECK(!otel_recording(otel_invocation()));
	otel_end(otel_start_with("message", &o));
	telemetry_end();
	CHECK(recorder.spool.items == 1 && str_eq(pb_bytes(telemetry_span(0), NAME), S("message")) && telemetry_adds_up());
}

TEST(what_is_left_open_with_a_parent_of_its_own_ends_with_the_invocation)
{
	struct otel_opening o = { .context = &remote };
	struct otel_span *aside;

	fresh();
	aside = otel_start_with("aside", &o);
	otel_start("left");
	telemetry_end();
	CHECK(!otel_recording(aside) && recorder.open == 0);
	CHECK(is_marked(named("aside")) && is_marked(named("left")) && recorder.unended == 2);
	CHECK(recorder.spool.items == 3 && telemetry_adds_up());
}

TEST(slots_are_taken_by_all_and_given_back)
{
	struct otel_opening o = { .context = &remote };
	struct otel_span *spans[OTEL_OPEN_MAX];

	fresh();
	for (int i = 1; i < OTEL_OPEN_MAX; i++)
		CHECK(otel_recording(spans[i] = i & 1 ? otel_start_with("aside", &o) : otel_start("nested")));
	CHECK(!otel_recording(otel_start_with("aside", &o)) && !otel_recording(otel_start("nested")));
	CHECK(recorder.count.dropped[DROP_OPEN] == 2);
	for (int i = 1; i < OTEL_OPEN_MAX; i++)
		otel_end(spans[i]);
	CHECK(otel_current() == otel_invocation());
	for (int i = 1; i < OTEL_OPEN_MAX; i++)
		CHECK(!otel_recording(spans[i]));
	CHECK(otel_recording(otel_start("again")));
	telemetry_end();
	CHECK(telemetry_adds_up() && recorder.open == 0);
}

TEST(a_parent_that_is_gone_has_no_children)
{
	struct otel_opening o = { 0 };
	struct otel_span *gone;

	fresh();
	gone = otel_start("gone");
	otel_end(gone);
	o.parent = gone;
	CHECK(!otel_recording(otel_start_with("orphan", &o)));
	telemetry_end();
	CHECK(recorder.spool.items == 2);
}

/* ---- what a span says ---- */

TEST(ok_is_the_last_word_and_error_the_next)
{
	struct otel_span *s;

	fresh();
	s = otel_start("ok");
	otel_error(s, "first", 5);
	otel_ok(s);
	otel_error(s, "later", 5);
	otel_exception(s, "T", "m", 1);
	otel_end(s);
	s = otel_start("bare");
	otel_ok(s);
	otel_end(s);
	telemetry_end();
	CHECK(pb_count(named("ok"), STATUS) == 1 && number(pb_bytes(named("ok"), STATUS), 3) == 1);
	CHECK(!pb_bytes(pb_bytes(named("ok"), STATUS), 2).n && pb_count(named("ok"), EVENTS) == 1);
	CHECK(number(pb_bytes(named("bare"), STATUS), 3) == 1);
}

TEST(a_new_name_may_be_shorter_or_longer_at_any_moment)
{
	static const char longer[] = "a name that is longer than the first one was, and then some more of it to need "
								 "another byte of length, as 128 bytes do, if they can";
	static const char *const names[] = { "", "x", longer };
	struct otel_span *s;

	for (size_t i = 0; i < 3; i++)
		for (int when = 0; when < 3; when++) {
			str span;

			fresh();
			s = otel_start("first name");
			if (when == 0)
				otel_rename(s, names[i], strlen(names[i]));
			otel_set_int(s, "a", 1);
			otel_error(s, "message", 7);
			if (when == 1)
				otel_rename(s, names[i], strlen(names[i]));
			otel_set_int(s, "a", 2);
			otel_set_str(s, "b", "text", 4);
			otel_error(s, "other", 5);
			if (when == 2)
				otel_rename(s, names[i], strlen(names[i]));
			otel_end(s);
			span = telemetry_span(0);
			CHECK(pb_valid(span) && pb_count(span, NAME) == 1 && str_eq(pb_bytes(span, NAME), str_of(names[i])));
			CHECK(pb_count(span, ATTRIBUTES) == 2 && number(pb_attribute(span, ATTRIBUTES, "a"), 3) == 2);
			CHECK(pb_count(span, STATUS) == 1 && str_eq(pb_bytes(pb_bytes(span, STATUS), 2), S("other")));
			CHECK(number(span, START) <= number(span, END) && number(span, KIND) == 1);
			telemetry_end();
		}
}

TEST(a_full_span_keeps_the_name_it_has)
{
	static char fill[OTEL_SPAN_BYTES];
	int kept = 0, changed = 0;

	memset(fill, 'f', sizeof fill);
	for (size_t n = OTEL_SPAN_BYTES - 300; n < OTEL_SPAN_BYTES - 100; n++) {
		struct otel_span *s;
		str span;

		fresh();
		s = otel_start("name");
		otel_set_str(s, "fill", fill, n);
		otel_rename(s, fill, 100);
		telemetry_end();
		span = telemetry_span(0);
		CHECK(pb_valid(span) && span.n <= OTEL_SPAN_BYTES);
		kept += str_eq(pb_bytes(span, NAME), S("name"));
		changed += pb_bytes(span, NAME).n == 100;
	}
	CHECK(kept > 90 && changed > 0 && kept + changed == 200);
}

/* What the event says is read when the answer is posted: its name has room, and does not take the place of one that the handler has given. */
TEST(the_invocations_span_gets_its_name_at_the_end)
{
	static const char event[] = "{\"routeKey\":\"GET /a\",\"rawPath\":\"/a\",\"rawQueryString\":\"\",\"headers\":{},"
								"\"requestContext\":{\"http\":{\"method\":\"GET\"}}}";
	static const char queue[] =
		"{\"Records\":[{\"eventSource\":\"aws:sqs\",\"eventSourceARN\":\"arn:aws:sqs:r:1:q\"}]}";
	static char fill[OTEL_SPAN_BYTES];

	memset(fill, 'f', sizeof fill);
	for (size_t n = 0; n < sizeof fill; n = n ? n + 97 : OTEL_SPAN_BYTES - 2500) {
		telemetry_start_plain();
		telemetry_begin(event, NULL);
		otel_set_str(otel_invocation(), "fill", fill, n);
		telemetry_end();
		CHECK(str_eq(pb_bytes(telemetry_span(0), NAME), S("GET /a")) && number(telemetry_span(0), KIND) == 2);
	}
	telemetry_start_plain();
	telemetry_begin(event, NULL);
	otel_rename(otel_invocation(), "its own", 7);
	telemetry_end();
	CHECK(str_eq(pb_bytes(telemetry_span(0), NAME), S("its own")) && number(telemetry_span(0), KIND) == 2);
	telemetry_start_plain();
	telemetry_begin(event, NULL);
	otel_route("/{b}");
	telemetry_end();
	CHECK(str_eq(pb_bytes(telemetry_span(0), NAME), S("GET /{b}")));
	telemetry_start_plain();
	telemetry_begin(queue, NULL);
	telemetry_end();
	CHECK(str_eq(pb_bytes(telemetry_span(0), NAME), S("process q")) && number(telemetry_span(0), KIND) == 5);
}

TEST(events_have_times_and_attributes)
{
	const struct otel_attr attrs[] = { otel_attr_bool("b", true), otel_attr_double("d", 2.5),
		                               otel_attr_bool("b", false) };
	struct otel_span *s;
	str span, event;

	fresh();
	s = otel_start("s");
	otel_add_event_at(s, 42, "then", attrs, 3);
	otel_add_event(s, "now", NULL, 0);
	otel_exception_stack(s, "Type", "message", 7, "at f\nat g", 9);
	otel_end(s);
	telemetry_end();
	span = named("s");
	event = pb_field(span, EVENTS, 0).bytes;
	CHECK(pb_count(span, EVENTS) == 3 && number(event, 1) == 42 && str_eq(pb_bytes(event, 2), S("then")));
	CHECK(pb_count(event, 3) == 2 && number(pb_attribute(event, 3, "b"), 2) == 0); /* of equal keys the last */
	event = pb_field(span, EVENTS, 1).bytes;
	CHECK(number(event, 1) >= number(span, START) && number(event, 1) <= number(span, END) && !pb_count(event, 3));
	event = pb_field(span, EVENTS, 2).bytes;
	CHECK(str_eq(pb_text_attribute(event, 3, "exception.stacktrace"), S("at f\nat g")) && pb_count(event, 3) == 3);
}

TEST(a_location_is_three_attributes)
{
	int line;

	fresh();
	otel_end(OTEL_HERE(otel_start("here"))), line = __LINE__;
	telemetry_end();
	CHECK(number(pb_attribute(named("here"), ATTRIBUTES, "code.line.number"), 3) == (uint64_t)line);
	CHECK(str_eq(pb_text_attribute(named("here"), ATTRIBUTES, "code.file.path"), S(__FILE__)));
	CHECK(str_eq(pb_text_attribute(named("here"), ATTRIBUTES, "code.function.name"), str_of(__func__)));
}

static void in_a_block(bool early)
{
	OTEL_SPAN(span, "block");

	otel_set_bool(span, "early", early);
	if (early)
		return;
	{
		OTEL_SPAN(inner, "inner");
		otel_set_int(inner, "k", 1);
	}
	CHECK(otel_current() == span);
}

TEST(a_span_of_a_block_ends_with_it)
{
	fresh();
	in_a_block(true);
	in_a_block(false);
	CHECK(otel_current() == otel_invocation());
	telemetry_end();
	CHECK(recorder.spool.items == 4 && recorder.unended == 0);
}

/* ---- scopes ---- */

static const struct otel_attr scope_attrs[] = { { "team", 4, { OTEL_STR, 3, { .text = "red" } } } };
static const struct otel_scope one = { "one", "1.0", "https://example.com/schema", scope_attrs, 1 },
							   two = { .name = "two" };

TEST(spans_of_a_scope_stand_together_behind_its_head)
{
	const struct otel_scope *const order[] = { NULL, &one, NULL, &two, &one, NULL, &two, &one };
	struct signal_items items = { .count = 0 };
	int counts[3] = { 0 };

	fresh();
	for (size_t i = 0; i < 8; i++) {
		struct otel_opening o = { .scope = order[i] };
		struct otel_span *s = otel_start_with("s", &o);

		otel_set_int(s, "i", (int64_t)i);
		otel_end(s);
	}
	telemetry_end();
	spool_items(&recorder.spool, &items);
	CHECK(items.count == 9 && items.scope_count == 3);
	for (size_t i = 0; i < items.scope_count; i++) {
		str scope = pb_bytes(items.scopes[i].head, 1), name = pb_bytes(scope, 1);
		int64_t last = -1;

		CHECK(pb_valid(items.scopes[i].head) && pb_valid(items.scopes[i].items));
		counts[i] = pb_count(items.scopes[i].items, 2);
		for (int k = 0; k < counts[i]; k++) {
			str span = pb_field(items.scopes[i].items, 2, k).bytes, at = pb_attribute(span, ATTRIBUTES, "i");

			if (!at.n)
				continue; /* the invocation's */
			CHECK((int64_t)number(at, 3) > last);
			last = (int64_t)number(at, 3);
			CHECK(str_eq(name, order[last] ? str_of(order[last]->name) : S("mote")));
		}
	}
	CHECK(counts[0] == 4 && counts[1] == 3 && counts[2] == 2);
	CHECK(str_eq(pb_bytes(pb_bytes(items.scopes[1].head, 1), 2), S("1.0")));
	CHECK(str_eq(pb_bytes(items.scopes[1].head, 3), S("https://example.com/schema")));
	CHECK(str_eq(pb_text_attribute(pb_bytes(items.scopes[1].head, 1), 3, "team"), S("red")));
	CHECK(!pb_bytes(items.scopes[2].head, 3).n);
}

TEST(taking_a_trace_back_leaves_those_before_it)
{
	struct otel_opening o = { .scope = &one };
	struct signal_items items = { .count = 0 };
	size_t n;

	telemetry_start((const char *const[]){ "MOTE_TRACES_TAIL=error", NULL });
	for (int i = 0; i < 3; i++) {
		struct lambda_hook_result r = { .failed = i == 1 };

		telemetry_begin("{}", NULL);
		otel_end(otel_start_with("s", &o));
		otel_end(otel_start("t"));
		otel_hooks.end(&r);
		otel_hooks.answered();
		n = recorder_spool().n;
		CHECK((n > 0) == (i > 0) && recorder.spool.items == (i ? 3u : 0u));
	}
	spool_items(&recorder.spool, &items);
	CHECK(items.scope_count == 2 && pb_count(items.scopes[0].items, 2) == 1 && pb_count(items.scopes[1].items, 2) == 2);
	CHECK(recorder.count.dropped[DROP_TAIL] == 6 && telemetry_adds_up());
}

/* ---- what was lost ---- */

TEST(what_was_dropped_is_on_the_next_invocations_span_once)
{
	fresh();
	for (int i = 0; i < OTEL_OPEN_MAX + 2; i++)
		otel_start("deep");
	telemetry_end();
	CHECK(number(pb_attribute(named("greeter"), ATTRIBUTES, "mote.dropped.spans.open"), 3) == 3);
	recorder_spool_empty();
	telemetry_begin("{}", NULL);
	telemetry_end();
	CHECK(!pb_attribute(named("greeter"), ATTRIBUTES, "mote.dropped.spans.open").n);
}

TEST(the_child_of_a_fork_has_ids_of_its_own)
{
	struct otel_context ids[2];
	int pipes[2], status = 0;
	pid_t pid;

	telemetry_start_plain();
	telemetry_begin("{}", NULL);
	otel_end(otel_start("seeded"));
	CHECK(!pipe(pipes));
	if (!(pid = fork())) {
		otel_reseed();
		otel_context_of(otel_start("in the child"), &ids[1]);
		_exit(write(pipes[1], &ids[1], sizeof ids[1]) != sizeof ids[1]);
	}
	otel_context_of(otel_start("in the parent"), &ids[0]);
	CHECK(read(pipes[0], &ids[1], sizeof ids[1]) == sizeof ids[1] && waitpid(pid, &status, 0) == pid && !status);
	CHECK(!memcmp(ids[0].trace_id, ids[1].trace_id, 16) && memcmp(ids[0].span_id, ids[1].span_id, 8));
	close(pipes[0]);
	close(pipes[1]);
	telemetry_end();
	recorder_spool_empty();
}
