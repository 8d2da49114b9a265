// SPDX-License-Identifier: MIT
#include "event.h"

#include "test.h"

#include <stdio.h>
#include <string.h>

static struct invocation inv;

static bool read_event(const char *lines, str body)
{
	static char head[4096];
	struct http_reply reply = { .body = body };
	int n = snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\n%s\r\n", lines);

	memset(&inv, 0xee, sizeof inv); /* what an earlier event left behind */
	if (http_head_parse(head, (size_t)n, 0, &reply.head) != n)
		return false;
	event_read(&inv, &reply);
	return true;
}

static const struct {
	const char *name;
	size_t offset;
} headers[] = {
	{ "Content-Type", offsetof(struct invocation, call.content_type) },
	{ "Lambda-Runtime-Aws-Request-Id", offsetof(struct invocation, call.request_id) },
	{ "Lambda-Runtime-Aws-Tenant-Id", offsetof(struct invocation, call.tenant_id) },
	{ "Lambda-Runtime-Client-Context", offsetof(struct invocation, call.client_context) },
	{ "Lambda-Runtime-Cognito-Identity", offsetof(struct invocation, call.cognito_identity) },
	{ "Lambda-Runtime-Invocation-Id", offsetof(struct invocation, invocation_id) },
	{ "Lambda-Runtime-Invoked-Function-Arn", offsetof(struct invocation, call.invoked_function_arn) },
	{ "Lambda-Runtime-Trace-Id", offsetof(struct invocation, call.trace_header) },
};

#define HEADERS (sizeof headers / sizeof *headers)

static str value_of(size_t i)
{
	str s;

	memcpy(&s, (const char *)&inv + headers[i].offset, sizeof s);
	return s;
}

/* All headers but those that are left out or empty, in the case that is wanted. */
static void all_but(size_t missing, size_t empty, char (*letter)(char), char lines[2048])
{
	size_t n = 0;

	for (size_t i = 0; i < HEADERS; i++) {
		if (i == missing)
			continue;
		for (const char *p = headers[i].name; *p; p++)
			lines[n++] = letter(*p);
		n += (size_t)snprintf(lines + n, 2048 - n, i == empty ? ": \t\r\n" : ": value %zu\r\n", i);
	}
	snprintf(lines + n, 2048 - n, "Lambda-Runtime-Deadline-Ms: 1542409706888\r\n");
}

static char as_is(char c)
{
	return c;
}

static char lower(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

static char upper(char c)
{
	return (char)(c >= 'a' && c <= 'z' ? c & ~0x20 : c);
}

static char other(char c)
{
	return (c & 1 ? upper : lower)(c);
}

TEST(every_header_may_be_there_missing_or_empty_in_any_case)
{
	static char (*const letters[])(char) = { as_is, lower, upper, other };
	char lines[2048], expected[32];

	for (size_t k = 0; k < 4; k++)
		for (size_t missing = 0; missing <= HEADERS; missing++)
			for (size_t empty = 0; empty <= HEADERS; empty++) {
				all_but(missing, empty, letters[k], lines);
				CHECK(read_event(lines, S("{}")));
				for (size_t i = 0; i < HEADERS; i++) {
					snprintf(expected, sizeof expected, "value %zu", i);
					CHECK(str_eq(value_of(i), i == missing || i == empty ? S("") : str_of(expected)));
				}
				CHECK(inv.call.deadline_ms == 1542409706888 && str_eq(inv.call.event, S("{}")));
			}
}

TEST(an_event_without_any_header_or_body_is_all_empty)
{
	CHECK(read_event("", (str){ 0 }));
	for (size_t i = 0; i < HEADERS; i++)
		CHECK(!value_of(i).n);
	CHECK(inv.call.deadline_ms == 0 && !inv.call.event.n);
	CHECK(read_event("X-Lambda-Runtime-Trace-Id: a\r\nLambda-Runtime-Trace-I: b\r\nLambda-Runtime-Trace-Id2: c\r\n",
	                 S("x")));
	for (size_t i = 0; i < HEADERS; i++)
		CHECK(!value_of(i).n);
}

TEST(a_deadline_that_is_none_counts_as_absent)
{
	static const struct {
		const char *text;
		int64_t ms;
	} t[] = { { "1542409706888", 1542409706888 },
		      { "600000", 600000 }, /* cargo-lambda: 1970 */
		      { "0", 0 },
		      { "000600000", 600000 },
		      { "9000000000000", 9000000000000 },
		      { "9000000000001", 0 },
		      { "-1542409706888", 0 },
		      { "+1542409706888", 0 },
		      { "99999999999999999999", 0 },
		      { "18446744073709551617", 0 },
		      { "9223372036854775807", 0 },
		      { "1542409706.888", 0 },
		      { "1.5e12", 0 },
		      { "0x10", 0 },
		      { "1542409706888 ms", 0 },
		      { "soon", 0 },
		      { "", 0 } };

	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		char line[128];

		snprintf(line, sizeof line, "lambda-runtime-DEADLINE-ms:%s\r\n", t[i].text);
		CHECK(read_event(line, S("")));
		CHECK(inv.call.deadline_ms == t[i].ms);
	}
}

TEST(values_are_the_bytes_that_were_sent)
{
	CHECK(read_event("Lambda-Runtime-Client-Context:  {\"custom\":{\"a\": 1}, \"x\":\"\xc3\xa4\"} \r\n"
	                 "Lambda-Runtime-Aws-Tenant-Id: \xff\xfe:;\"\r\n",
	                 S("any\0thing")));
	CHECK(str_eq(inv.call.client_context, S("{\"custom\":{\"a\": 1}, \"x\":\"\xc3\xa4\"}")));
	CHECK(str_eq(inv.call.tenant_id, S("\xff\xfe:;\"")));
	CHECK(str_eq(inv.call.event, S("any\0thing")));
}

TEST(the_sandbox_is_the_environment)
{
	struct conf conf = { .function_name = S("fn"),
		                 .function_version = S("7"),
		                 .log_group = S("group"),
		                 .log_stream = S("stream"),
		                 .initialization_type = S("snap-start"),
		                 .memory_mb = 256 };
	struct lambda_call call = { .request_id = S("1"), .deadline_ms = 5 };

	event_sandbox(&call, &conf);
	CHECK(str_eq(call.function_name, S("fn")) && str_eq(call.function_version, S("7")) && call.memory_mb == 256);
	CHECK(str_eq(call.log_group, S("group")) && str_eq(call.log_stream, S("stream")));
	CHECK(str_eq(call.initialization_type, S("snap-start")) && str_eq(call.request_id, S("1")) &&
	      call.deadline_ms == 5);
}
