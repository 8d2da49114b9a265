// SPDX-License-Identifier: MIT
#include "invocation.h"

#include "test.h"

#include <string.h>

static char room[16384];

static str written(enum lambda_http_kind kind, bool multi_value, const struct lambda_http_reply *reply)
{
	struct lambda_http http = { .kind = kind, .multi_value = multi_value };
	struct lambda_json_writer w;

	lambda_json_to_memory(&w, room, sizeof room);
	CHECK(lambda_http_write(&w, &http, reply) && lambda_json_done(&w) && lambda_json_valid(lambda_json_written(&w)));
	return lambda_json_written(&w);
}

static struct lambda_http_reply rich(void)
{
	struct lambda_http_reply reply = { .status = 201, .body = S("{}") };

	lambda_http_add_header(&reply, "Content-Type", S("application/json"));
	lambda_http_add_header(&reply, "Vary", S("accept"));
	lambda_http_add_header(&reply, "x-one", S("1"));
	lambda_http_add_header(&reply, "vary", S("origin"));
	lambda_http_add_cookie(&reply, S("a=1"));
	lambda_http_add_header(&reply, "Set-Cookie", S("b=2; Secure"));
	return reply;
}

TEST(format_2_joins_headers_and_keeps_cookies_apart)
{
	struct lambda_http_reply reply = rich();
	str expected = S("{\"statusCode\":201,\"headers\":{\"Content-Type\":\"application/json\",\"Vary\":\"accept, "
	                 "origin\",\"x-one\":\"1\"},"
	                 "\"cookies\":[\"a=1\",\"b=2; Secure\"],\"isBase64Encoded\":false,\"body\":\"{}\"}");

	CHECK(str_eq(written(LAMBDA_HTTP_API, false, &reply), expected) &&
	      str_eq(written(LAMBDA_HTTP_URL, false, &reply), expected));
}

TEST(rest_lists_what_is_repeated)
{
	struct lambda_http_reply reply = rich();

	CHECK(str_eq(written(LAMBDA_HTTP_REST, true, &reply),
	             S("{\"statusCode\":201,\"headers\":{\"Content-Type\":\"application/json\",\"x-one\":\"1\"},"
	               "\"multiValueHeaders\":{\"Vary\":[\"accept\",\"origin\"],\"set-cookie\":[\"a=1\",\"b=2; Secure\"]},"
	               "\"isBase64Encoded\":false,\"body\":\"{}\"}")));
	reply = (struct lambda_http_reply){ 0 };
	lambda_http_add_cookie(&reply, S("a=1"));
	CHECK(str_eq(written(LAMBDA_HTTP_REST, true, &reply),
	             S("{\"statusCode\":200,\"headers\":{\"set-cookie\":\"a=1\"},\"multiValueHeaders\":{},"
	               "\"isBase64Encoded\":false,\"body\":\"\"}")));
}

TEST(a_balancer_gets_the_lists_only_when_it_sent_lists)
{
	struct lambda_http_reply reply = rich();

	CHECK(str_eq(written(LAMBDA_HTTP_ALB, true, &reply),
	             S("{\"statusCode\":201,\"statusDescription\":\"201 "
	               "Created\",\"multiValueHeaders\":{\"Content-Type\":[\"application/json\"],"
	               "\"Vary\":[\"accept\",\"origin\"],\"x-one\":[\"1\"],\"set-cookie\":[\"a=1\",\"b=2; Secure\"]},"
	               "\"isBase64Encoded\":false,\"body\":\"{}\"}")));
	CHECK(str_eq(written(LAMBDA_HTTP_ALB, false, &reply),
	             S("{\"statusCode\":201,\"statusDescription\":\"201 "
	               "Created\",\"headers\":{\"Content-Type\":\"application/json\","
	               "\"Vary\":\"accept, origin\",\"x-one\":\"1\",\"set-cookie\":\"a=1\",\"Set-cookie\":\"b=2; Secure\"},"
	               "\"isBase64Encoded\":false,\"body\":\"{}\"}")));
}

TEST(each_cookie_for_a_balancer_without_lists_has_a_name_of_its_own)
{
	struct lambda_http_reply reply = { 0 };
	struct lambda_json json;
	str names[LAMBDA_HTTP_HEADERS_MAX], headers, value;
	size_t n = 0;

	for (size_t i = 0; i < LAMBDA_HTTP_HEADERS_MAX; i++)
		lambda_http_add_cookie(&reply, S("a=1"));
	CHECK(lambda_json_find(written(LAMBDA_HTTP_ALB, false, &reply), "headers", &headers));
	lambda_json_init(&json, headers);
	for (; n < LAMBDA_HTTP_HEADERS_MAX && lambda_json_each(&json, &names[n], NULL, &value); n++) {
		CHECK(str_ieq(names[n], S("set-cookie")));
		for (size_t i = 0; i < n; i++)
			CHECK(!str_eq(names[i], names[n]));
	}
	CHECK(n == LAMBDA_HTTP_HEADERS_MAX);
}

