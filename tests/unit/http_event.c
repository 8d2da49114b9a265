// SPDX-License-Identifier: MIT
#include "base/buf.h"
#include "invocation.h"

#include "event_file.h"
#include "test.h"

#include <string.h>

static char event[8192], room[8192];

static str load(const char *name)
{
	return event_file(name, event, sizeof event);
}

static struct lambda_http parsed(str text)
{
	struct lambda_http http;

	lambda_http_parse(text, room, sizeof room, &http);
	return http;
}

/* All pairs in one line: name=value;name=value; */
static str listed(struct lambda_http_pairs pairs)
{
	static char line[4096];
	struct buf b = BUF(line);

	while (lambda_http_next(&pairs)) {
		buf_put(&b, pairs.name);
		buf_putc(&b, '=');
		buf_put(&b, pairs.value);
		buf_putc(&b, ';');
	}
	CHECK(!b.full);
	return buf_str(&b);
}

TEST(an_http_api_event_is_read)
{
	struct lambda_http http = parsed(load("apigw-http-api"));

	CHECK(http.kind == LAMBDA_HTTP_API && !http.multi_value && !http.full);
	CHECK(str_eq(http.method, S("GET")) && str_eq(http.raw_path, S("/hello")) &&
	      str_eq(lambda_http_path(&http), S("/hello")));
	CHECK(str_eq(http.raw_query, S("name=mote")) && str_eq(lambda_http_query(&http, "name"), S("mote")));
	CHECK(str_eq(http.route, S("GET /hello")) && str_eq(http.stage, S("$default")) &&
	      str_eq(http.protocol, S("HTTP/1.1")));
	CHECK(str_eq(http.source_ip, S("203.0.113.25")) &&
	      str_eq(http.domain, S("a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com")));
	CHECK(str_eq(lambda_http_header(&http, "User-Agent"), S("curl/8.5.0")) &&
	      lambda_http_header(&http, "user-agen").n == 0);
	CHECK(lambda_http_body(&http).n == 0 && lambda_http_cookie(&http, "a").n == 0 &&
	      lambda_http_path_parameter(&http, "id").n == 0);
}

TEST(a_rest_event_is_read)
{
	struct lambda_http http = parsed(load("apigw-rest"));

	CHECK(http.kind == LAMBDA_HTTP_REST && http.multi_value);
	CHECK(str_eq(http.method, S("POST")) && str_eq(lambda_http_path(&http), S("/users/42")) && http.raw_query.n == 0);
	CHECK(str_eq(http.route, S("/users/{id}")) && str_eq(http.stage, S("prod")) &&
	      str_eq(http.source_ip, S("198.51.100.7")));
	CHECK(str_eq(lambda_http_header(&http, "content-TYPE"), S("application/json")));
	CHECK(str_eq(lambda_http_query(&http, "name"), S("Zo\xc3\xab")) && str_eq(lambda_http_query(&http, "tag"), S("a")));
	CHECK(str_eq(listed(lambda_http_queries(&http)), S("tag=a;tag=b c;name=Zo\xc3\xab;")));
	CHECK(str_eq(lambda_http_path_parameter(&http, "id"), S("42")));
	CHECK(str_eq(lambda_http_cookie(&http, "session"), S("9b2e8f")) &&
	      str_eq(listed(lambda_http_cookies(&http)), S("theme=dark;session=9b2e8f;")));
	CHECK(str_eq(lambda_http_body(&http), S("{\"greeting\":\"hello \\u2603\",\"path\":\"a\\/b\"}")));
}

TEST(balancer_events_are_read)
{
	struct lambda_http http = parsed(load("alb"));

	CHECK(http.kind == LAMBDA_HTTP_ALB && !http.multi_value && str_eq(http.method, S("GET")));
	CHECK(str_eq(http.source_ip, S("203.0.113.77")) &&
	      str_eq(http.domain, S("lambda-alb-123578498.us-east-1.elb.amazonaws.com")));
	CHECK(str_eq(lambda_http_query(&http, "name"), S("mote and friends")) && lambda_http_query(&http, "empty").n == 0);
	CHECK(str_eq(listed(lambda_http_queries(&http)), S("name=mote and friends;empty=;")));
	CHECK(str_eq(lambda_http_cookie(&http, "session"), S("1f00ba")) && lambda_http_body(&http).n == 0);

	http = parsed(load("alb-multi-value"));
	CHECK(http.kind == LAMBDA_HTTP_ALB && http.multi_value && str_eq(http.method, S("POST")) &&
	      str_eq(http.source_ip, S("203.0.113.77")));
	CHECK(str_eq(listed(lambda_http_queries(&http)), S("name=first+one;name=second one;")));
	CHECK(str_eq(lambda_http_query(&http, "name"), S("first+one")));
	CHECK(str_eq(listed(lambda_http_cookies(&http)), S("theme=light;session=1f00ba;")));
	CHECK(str_eq(lambda_http_header(&http, "Content-Type"), S("text/plain; charset=utf-8")));
	CHECK(str_eq(lambda_http_body(&http), S("gr\xc3\xbc\xc3\x9f dich")));
}

