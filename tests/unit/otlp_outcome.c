// SPDX-License-Identifier: MIT
#include "test.h"

#include "otlp/outcome.h"
#include "otlp/retry.h"

#include <stdio.h>
#include <string.h>

static struct outcome outcome;

/* Of a whole reply, as a receiver sends it. */
static enum verdict judged(const char *text, struct asked asked)
{
	struct http_reply reply = { .body = { 0 } };
	size_t n = strlen(text);
	int head = http_head_parse(text, n, 0, &reply.head);

	CHECK(head > 0);
	reply.body = (str){ text + head, n - (size_t)head };
	outcome_read(&outcome, &reply, &asked, 1000000000);
	return outcome.verdict;
}

static enum verdict of_status(int status, struct asked asked)
{
	char text[64];

	snprintf(text, sizeof text, "HTTP/1.1 %d X\r\n\r\n", status);
	return judged(text, asked);
}

static const struct asked plain = { 0 }, aws = { .is_aws = true, .is_signed = true };

TEST(only_what_the_protocol_says_is_tried_again)
{
	static const int again[] = { 429, 502, 503, 504 }, only_aws[] = { 408, 500 };
	static const int never[] = { 300, 301, 307, 400, 401, 403, 404, 415, 422, 431, 501, 505, 511 };

	for (size_t i = 0; i < sizeof again / sizeof *again; i++)
		CHECK(of_status(again[i], plain) == VERDICT_AGAIN && of_status(again[i], aws) == VERDICT_AGAIN);
	for (size_t i = 0; i < sizeof only_aws / sizeof *only_aws; i++)
		CHECK(of_status(only_aws[i], plain) == VERDICT_REFUSED && of_status(only_aws[i], aws) == VERDICT_AGAIN);
	for (size_t i = 0; i < sizeof never / sizeof *never; i++)
		CHECK(of_status(never[i], plain) == VERDICT_REFUSED && of_status(never[i], aws) == VERDICT_REFUSED);
	CHECK(of_status(413, plain) == VERDICT_HALVE && of_status(413, aws) == VERDICT_HALVE);
	CHECK(of_status(200, plain) == VERDICT_TAKEN && of_status(204, aws) == VERDICT_TAKEN);
}

TEST(retry_after_is_read_where_there_is_one)
{
	judged("HTTP/1.1 429 X\r\nRetry-After: 7\r\n\r\n", plain);
	CHECK(outcome.after_s == 7);
	judged("HTTP/1.1 503 X\r\nretry-after: Sun, 09 Sep 2001 01:46:43 GMT\r\n\r\n", plain);
	CHECK(outcome.after_s == 3);
	judged("HTTP/1.1 503 X\r\nRetry-After: soon\r\n\r\n", plain);
	CHECK(outcome.after_s == -1);
	judged("HTTP/1.1 503 X\r\nRetry-After: 99999999\r\n\r\n", plain);
	CHECK(outcome.after_s == OUTCOME_AFTER_MAX_S);
}

TEST(permanent_errors_are_known_by_name_in_every_form_they_come_in)
{
	static const struct {
		const char *text;
		enum verdict verdict;
		enum cause cause;
		const char *code;
	} replies[] = {
		{ "HTTP/1.1 403 X\r\nx-amzn-ErrorType: AccessDeniedException:http://internal.amazon.com/\r\n\r\n",
		  VERDICT_REFUSED, CAUSE_DENIED, "AccessDeniedException" },
		{ "HTTP/1.1 403 X\r\nContent-Type: application/json\r\n\r\n{\"message\":\"User: arn is not authorized to "
		  "perform: "
		  "xray:PutTraceSegments\"}",
		  VERDICT_REFUSED, CAUSE_DENIED, "" },
		{ "HTTP/1.1 403 X\r\n\r\n{\"__type\":\"com.amazon.coral.service#ExpiredTokenException\",\"message\":\"no\"}",
		  VERDICT_KEYS, CAUSE_EXPIRED, "ExpiredTokenException" },
		{ "HTTP/1.1 403 X\r\n\r\n{\"message\":\"The security token included in the request is expired\"}", VERDICT_KEYS,
		  CAUSE_EXPIRED, "" },
		{ "HTTP/1.1 403 X\r\n\r\n{\"message\":\"RequestTimeTooSkewed\"}", VERDICT_CLOCK, CAUSE_CLOCK,
		  "RequestTimeTooSkewed" },
		{ "HTTP/1.1 403 X\r\n\r\nRequestTimeTooSkewed", VERDICT_CLOCK, CAUSE_CLOCK, "RequestTimeTooSkewed" },
		{ "HTTP/1.1 403 X\r\n\r\n{\"message\":\"Signature expired: 20150830T123600Z is now earlier than "
		  "20261121T000000Z\"}",
		  VERDICT_CLOCK, CAUSE_CLOCK, "" },
		{ "HTTP/1.1 403 X\r\nContent-Type: application/xml\r\n\r\n<?xml "
		  "version=\"1.0\"?>\n<Error><Code>RequestTimeTooSkewed</Code>"
		  "<Message>The difference</Message></Error>",
		  VERDICT_CLOCK, CAUSE_CLOCK, "RequestTimeTooSkewed" },
		{ "HTTP/1.1 403 X\r\n\r\n{\"message\":\"Credential should be scoped to a valid region, not 'eu-west-1'. \"}",
		  VERDICT_REFUSED, CAUSE_REGION, "" },
		{ "HTTP/1.1 400 X\r\nContent-Type: application/x-protobuf\r\n\r\n\x12\x4eThe OTLP API is supported with "
		  "CloudWatch Logs as a "
		  "Trace Segment Destination.",
		  VERDICT_REFUSED, CAUSE_SEARCH, "" },
		{ "HTTP/1.1 404 X\r\n\r\n{\"__type\":\"ResourceNotFoundException\",\"message\":\"The specified log group does "
		  "not exist.\"}",
		  VERDICT_REFUSED, CAUSE_LOG_GROUP, "ResourceNotFoundException" },
		{ "HTTP/1.1 400 X\r\n\r\n{\"__type\":\"ResourceNotFoundException\",\"message\":\"The specified log stream does "
		  "not exist.\"}",
		  VERDICT_REFUSED, CAUSE_LOG_STREAM, "ResourceNotFoundException" },
		{ "HTTP/1.1 403 X\r\n\r\n{\"__type\":\"UnrecognizedClientException\"}", VERDICT_REFUSED, CAUSE_KEY,
		  "UnrecognizedClientException" },
		{ "HTTP/1.1 403 X\r\n\r\n{\"message\":\"SignatureDoesNotMatch\\nPOST\\nsecret\"}", VERDICT_CLOCK,
		  CAUSE_SIGNATURE, "SignatureDoesNotMatch" },
		{ "HTTP/1.1 403 X\r\n\r\n{\"__type\":\"MissingAuthenticationTokenException\"}", VERDICT_REFUSED, CAUSE_UNSIGNED,
		  "MissingAuthenticationTokenException" },
		{ "HTTP/1.1 400 X\r\n\r\n{\"__type\":\"ThrottlingException\"}", VERDICT_AGAIN, CAUSE_UNKNOWN,
		  "ThrottlingException" },
		{ "HTTP/1.1 400 X\r\n\r\n<html>", VERDICT_REFUSED, CAUSE_UNKNOWN, "" },
	};

	for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
		CHECK(judged(replies[i].text, aws) == replies[i].verdict && outcome.cause == replies[i].cause);
		CHECK(str_eq(buf_str(&outcome.code), str_of(replies[i].code)));
		CHECK(outcome.cause == CAUSE_UNKNOWN || outcome_remedy(outcome.cause));
		CHECK(!outcome.said.message.n || !memmem(outcome.said.message.p, outcome.said.message.n, "secret", 6));
	}
}

