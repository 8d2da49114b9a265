// SPDX-License-Identifier: MIT
#include "trigger.h"

#include "event_file.h"
#include "test.h"
#include "trigger/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char text[65536];
static struct trigger trigger;

str event_of(const char *name)
{
	return event_file(name, text, sizeof text);
}

struct trigger *detected(str event)
{
	memset(&trigger, 0xee, sizeof trigger); /* what an earlier event left behind */
	trigger_detect(event, &trigger);
	return &trigger;
}

str attr_of(const struct trigger *t, const char *key)
{
	static char number[24];

	for (unsigned i = 0; i < t->attrs; i++) {
		if (strcmp(t->attr[i].key, key) != 0)
			continue;
		if (t->attr[i].text.n)
			return t->attr[i].text;
		snprintf(number, sizeof number, "%lld", (long long)t->attr[i].number);
		return str_of(number);
	}
	return (str){ 0 };
}

/* ---- every source is told, and named ---- */

static const struct {
	const char *event, *trigger, *name;
	enum otel_kind kind;
} sources[] = {
	{ "alb", "http", "GET /hello", OTEL_SERVER },
	{ "alb-multi-value", "http", "POST /echo", OTEL_SERVER },
	{ "apigw-authorizer", "other", "", OTEL_SERVER },
	{ "apigw-http-api", "http", "GET /hello", OTEL_SERVER },
	{ "apigw-rest", "http", "POST /users/{id}", OTEL_SERVER },
	{ "appsync", "other", "", OTEL_SERVER },
	{ "cloudwatch-logs", "pubsub", "", OTEL_CONSUMER },
	{ "codepipeline", "other", "", OTEL_SERVER },
	{ "cognito", "other", "", OTEL_SERVER },
	{ "cognito-sync", "datasource", "", OTEL_SERVER },
	{ "dynamodb", "datasource", "process TestTable", OTEL_CONSUMER },
	{ "eventbridge", "pubsub", "order.placed", OTEL_CONSUMER },
	{ "function-url", "http", "POST /echo/caf%C3%A9", OTEL_SERVER },
	{ "iot-authorizer", "other", "", OTEL_SERVER },
	{ "iot-button", "other", "", OTEL_SERVER },
	{ "kafka-msk", "pubsub", "process mytopic", OTEL_CONSUMER },
	{ "kafka-self-managed", "pubsub", "process mytopic", OTEL_CONSUMER },
	{ "kinesis", "pubsub", "process lambda-stream", OTEL_CONSUMER },
	{ "lex", "other", "", OTEL_SERVER },
	{ "lex-v1", "other", "", OTEL_SERVER },
	{ "mq-active", "pubsub", "process testQueue", OTEL_CONSUMER },
	{ "mq-rabbit", "pubsub", "process pizzaQueue", OTEL_CONSUMER },
	{ "s3", "datasource", "process holiday-pictures", OTEL_CONSUMER },
	{ "scheduled", "timer", "Scheduled Event", OTEL_CONSUMER },
	{ "scheduler", "timer", "Scheduled Event", OTEL_CONSUMER },
	{ "sns", "pubsub", "process order-events", OTEL_CONSUMER },
	{ "sqs", "pubsub", "process orders", OTEL_CONSUMER },
	{ "sqs-sns", "pubsub", "process orders", OTEL_CONSUMER },
	{ "step-functions", "other", "", OTEL_SERVER },
	{ "websocket-connect", "http", "$connect", OTEL_SERVER },
	{ "websocket-message", "http", "sendMessage", OTEL_SERVER },
};

#define SOURCES (sizeof sources / sizeof *sources)

TEST(every_source_is_told_by_its_event)
{
	for (size_t i = 0; i < SOURCES; i++) {
		const struct trigger *t = detected(event_of(sources[i].event));
		bool held = t->row && str_eq(str_of(t->trigger), str_of(sources[i].trigger)) && t->kind == sources[i].kind &&
		            str_eq(buf_str(&t->name), str_of(sources[i].name));

		if (!held)
			printf("    %s: %s, %.*s\n", sources[i].event, t->trigger, (int)t->name.n, t->name.p);
		CHECK(held);
	}
}

TEST(what_nobody_knows_was_called_by_name)
{
	static const char *const events[] = { "",
		                                  " ",
		                                  "{}",
		                                  "[]",
		                                  "null",
		                                  "7",
		                                  "\"Records\"",
		                                  "[{\"Records\":[]}]",
		                                  "{\"Records\":[]}",
		                                  "{\"Records\":[{\"eventSource\":\"aws:new\"}]}",
		                                  "{\"requestContext\":{}}",
		                                  "\xff" };

	for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
		struct trigger t;

		CHECK(!trigger_detect(str_of(events[i]), &t));
		CHECK(t.kind == OTEL_SERVER && str_eq(str_of(t.trigger), S("other")) && t.name.n == 0 && !t.attrs && !t.links);
	}
	CHECK(!detected(event_of("direct"))->row && !detected(event_of("iot-rule"))->row);
}