TEST(a_function_url_event_is_read)
{
	struct lambda_http http = parsed(load("function-url"));

	CHECK(http.kind == LAMBDA_HTTP_URL && str_eq(http.method, S("POST")) && str_eq(http.route, S("$default")));
	CHECK(str_eq(http.raw_path, S("/echo/caf%C3%A9")) && str_eq(lambda_http_path(&http), S("/echo/caf\xc3\xa9")));
	CHECK(str_eq(listed(lambda_http_queries(&http)), S("tag=a;tag=b&c;name=two words;")) &&
	      str_eq(lambda_http_query(&http, "tag"), S("a")));
	CHECK(str_eq(listed(lambda_http_cookies(&http)), S("theme=dark;session=9b2e8f;")) &&
	      str_eq(lambda_http_cookie(&http, "theme"), S("dark")));
	CHECK(str_eq(lambda_http_body(&http), S("\0\x01\x02\xfd\xfe\xffhello!")) &&
	      str_eq(lambda_http_body(&http), S("\0\x01\x02\xfd\xfe\xffhello!")));
}

TEST(other_events_are_not_http)
{
	struct lambda_http http;
	const str others[] = { S(""),
		                   S("null"),
		                   S("1"),
		                   S("\"GET\""),
		                   S("[]"),
		                   S("{}"),
		                   S("{\"httpMethod\":1}"),
		                   S("{\"httpMethod\":null}"),
		                   S("{\"requestContext\":{\"http\":\"GET\"}}"),
		                   S("{\"requestContext\":{\"http\":{\"method\":[]}}}"),
		                   S("{\"requestContext\":{\"elb\":{}}}"),
		                   S("{\"requestContext\":{\"connectionId\":\"x\",\"routeKey\":\"$connect\"}}") };

	CHECK(!lambda_http_parse(load("sqs"), room, sizeof room, &http) && http.kind == LAMBDA_HTTP_NONE);
	CHECK(!lambda_http_parse(load("s3"), room, sizeof room, &http));
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		CHECK(!lambda_http_parse(others[i], NULL, 0, &http));
	CHECK(lambda_http_header(&http, "host").n == 0 && lambda_http_body(&http).n == 0 &&
	      str_eq(lambda_http_path(&http), S("/")));
	CHECK(lambda_http_query(&http, "a").n == 0 && lambda_http_cookie(&http, "a").n == 0);
}

TEST(the_stage_is_taken_off_the_path_of_an_http_api_only)
{
	struct lambda_http http;

#define STAGED(path_, stage_)                                                             \
	(http = parsed(S("{\"rawPath\":\"" path_ "\",\"requestContext\":{\"stage\":\"" stage_ \
	                 "\",\"http\":{\"method\":\"GET\"}}}")),                              \
	 lambda_http_path(&http))
	CHECK(str_eq(STAGED("/prod/users", "prod"), S("/users")) && str_eq(STAGED("/prod", "prod"), S("/")));
	CHECK(str_eq(STAGED("/prod/", "prod"), S("/")) && str_eq(STAGED("/production", "prod"), S("/production")));
	CHECK(str_eq(STAGED("/users", "$default"), S("/users")) && str_eq(STAGED("", "$default"), S("/")) &&
	      str_eq(STAGED("/p", ""), S("/p")));
	http = parsed(S("{\"httpMethod\":\"GET\",\"path\":\"/prod/x\",\"requestContext\":{\"stage\":\"prod\"}}"));
	CHECK(str_eq(lambda_http_path(&http), S("/prod/x")));
}

TEST(values_of_any_type_anywhere_are_passed_over)
{
	struct lambda_http http = parsed(
		S("{\"httpMethod\":\"GET\",\"path\":7,\"body\":{\"a\":1},\"isBase64Encoded\":\"true\",\"cookies\":{\"a\":\"b="
	      "c\"},"
	      "\"headers\":{\"n\":null,\"x\":1,\"y\":[\"a\",2,\"b\",[],null],\"z\":{\"q\":\"r\"},\"\":\"e\",\"Y\":\"c\"},"
	      "\"queryStringParameters\":[\"a\",\"b\"],\"pathParameters\":\"id\"}"));

	CHECK(http.kind == LAMBDA_HTTP_REST && str_eq(lambda_http_path(&http), S("/")) && lambda_http_body(&http).n == 0);
	CHECK(str_eq(listed(lambda_http_headers(&http)), S("y=a;y=b;=e;Y=c;")) &&
	      str_eq(lambda_http_header(&http, "Y"), S("a")));
	CHECK(lambda_http_cookie(&http, "b").n == 0 && lambda_http_path_parameter(&http, "id").n == 0);
	CHECK(!http.full);
}

