// SPDX-License-Identifier: MIT
#include "telemetry.h"
#include "test.h"

#include "context/extract.h"

#include <stdio.h>
#include <string.h>

#define TRACE "67748580a006649127e371903a2de979"
#define SPAN "53995c3f42cd8ad8"
#define TRACE_2 "0af7651916cd43dd8448eb211c80319c"
#define SPAN_2 "b7ad6b7169203331"
#define ROOT "1-67748580-a006649127e371903a2de979"
#define XRAY(sampled) "Root=" ROOT ";Parent=" SPAN ";Sampled=" sampled

static char sent[4096];

static void put(void *to, const char *name, const char *value, size_t n)
{
	struct buf *b = to;

	buf_put(b, str_of(name));
	buf_put(b, S(": "));
	buf_put(b, (str){ value, n });
	buf_putc(b, '\n');
}

/* The headers of an outgoing call, where the ids of the span that makes it are xx. */
static const char *inject(void)
{
	struct buf b = { .p = sent, .cap = sizeof sent - 1 };
	unsigned char trace[16], span[8];
	char hex[17] = "";

	otel_inject(put, &b);
	sent[b.n] = 0;
	if (recorder_ids(trace, span)) {
		id_hex(hex, span, 8);
		for (char *at = sent; (at = strstr(at, hex)); at += 16)
			memset(at, 'x', 16);
	}
	return sent;
}

static const char *through(const char *propagators, const char *headers, const char *lambda)
{
	char setting[128], event[2048];

	snprintf(setting, sizeof setting, "OTEL_PROPAGATORS=%s", propagators ? propagators : "");
	snprintf(event, sizeof event, "{\"headers\":{%s}}", headers);
	telemetry_start((const char *const[]){ "AWS_LAMBDA_LOG_LEVEL=ERROR", propagators ? setting : NULL, NULL });
	telemetry_begin(event, lambda);
	inject();
	otel_hooks.end(&(struct lambda_hook_result){ 0 });
	otel_hooks.answered();
	recorder_spool_empty();
	return sent;
}

static bool is(const char *got, const char *expected)
{
	bool same = !strcmp(got, expected);

	if (!same)
		fprintf(stderr, "got:\n%sexpected:\n%s", got, expected);
	return same;
}

#define W3C "\"traceparent\":\"00-" TRACE "-" SPAN "-01\""
#define X16 "xxxxxxxxxxxxxxxx"

TEST(by_default_w3c_goes_first_and_xray_follows)
{
	CHECK(is(through(NULL, W3C ",\"tracestate\":\"a=1, b=2\",\"baggage\":\"k = v;p\"", ""),
	         "traceparent: 00-" TRACE "-" X16 "-01\n"
	         "tracestate: a=1,b=2\n"
	         "baggage: k=v;p\n"
	         "X-Amzn-Trace-Id: Root=" ROOT ";Parent=" X16 ";Sampled=1\n"));
	CHECK(is(through(NULL, "", XRAY("1") ";Lineage=1:ab:0"),
	         "traceparent: 00-" TRACE "-" X16 "-01\n"
	         "X-Amzn-Trace-Id: Root=" ROOT ";Parent=" X16 ";Sampled=1;Lineage=1:ab:0\n"));
	CHECK(is(through(NULL, "\"traceparent\":\"00-" TRACE_2 "-" SPAN_2 "-01\"", XRAY("1")),
	         "traceparent: 00-" TRACE_2 "-" X16 "-01\n"
	         "X-Amzn-Trace-Id: Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=" X16 ";Sampled=1\n"));
}