/* ---- the order of members, and how far is read ---- */

static size_t members_of(str event, str key[64], str value[64])
{
	struct lambda_json json;
	size_t n = 0;

	lambda_json_init(&json, event);
	while (n < 64 && lambda_json_each(&json, &key[n], NULL, &value[n]))
		n++;
	return n;
}

/* The members from the i-th on, and then those before it. */
static str turned(str event, size_t by, bool backwards)
{
	static char room[65536];
	struct buf b = BUF(room);
	str key[64], value[64];
	size_t n = members_of(event, key, value);

	buf_putc(&b, '{');
	for (size_t i = 0; i < n; i++) {
		size_t k = backwards ? (n - 1 - i + by) % n : (i + by) % n;

		if (i)
			buf_putc(&b, ',');
		buf_putc(&b, '"');
		buf_put(&b, key[k]);
		buf_put(&b, S("\":"));
		buf_put(&b, value[k]);
	}
	buf_putc(&b, '}');
	CHECK(!b.full);
	return buf_str(&b);
}

static size_t summary(const struct trigger *t, char *room, size_t size)
{
	static const char *const names[] = { "traceparent", "host", "user-agent", "x-forwarded-for", "x-amzn-trace-id" };
	struct buf b = { .p = room, .cap = size };
	str value;

	buf_put(&b, str_of(t->trigger));
	buf_put(&b, buf_str(&t->name));
	buf_u64(&b, t->links);
	for (unsigned i = 0; i < t->attrs; i++) {
		buf_put(&b, str_of(t->attr[i].key));
		buf_putc(&b, '=');
		buf_put(&b, t->attr[i].text);
		buf_i64(&b, t->attr[i].number);
	}
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		for (size_t nth = 0; carrier_get(&t->carrier, str_of(names[i]), nth, &value); nth++)
			buf_put(&b, value);
	CHECK(!b.full);
	return b.n;
}

TEST(members_may_stand_in_any_order)
{
	static char before[32768], after[32768];

	for (size_t i = 0; i < SOURCES; i++) {
		str event = event_of(sources[i].event);
		size_t n = summary(detected(event), before, sizeof before);

		for (size_t by = 0; by < 20; by++)
			for (int backwards = 0; backwards < 2; backwards++) {
				size_t m = summary(detected(turned(event, by, backwards)), after, sizeof after);

				CHECK(m == n && memcmp(before, after, n) == 0);
			}
	}
}

/* As an invocation does it: header fields before the handler runs, the rest when it has answered. */
TEST(what_is_read_in_two_steps_is_what_is_read_in_one)
{
	static char before[32768], after[32768];
	int paused = 0;

	for (size_t i = 0; i < SOURCES; i++) {
		str event = event_of(sources[i].event);

		for (size_t by = 0; by < 20; by++) {
			str text_of_it = turned(event, by, false), value;
			size_t n = summary(detected(text_of_it), before, sizeof before), m;
			bool known = trigger.known;

			memset(&trigger, 0xee, sizeof trigger);
			trigger_begin(text_of_it, &trigger);
			carrier_get(&trigger.carrier, S("traceparent"), 0, &value);
			paused += trigger.name.n == 0 && trigger.headers;
			CHECK(trigger_finish(&trigger) == known);
			m = summary(&trigger, after, sizeof after);
			CHECK(m == n && memcmp(before, after, n) == 0);
		}
	}
	CHECK(paused > 20);
}

/* What stands behind the last member that a source wants may be anything, and so is not read. */
static bool stops(const char *name, const char *behind)
{
	static char room[65536];
	str event = event_of(name);
	const char *at = memmem(event.p, event.n, behind, strlen(behind));
	struct buf b = BUF(room);

	CHECK(at);
	buf_put(&b, (str){ event.p, at ? (size_t)(at - event.p) : 0 });
	buf_put(&b, S("\"\xff this is no JSON"));
	return detected(buf_str(&b))->row && trigger.name.n;
}