TEST(escapes_in_names_and_values_decode)
{
	struct lambda_http http =
		parsed(S("{\"requestContext\":{\"http\":{\"m\\u0065thod\":\"G\\u0045T\"}},\"raw\\u0050ath\":\"\\/a%2Fb+c\","
	             "\"headers\":{\"X\\u002dA\":\"1\\t2\",\"c\\u006fokie\":\"k=v\\u003b "
	             "l=w\"},\"rawQueryString\":\"a%3D=%26&+b=%zz&&c&=d&e=f=g\"}"));

	CHECK(str_eq(http.method, S("GET")) && str_eq(lambda_http_path(&http), S("/a/b+c")) &&
	      str_eq(lambda_http_header(&http, "x-a"), S("1\t2")));
	CHECK(str_eq(listed(lambda_http_queries(&http)), S("a==&; b=%zz;c=;=d;e=f=g;")));
	CHECK(str_eq(lambda_http_query(&http, "a="), S("&")) && str_eq(lambda_http_query(&http, "e"), S("f=g")));
	CHECK(str_eq(listed(lambda_http_cookies(&http)), S("k=v;l=w;")));
}

TEST(cookies_split_as_browsers_send_them)
{
	struct lambda_http http = parsed(S("{\"httpMethod\":\"GET\",\"headers\":{\"COOKIE\":\" a=1;b = 2 ;; "
	                                   "c=\\\"x=y\\\";novalue;=z\",\"cookie\":\"d=4\"}}"));

	CHECK(str_eq(listed(lambda_http_cookies(&http)), S("a=1;b = 2;c=\"x=y\";novalue=;=z;d=4;")));
}

TEST(a_body_that_claims_base64_and_is_none_is_empty)
{
	struct lambda_http http = parsed(S("{\"httpMethod\":\"POST\",\"body\":\"not base64!\",\"isBase64Encoded\":true}"));

	CHECK(lambda_http_body(&http).n == 0 && !http.full);
	http = parsed(S("{\"httpMethod\":\"POST\",\"body\":\"aGk\\/\",\"isBase64Encoded\":true}"));
	CHECK(str_eq(lambda_http_body(&http), S("hi?")));
	http = parsed(S("{\"httpMethod\":\"POST\",\"body\":\"\",\"isBase64Encoded\":true}"));
	CHECK(lambda_http_body(&http).n == 0 && !http.full);
}

TEST(a_room_that_is_too_small_is_reported_at_every_size)
{
	str text =
		S("{\"httpMethod\":\"POST\",\"path\":\"/\\u0041%42\",\"body\":\"aGVsbG8\\u003d\",\"isBase64Encoded\":true}");
	bool fitted = false;

	for (size_t size = 0; size < 64; size++) {
		struct lambda_http http;

		CHECK(lambda_http_parse(text, test_guarded(room, size), size, &http));

		str path = lambda_http_path(&http), body = lambda_http_body(&http);
		bool whole = str_eq(path, S("/AB")) && str_eq(body, S("hello"));

		CHECK(whole == !http.full && (whole || !fitted));
		fitted = whole;
	}
	CHECK(fitted);
}

TEST(a_call_lends_its_region)
{
	struct invocation inv = { 0 };
	struct lambda_http http;

	invocation_begin(&inv, room, sizeof room);
	inv.call.event = S("{\"httpMethod\":\"GET\",\"path\":\"/a\\u0020b\"}");
	CHECK(lambda_http_request(&inv.call, &http) && str_eq(http.raw_path, S("/a b")) && http.raw_path.p >= room &&
	      http.raw_path.p < room + sizeof room);

	invocation_begin(&inv, room, 0);
	CHECK(lambda_http_request(&inv.call, &http) && http.raw_path.n == 0 && http.full);
}

TEST(an_event_cut_at_any_byte_is_read_without_a_fault)
{
	static const char *const names[] = { "apigw-http-api", "apigw-rest", "alb", "alb-multi-value", "function-url" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		str text = load(names[i]);
		size_t http_cuts = 0;

		for (size_t cut = 0; cut <= text.n; cut++) {
			struct lambda_http http;

			if (!lambda_http_parse((str){ test_guarded(text.p, cut), cut }, room, sizeof room, &http))
				continue;
			http_cuts++;
			lambda_http_path(&http);
			lambda_http_body(&http);
			listed(lambda_http_headers(&http));
			listed(lambda_http_queries(&http));
			listed(lambda_http_cookies(&http));
		}
		CHECK(http_cuts > 0);
	}
}