TEST(each_propagator_writes_its_own_headers)
{
	CHECK(is(through("tracecontext", W3C, ""), "traceparent: 00-" TRACE "-" X16 "-01\n"));
	CHECK(is(through("baggage", "\"baggage\":\"a=1\"", ""), "baggage: a=1\n"));
	CHECK(is(through("xray", "\"X-Amzn-Trace-Id\":\"" XRAY("1") "\"", ""),
	         "X-Amzn-Trace-Id: Root=" ROOT ";Parent=" X16 ";Sampled=1\n"));
	CHECK(is(through("b3", "\"b3\":\"" TRACE "-" SPAN "-1\"", ""), "b3: " TRACE "-" X16 "-1\n"));
	CHECK(is(through("b3", "\"B3\":\"" TRACE "-" SPAN "-d\"", ""), "b3: " TRACE "-" X16 "-d\n"));
	CHECK(is(through("b3multi", "\"X-B3-TraceId\":\"" TRACE "\",\"x-b3-spanid\":\"" SPAN "\",\"X-B3-Sampled\":\"0\"",
	                 ""),
	         "X-B3-TraceId: " TRACE "\nX-B3-SpanId: " X16 "\nX-B3-Sampled: 0\n"));
	CHECK(is(through("b3multi", "\"X-B3-TraceId\":\"" TRACE "\",\"x-b3-spanid\":\"" SPAN "\",\"X-B3-Flags\":\"1\"", ""),
	         "X-B3-TraceId: " TRACE "\nX-B3-SpanId: " X16 "\nX-B3-Flags: 1\n"));
	/* either mode reads both, the single header first */
	CHECK(is(through("b3multi", "\"b3\":\"" TRACE "-" SPAN "-1\",\"x-b3-traceid\":\"" TRACE_2 "\"", ""),
	         "X-B3-TraceId: " TRACE "\nX-B3-SpanId: " X16 "\nX-B3-Sampled: 1\n"));
	CHECK(is(through("b3",
	                 "\"X-B3-TraceId\":\"a006649127e37190\",\"x-b3-spanid\":\"" SPAN "\",\"X-B3-Sampled\":\"true\"",
	                 ""),
	         "b3: 0000000000000000a006649127e37190-" X16 "-1\n"));
	CHECK(is(through("none", W3C, XRAY("1")), ""));
}

TEST(the_order_of_the_list_is_the_rule)
{
	const char *both = W3C ",\"b3\":\"" TRACE_2 "-" SPAN_2 "-1\"";

	CHECK(is(through("tracecontext,b3", both, ""),
	         "traceparent: 00-" TRACE_2 "-" X16 "-01\nb3: " TRACE_2 "-" X16 "-1\n"));
	CHECK(is(through(" b3 ,TraceContext,b3,unheard", both, ""),
	         "b3: " TRACE "-" X16 "-1\ntraceparent: 00-" TRACE "-" X16 "-01\n"));
	/* what is invalid changes nothing */
	CHECK(is(through("tracecontext,b3", W3C ",\"b3\":\"0\"", ""),
	         "traceparent: 00-" TRACE "-" X16 "-01\nb3: " TRACE "-" X16 "-1\n"));
	CHECK(is(through("unheard,of", W3C, ""),
	         "traceparent: 00-" TRACE "-" X16 "-01\nX-Amzn-Trace-Id: Root=" ROOT ";Parent=" X16 ";Sampled=1\n"));
}

static const struct context *begin(const char *settings, const char *headers, const char *lambda)
{
	through(settings, headers, lambda);
	return propagation.called ? &propagation.from : NULL;
}

TEST(what_lambda_passes_through_decides_nothing)
{
	const struct context *c;

	CHECK((c = begin(NULL, "", XRAY("0"))) && c->has_span && c->pass_through && !c->silent);
	CHECK((c = begin(NULL, "", XRAY("0") ";Lineage=1:ab:0")) && c->has_span && c->pass_through && !c->silent);
	CHECK((c = begin(NULL, "", "Root=" ROOT)) && !c->has_span && c->pass_through);
	CHECK((c = begin(NULL, "", "Root=" ROOT ";Lineage=1:ab:0")) && !c->has_span && c->pass_through);
	CHECK((c = begin(NULL, "", XRAY("1"))) && !c->pass_through && c->flags == CONTEXT_SAMPLED);
	CHECK((c = begin(NULL, "", XRAY("?"))) && !c->pass_through && c->deferred);
	CHECK(!begin("tracecontext", "", XRAY("1")) && !begin("xray", "", XRAY("1")) && !begin(NULL, "", ""));
}