TEST(nothing_is_read_behind_what_decides)
{
	CHECK(stops("apigw-http-api", "\"isBase64Encoded\""));
	CHECK(stops("function-url", "\"body\""));
	CHECK(stops("apigw-rest", "\"body\""));
	CHECK(stops("alb", "\"body\""));
	CHECK(stops("alb-multi-value", "\"body\""));
	CHECK(stops("sqs", "\"messageId\": \"2e14"));
	CHECK(stops("kafka-msk", "\"offset\": 16"));
}

TEST(an_event_of_ones_own_is_given_up_on_early)
{
	size_t n = 8 << 20;
	char *big = malloc(n);
	str known = S(",\"Records\":[{\"eventSource\":\"aws:sqs\",\"eventSourceARN\":\"arn:aws:sqs:a:1:q\"}]}");

	CHECK(big);
	memset(big, 'x', n);
	memcpy(big, "{\"mine\":\"", 9);
	big[n - 1 - known.n] = '"';
	memcpy(big + n - known.n, known.p, known.n);
	CHECK(!detected((str){ big, n })->row);
	memcpy(big, "{\"path\":\"", 9); /* anybody's */
	CHECK(!detected((str){ big, n })->row);
	memcpy(big, "{\"body\":\"", 9); /* this one it knows */
	CHECK(detected((str){ big, n })->row);
	free(big);
}

/* ---- requests ---- */

static bool attr_is(const char *key, const char *value)
{
	bool held = str_eq(attr_of(&trigger, key), str_of(value));

	if (!held)
		printf("    %s: %.*s\n", key, (int)attr_of(&trigger, key).n, attr_of(&trigger, key).p);
	return held;
}

TEST(a_rest_request_has_its_template_and_its_query_again)
{
	detected(event_of("apigw-rest"));
	CHECK(attr_is("http.request.method", "POST") && attr_is("http.route", "/users/{id}"));
	CHECK(attr_is("url.path", "/users/42") && attr_is("url.scheme", "https"));
	CHECK(attr_is("url.query", "tag=a&tag=b%20c&name=Zo%C3%AB"));
	CHECK(attr_is("client.address", "198.51.100.7") && attr_is("network.protocol.version", "1.1"));
	CHECK(attr_is("server.address", "70ixmpl4fl.execute-api.us-east-2.amazonaws.com") && attr_is("server.port", "443"));
}

TEST(a_route_is_a_template_or_absent)
{
	detected(event_of("apigw-http-api"));
	CHECK(attr_is("http.route", "/hello"));
	detected(event_of("function-url")); /* $default */
	CHECK(attr_is("http.route", "") && attr_is("url.path", "/echo/caf%C3%A9"));
	detected(event_of("alb"));
	CHECK(attr_is("http.route", ""));
}

TEST(a_balancer_says_who_asked_in_headers)
{
	detected(event_of("alb"));
	CHECK(attr_is("client.address", "192.0.2.1") && attr_is("url.scheme", "https"));
	CHECK(attr_is("url.query", "name=mote%20and%20friends&empty="));
	CHECK(attr_is("alb.target_group_arn", "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/"
	                                      "lambda-279XGJDqGZ5rsrHC2Fjr/49e9d65c45c6791a"));
	CHECK(str_eq(trigger_header(&trigger, S("HOST")), trigger_header(&trigger, S("host"))));
}

static struct trigger *request(const char *method, const char *query, const char *headers)
{
	static char event[4096];

	snprintf(event, sizeof event,
	         "{\"version\":\"2.0\",\"routeKey\":\"ANY "
	         "/a/{b}\",\"rawPath\":\"/a/1\",\"rawQueryString\":\"%s\",\"headers\":%s,"
	         "\"requestContext\":{\"http\":{\"method\":\"%s\",\"path\":\"/a/1\"}}}",
	         query, headers, method);
	return detected(str_of(event));
}

TEST(a_method_that_nobody_knows_is_other)
{
	request("BREW", "", "{}");
	CHECK(attr_is("http.request.method", "_OTHER") && attr_is("http.request.method_original", "BREW"));
	CHECK(str_eq(buf_str(&trigger.name), S("HTTP /a/{b}")));
	request("get", "", "{}"); /* they compare with case */
	CHECK(attr_is("http.request.method", "_OTHER") && attr_is("http.request.method_original", "get"));
	setenv("OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS", "BREW, WHEN", 1);
	trigger_options_forget();
	request("BREW", "", "{}");
	CHECK(attr_is("http.request.method", "BREW") && attr_is("http.request.method_original", ""));
	request("GET", "", "{}");
	CHECK(attr_is("http.request.method", "_OTHER"));
	unsetenv("OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS");
	trigger_options_forget();
}