TEST(a_body_goes_out_as_text_when_it_is_utf8)
{
	struct lambda_http_reply reply = { .body = S("caf\xc3\xa9\n\0") };

	CHECK(str_eq(written(LAMBDA_HTTP_API, false, &reply),
	             S("{\"statusCode\":200,\"headers\":{\"content-type\":\"text/plain; charset=utf-8\"},\"cookies\":[],"
	               "\"isBase64Encoded\":false,\"body\":\"caf\xc3\xa9\\n\\u0000\"}")));
	reply.body = S("caf\xe9");
	CHECK(str_eq(written(LAMBDA_HTTP_API, false, &reply),
	             S("{\"statusCode\":200,\"headers\":{\"content-type\":\"application/octet-stream\"},\"cookies\":[],"
	               "\"isBase64Encoded\":true,\"body\":\"Y2Fm6Q==\"}")));
	reply = (struct lambda_http_reply){ .body = S("hi?"), .binary = true };
	lambda_http_add_header(&reply, "CONTENT-TYPE", S("image/gif"));
	CHECK(str_eq(written(LAMBDA_HTTP_API, false, &reply),
	             S("{\"statusCode\":200,\"headers\":{\"CONTENT-TYPE\":\"image/"
	               "gif\"},\"cookies\":[],\"isBase64Encoded\":true,\"body\":\"aGk/\"}")));
}

static int send(struct invocation *inv, const struct lambda_http_reply *reply)
{
	struct lambda_http http;

	memset(inv, 0, sizeof *inv);
	invocation_begin(inv, room, sizeof room);
	inv->call.event = S("{\"httpMethod\":\"GET\"}");
	CHECK(lambda_http_request(&inv->call, &http));
	return lambda_http_send(&http, reply);
}

TEST(an_answer_that_no_server_could_send_fails_the_invocation)
{
	const struct {
		const char *name;
		str value;
	} bad[] = {
		{ "", S("x") },     { "a b", S("x") }, { "a:", S("x") }, { "a\r", S("x") },  { "\xc3\xa9", S("x") },
		{ "a", S("x\ny") }, { "a", S("x\r") }, { "a", S("\0") }, { "a", S("\x7f") }, { "set-cookie", S("a=\n") }
	};
	struct invocation inv;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct lambda_http_reply reply = { .body = S("x") };

		lambda_http_add_header(&reply, bad[i].name, bad[i].value);
		CHECK(send(&inv, &reply) == -1 && inv.failed && invocation_reply(&inv).n == 0);
	}
	static const int statuses[] = { 99, 600, -1, 1000 };
	for (size_t i = 0; i < 4; i++) {
		struct lambda_http_reply reply = { .status = statuses[i] };

		CHECK(send(&inv, &reply) == -1 && inv.failed);
	}
	struct lambda_http_reply null_name = { 0 };
	lambda_http_add_header(&null_name, NULL, S("x"));
	CHECK(send(&inv, &null_name) == -1);
}

TEST(fields_fit_up_to_the_limit)
{
	struct lambda_http_reply reply = { .status = 204 };
	struct invocation inv;

	for (size_t i = 0; i < LAMBDA_HTTP_HEADERS_MAX; i++)
		lambda_http_add_header(&reply, "x", S("\ty \xc3\xa9"));
	CHECK(send(&inv, &reply) == 0 && !inv.failed && lambda_json_valid(invocation_reply(&inv)));
	reply.body = S("its content-type is one too many");
	CHECK(send(&inv, &reply) == -1 && inv.failed && invocation_reply(&inv).n == 0);
	reply.body = S("");
	lambda_http_add_header(&reply, "x", S("y"));
	CHECK(send(&inv, &reply) == -1 && inv.failed);
}

TEST(every_status_has_a_reason)
{
	CHECK(str_eq(str_of(lambda_http_reason(200)), S("OK")) && str_eq(str_of(lambda_http_reason(404)), S("Not Found")));
	CHECK(str_eq(str_of(lambda_http_reason(418)), S("Client Error")) &&
	      str_eq(str_of(lambda_http_reason(599)), S("Server Error")));
	for (int status = -1; status < 1000; status++)
		CHECK(lambda_http_reason(status)[0] != '\0');
}

TEST(the_public_decoders_say_when_there_is_no_room)
{
	char out[16];
	size_t n;

	CHECK(lambda_base64_decode(S("aGVsbG8="), out, 5, &n) && n == 5 && !memcmp(out, "hello", 5));
	CHECK(!lambda_base64_decode(S("aGVsbG8="), out, 4, &n) && !lambda_base64_decode(S("aGVsbG8"), out, 16, &n));
	CHECK(lambda_percent_decode(S("a%20b+"), true, out, 6, &n) && n == 4 && !memcmp(out, "a b ", 4));
	CHECK(!lambda_percent_decode(S("a%20b+"), true, out, 5, &n));
}