TEST(a_real_parent_is_followed)
{
	const struct context *c;

	CHECK((c = begin(NULL, "\"traceparent\":\"00-" TRACE "-" SPAN "-00\"", XRAY("1"))) && c->silent);
	CHECK((c = begin(NULL, "\"x-amzn-trace-id\":\"" XRAY("0") "\"", "")) && c->silent && !c->pass_through);
	/* the gateway's Root, which has no parent, gives way to what Lambda says; a parent does not give way to what is passed through */
	CHECK((c = begin(NULL, "\"x-amzn-trace-id\":\"Root=" ROOT "\"", XRAY("1"))) && c->has_span);
	CHECK((c = begin(NULL, "\"x-amzn-trace-id\":\"" XRAY("1") "\"", XRAY("0"))) && !c->pass_through && c->flags);
	CHECK((c = begin("tracecontext,xray", W3C ",\"x-amzn-trace-id\":\"Root=1-00000000-000000000000000000000001\"",
	                 "")) &&
	      c->has_span && c->trace_id[0] == 0x67);
}

TEST(lambdas_decision_is_followed_when_that_is_wanted)
{
	telemetry_start((const char *const[]){ "MOTE_FOLLOW_LAMBDA_SAMPLING=true", NULL });
	telemetry_begin("{}", XRAY("0"));
	CHECK(propagation.from.silent && !propagation.from.pass_through);
	otel_hooks.end(&(struct lambda_hook_result){ 0 });
	otel_hooks.answered();
}

TEST(the_client_context_says_who_called)
{
	struct lambda_hook_event e = {
		.request_id = S(REQUEST_ID),
		.client_context = S("{\"custom\":{\"traceparent\":1},\"w3c\":{\"traceparent\":\"00-" TRACE_2 "-" SPAN_2
		                    "-01\",\"tracestate\":\"a=\\\"1\\\"\",\"baggage\":\"k=v\",\"b3\":\"1\"}}"),
		.body = S("{\"headers\":{" W3C ",\"baggage\":\"not=this\"}}"),
	};

	telemetry_start_plain();
	otel_hooks.begin(&e);
	CHECK(is(inject(), "traceparent: 00-" TRACE_2 "-" X16 "-01\ntracestate: a=\"1\"\nbaggage: k=v\n"
	                   "X-Amzn-Trace-Id: Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=" X16 ";Sampled=1\n"));
	otel_hooks.end(&(struct lambda_hook_result){ 0 });
	otel_hooks.answered();
	e.client_context = S("{\"w3c\":{\"traceparent\":[\"00\"],\"baggage\":\"k=v\"}}");
	otel_hooks.begin(&e);
	CHECK(strstr(inject(), TRACE) && strstr(sent, "not=this") && !strstr(sent, "k=v"));
	otel_hooks.end(&(struct lambda_hook_result){ 0 });
	otel_hooks.answered();
	recorder_spool_empty();
}

TEST(the_environment_is_a_carrier_when_nothing_else_is)
{
	telemetry_start((const char *const[]){ "TRACEPARENT=00-" TRACE "-" SPAN "-01", "TRACESTATE=a=1", "BAGGAGE=k=v",
	                                       NULL });
	telemetry_begin("{}", "");
	CHECK(!strncmp(inject(), "traceparent: 00-" TRACE, 48) && strstr(sent, "tracestate: a=1\nbaggage: k=v\n"));
	telemetry_begin("{\"headers\":{\"traceparent\":\"00-" TRACE_2 "-" SPAN_2 "-01\"}}", "");
	CHECK(strstr(inject(), TRACE_2) && !strstr(sent, "k=v") && !strstr(sent, "a=1"));
	otel_hooks.end(&(struct lambda_hook_result){ 0 });
	otel_hooks.answered();
	telemetry_start((const char *const[]){ "OTEL_PROPAGATORS=b3multi", "X_B3_TRACEID=" TRACE, "X_B3_SPANID=" SPAN,
	                                       NULL });
	telemetry_begin("{}", "");
	CHECK(strstr(inject(), TRACE));
	otel_hooks.end(&(struct lambda_hook_result){ 0 });
	otel_hooks.answered();
	recorder_spool_empty();
}

TEST(with_telemetry_off_what_came_in_goes_on)
{
	telemetry_start((const char *const[]){ "OTEL_SDK_DISABLED=true", NULL });
	telemetry_begin("{\"headers\":{\"traceparent\":\"00-" TRACE "-" SPAN "-00\",\"baggage\":\"a=1\"}}", "");
	CHECK(is(inject(), "traceparent: 00-" TRACE "-" SPAN "-00\nbaggage: a=1\n"
	                   "X-Amzn-Trace-Id: Root=" ROOT ";Parent=" SPAN ";Sampled=0\n"));
	telemetry_begin("{}", "");
	CHECK(is(inject(), ""));
}