TEST(nothing_is_signed_again_for_who_was_not_signed_for)
{
	const struct asked unsigned_ = { .is_aws = true };

	CHECK(judged("HTTP/1.1 403 X\r\n\r\n{\"__type\":\"ExpiredTokenException\"}", unsigned_) == VERDICT_REFUSED);
	CHECK(judged("HTTP/1.1 403 X\r\n\r\nRequestTimeTooSkewed", plain) == VERDICT_REFUSED);
}

TEST(a_2xx_in_its_own_type_must_be_an_export_response)
{
	const struct asked json = { .json = true };

	CHECK(judged("HTTP/1.1 200 X\r\n\r\n<html>", plain) == VERDICT_NONSENSE);
	CHECK(judged("HTTP/1.1 200 X\r\nContent-Type: text/html\r\n\r\n<html>", plain) == VERDICT_TAKEN);
	CHECK(judged("HTTP/1.1 200 X\r\n\r\n{\"partialSuccess\":{\"rejectedSpans\":\"3\",\"errorMessage\":\"old\"}}",
	             json) == VERDICT_TAKEN);
	CHECK(outcome.said.rejected == 3 && str_eq(buf_str(&outcome.said.message), S("old")));
}

TEST(waits_grow_end_after_four_tries_and_never_pass_the_limit)
{
	for (uint64_t random = 0; random < 2000; random += 7) {
		struct retry r = { .limit = INT64_MAX };

		for (int i = 0; i < RETRY_TRIES - 1; i++) {
			int64_t wait = retry_wait(&r, -1, 5, random), middle = (int64_t)RETRY_FIRST_NS << i;

			CHECK(wait >= middle - middle / 5 && wait <= middle + middle / 5);
		}
		CHECK(retry_wait(&r, -1, 5, random) == -1);
	}
	CHECK(retry_wait(&(struct retry){ .limit = 10 }, -1, 11, 0) == -1);
	CHECK(retry_wait(&(struct retry){ .limit = 1000 + RETRY_FIRST_NS / 2 }, -1, 1000, 200) == -1);
	CHECK(retry_wait(&(struct retry){ .limit = INT64_MAX }, 3, 1000, 200) == 3000000000);
	CHECK(retry_wait(&(struct retry){ .limit = 2000000000 }, 3, 1000, 200) == -1);
	CHECK(retry_wait(&(struct retry){ .limit = INT64_MAX }, 0, 1000, 200) >= RETRY_FIRST_NS / 2);
}

TEST(a_proxy_that_wants_other_credentials_is_named)
{
	const struct asked by_proxy = { .by_proxy = true };
	const char *page = "HTTP/1.1 401 X\r\nContent-Type: text/html\r\n\r\n<html>\n<h1>401</h1>";

	CHECK(of_status(407, by_proxy) == VERDICT_REFUSED && outcome.cause == CAUSE_PROXY);
	CHECK(judged(page, by_proxy) == VERDICT_REFUSED && outcome.cause == CAUSE_PROXY && !outcome.said.message.n);
	CHECK(strstr(outcome_remedy(outcome.cause), "http_proxy"));
	CHECK(judged(page, plain) == VERDICT_REFUSED && outcome.cause == CAUSE_UNKNOWN && !outcome_remedy(outcome.cause));
	CHECK(of_status(403, by_proxy) == VERDICT_REFUSED && outcome.cause == CAUSE_UNKNOWN);
}