TEST(what_is_secret_in_a_query_is_not_shown)
{
	static const char *const queries[][2] = {
		{ "a=1&b=2", "a=1&b=2" },
		{ "sig=s", "sig=REDACTED" },
		{ "a=1&X-Amz-Signature=00ff&b", "a=1&X-Amz-Signature=REDACTED&b" },
		{ "AWSAccessKeyId=A&Signature=b%3D&SIG=no&sig", "AWSAccessKeyId=REDACTED&Signature=REDACTED&SIG=no&sig" },
		{ "X%2DAmz-Credential=x", "X%2DAmz-Credential=REDACTED" },
		{ "X-Amz-Security-Token=x=y&&X-Goog-Signature=", "X-Amz-Security-Token=REDACTED&&X-Goog-Signature=REDACTED" },
		{ "", "" },
	};

	for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
		request("GET", queries[i][0], "{}");
		CHECK(attr_is("url.query", queries[i][1]));
	}
	detected(S("{\"resource\":\"/\",\"path\":\"/\",\"httpMethod\":\"GET\",\"headers\":null,\"multiValueHeaders\":null,"
	           "\"queryStringParameters\":null,\"multiValueQueryStringParameters\":{\"si\\u0067\":[\"a\",\"b\"],\"c "
	           "d\":[\"\\u00e9\"]},"
	           "\"requestContext\":{\"stage\":\"x\"}}"));
	CHECK(attr_is("url.query", "sig=REDACTED&sig=REDACTED&c%20d=%C3%A9"));
}

TEST(header_names_have_any_case_and_fields_may_repeat)
{
	str value;

	request("GET", "",
	        "{\"Host\":\"[::1]:8080\",\"X-Forwarded-Proto\":\"HTTP\",\"A\":[\"1\",2,\"3\"],\"a\":\"\\u0034\"}");
	CHECK(attr_is("server.address", "[::1]") && attr_is("server.port", "8080") && attr_is("url.scheme", "http"));
	CHECK(carrier_get(&trigger.carrier, S("a"), 0, &value) && str_eq(value, S("1")));
	CHECK(carrier_get(&trigger.carrier, S("a"), 1, &value) && str_eq(value, S("3")));
	CHECK(carrier_get(&trigger.carrier, S("a"), 2, &value) && str_eq(value, S("4")));
	CHECK(!carrier_get(&trigger.carrier, S("a"), 3, &value) && !carrier_get(&trigger.carrier, S("b"), 0, &value));
}

TEST(more_headers_than_a_request_can_have_are_cut)
{
	char headers[4096];
	size_t n = 1;

	headers[0] = '{';
	for (int i = 0; i < TRIGGER_HEADERS_MAX + 20; i++)
		n += (size_t)snprintf(headers + n, sizeof headers - n, "%s\"h%d\":\"%d\"", i ? "," : "", i, i);
	snprintf(headers + n, sizeof headers - n, "}");
	CHECK(request("GET", "", headers)->headers == TRIGGER_HEADERS_MAX);
	CHECK(str_eq(trigger_header(&trigger, S("H127")), S("127")) && !trigger_header(&trigger, S("h128")).n);
}

/* ---- rows of one's own ---- */

static bool read_order(struct otel_source *source, lambda_str body)
{
	lambda_str id;

	otel_source_name(source, S("process order")); /* a no takes it back */
	otel_source_str(source, "order.id", S("none"));
	if (!lambda_json_find(body, "orderId", &id))
		return false;
	otel_source_str(source, "order.name", otel_source_text(source, id));
	otel_source_int(source, "order.size", (int64_t)id.n);
	otel_source_headers(source, S("{\"Traceparent\":\"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\"}"));
	otel_source_link(source, S("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"), S("m-1"));
	return true;
}

TEST(a_program_may_know_sources_of_its_own)
{
	static struct otel_trigger row = { .trigger = "pubsub", .kind = OTEL_CONSUMER, .read = read_order };
	str value;

	otel_add_trigger(&row);
	otel_add_trigger(&row); /* once is enough */
	detected(S("{\"orderId\":\"a\\u0062\"}"));
	CHECK(str_eq(buf_str(&trigger.name), S("process order")) && trigger.kind == OTEL_CONSUMER && trigger.links == 1);
	CHECK(attr_is("order.name", "ab") && attr_is("order.size", "9") && str_eq(str_of(trigger.trigger), S("pubsub")));
	CHECK(carrier_get(&trigger.carrier, S("traceparent"), 0, &value));
	detected(event_of("sqs"));
	CHECK(str_eq(buf_str(&trigger.name), S("process orders")) && attr_is("order.id", "") && !trigger.links);
	detected(S("{}"));
	CHECK(!trigger.name.n && !trigger.attrs);
}