TEST(a_handler_changes_baggage_for_its_own_calls_only)
{
	struct otel_baggage e;
	char room[16];
	size_t n = 0;

	telemetry_start((const char *const[]){ "OTEL_PROPAGATORS=baggage", NULL });
	telemetry_begin("{\"headers\":{\"baggage\":\"user=al%20ice;p,b=2\"}}", "");
	CHECK(otel_baggage_get("user", room, sizeof room, &n) && n == 6 && !memcmp(room, "al ice", 6));
	CHECK(!otel_baggage_get("user", room, 5, &n) && !otel_baggage_get("USER", room, sizeof room, &n));
	CHECK(otel_baggage_set("c", "x y", 3) && otel_baggage_remove("b") && !otel_baggage_remove("b"));
	CHECK(otel_baggage_at(0, &e) && e.key_n == 4 && e.value_n == 8 && e.properties_n == 1);
	CHECK(otel_baggage_at(1, &e) && !memcmp(e.key, "c", 1) && e.value_n == 5 && !otel_baggage_at(2, &e) &&
	      !otel_baggage_at(SIZE_MAX, &e));
	CHECK(is(inject(), "baggage: user=al%20ice;p,c=x%20y\n"));
	otel_hooks.end(&(struct lambda_hook_result){ 0 });
	otel_hooks.answered();
	telemetry_begin("{}", "");
	CHECK(is(inject(), ""));
	otel_hooks.end(&(struct lambda_hook_result){ 0 });
	otel_hooks.answered();
	recorder_spool_empty();
}

static bool answer(void *from, const char *name, size_t nth, const char **value, size_t *n)
{
	const char *const *pairs = from;

	for (; *pairs; pairs += 2) {
		if (strcmp(pairs[0], name) || nth--)
			continue;
		*value = pairs[1];
		*n = strlen(pairs[1]);
		return true;
	}
	return false;
}

TEST(a_program_extracts_from_what_it_likes)
{
	const char *good[] = {
		"traceparent", "00-" TRACE "-" SPAN "-01", "tracestate", "a=1", "tracestate", "b=2", "baggage", "k=v", NULL
	};
	const char *twice[] = {
		"traceparent", "00-" TRACE "-" SPAN "-01", "traceparent", "00-" TRACE "-" SPAN "-01", "baggage", "k=w", NULL
	};
	struct otel_context c;

	telemetry_start_plain();
	telemetry_begin("{}", "");
	telemetry_end();
	CHECK(otel_extract(answer, good, &c) && c.remote && c.flags == 1 && !memcmp(c.trace_id, "\x67\x74\x85\x80", 4));
	CHECK(str_eq((str){ c.trace_state, c.trace_state_n }, S("a=1,b=2")));
	CHECK(strstr(inject(), "baggage: k=v\n"));
	CHECK(!otel_extract(answer, twice, &c) && strstr(inject(), "baggage: k=w\n") && !strstr(sent, TRACE));
	recorder_spool_empty();
}

TEST(baggage_of_these_names_is_on_every_span)
{
	telemetry_start((const char *const[]){ "OTEL_BAGGAGE_SPAN_ATTRIBUTE_KEYS=user, b,absent", NULL });
	telemetry_begin("{\"headers\":{\"baggage\":\"user=al%20ice,a=1,b=\"}}", "");
	otel_end(otel_start("inner"));
	otel_end(otel_start_with("other", &(struct otel_opening){ .kind = OTEL_CLIENT }));
	telemetry_end();
	for (int i = 0; i < 3; i++) {
		CHECK(str_eq(pb_text_attribute(telemetry_span(i), 9, "user"), S("al ice")));
		CHECK(pb_attribute(telemetry_span(i), 9, "b").n && !pb_attribute(telemetry_span(i), 9, "a").n);
	}
	recorder_spool_empty();
	telemetry_start((const char *const[]){ "OTEL_BAGGAGE_SPAN_ATTRIBUTE_KEYS=*", NULL });
	telemetry_begin("{\"headers\":{\"baggage\":\"user=al%20ice,a=1\"}}", "");
	telemetry_end();
	CHECK(pb_attribute(telemetry_span(0), 9, "user").n && pb_attribute(telemetry_span(0), 9, "a").n);
	recorder_spool_empty();
}
