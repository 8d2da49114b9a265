// SPDX-License-Identifier: MIT
#include "invocation.h"

#include "test.h"
#include "trigger.h"

#include <stdio.h>
#include <string.h>

/* lambda_batch.h, over the events that the tests of triggers use. */
static struct invocation inv;
static char region[1 << 20];

static struct lambda_batch begin(str event)
{
	memset(&inv, 0, sizeof inv);
	invocation_begin(&inv, region, sizeof region);
	inv.call.event = event;
	return lambda_batch_of(&inv.call);
}

static bool replied(const char *expected)
{
	return str_eq(invocation_reply(&inv), str_of(expected));
}

static const struct {
	const char *event, *first_id, *last_body;
	enum lambda_batch_kind kind;
	size_t count;
	bool partial;
} events[] = {
	{ "sqs", "059f36b4-87a3-44ab-83d2-661975830a7d", "{\"order\": 1002}", LAMBDA_BATCH_SQS, 2, true },
	{ "sns", "95df01b4-ee98-5cb9-9903-4c221d41eb5e",
	  "{\"order\":1001,\"note\":\"\\\"MessageAttributes\\\" are below\"}", LAMBDA_BATCH_SNS, 1, false },
	{ "kinesis", "49590338271490256608559692538361571095921575989136588898", "This is only a test.",
	  LAMBDA_BATCH_KINESIS, 2, true },
	{ "dynamodb", "111", "", LAMBDA_BATCH_DYNAMODB, 3, true },
	{ "s3", "", "", LAMBDA_BATCH_S3, 1, false },
	{ "kafka-msk", "", "Hello, this is a test.", LAMBDA_BATCH_KAFKA, 3, true },
	{ "kafka-self-managed", "", "Hello, this is a test.", LAMBDA_BATCH_KAFKA_SELF_MANAGED, 1, true },
	{ "mq-active",
	  "ID:b-9bcfa592-423a-4942-879d-eb284b418fc8-1.mq.us-west-2.amazonaws.com-37557-1234520418293-4:1:1:1:1",
	  "ABC:AAAA", LAMBDA_BATCH_ACTIVEMQ, 2, false },
	{ "mq-rabbit", "order-1001", "{\"timeout\":0,\"data\":\"CZrmf0Gw8Ov4bqLQxD4E\"}", LAMBDA_BATCH_RABBITMQ, 1, false },
	{ "eventbridge", "", "", LAMBDA_BATCH_NONE, 0, false },
	{ "apigw-http-api", "", "", LAMBDA_BATCH_NONE, 0, false },
};

TEST(every_message_of_a_batch_comes_by_once)
{
	for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
		struct lambda_batch b = begin(event_of(events[i].event));
		size_t count = 0;
		str body = { 0 };

		CHECK(b.kind == events[i].kind);
		while (lambda_batch_next(&b)) {
			if (count++ == 0)
				CHECK(str_eq(b.id, str_of(events[i].first_id)));
			CHECK(lambda_json_valid(b.record));
			body = lambda_batch_body(&b);
		}
		CHECK(count == events[i].count && str_eq(body, str_of(events[i].last_body)));
		CHECK(!lambda_batch_next(&b) && !b.record.n);
		CHECK(replied(events[i].partial ? "{\"batchItemFailures\":[]}" : ""));
	}
}

TEST(the_reply_is_complete_after_every_failure)
{
	struct lambda_batch b = begin(event_of("dynamodb"));

	CHECK(!lambda_batch_failed(&b)); /* which? */
	CHECK(lambda_batch_next(&b) && lambda_batch_failed(&b));
	CHECK(replied("{\"batchItemFailures\":[{\"itemIdentifier\":\"111\"}]}"));
	CHECK(lambda_batch_failed(&b)); /* once */
	CHECK(lambda_batch_next(&b) && lambda_batch_next(&b) && lambda_batch_failed(&b) && !lambda_batch_next(&b));
	CHECK(replied("{\"batchItemFailures\":[{\"itemIdentifier\":\"111\"},{\"itemIdentifier\":\"113\"}]}"));
	CHECK(!lambda_batch_failed(&b));
}

#define KAFKA "{\"eventSource\":\"aws:kafka\",\"records\":{\"a-0\":["

TEST(kafkas_failures_are_named_by_partition_and_offset)
{
	struct lambda_batch b = begin(event_of("kafka-msk"));

	CHECK(lambda_batch_next(&b) && lambda_batch_next(&b) && lambda_batch_failed(&b) && lambda_batch_failed(&b));
	CHECK(replied("{\"batchItemFailures\":[{\"itemIdentifier\":{\"partition\":\"mytopic-0\",\"offset\":16}}]}"));
	CHECK(lambda_batch_next(&b) && lambda_batch_failed(&b) && !lambda_batch_next(&b) && !lambda_batch_failed(&b));
	CHECK(replied("{\"batchItemFailures\":[{\"itemIdentifier\":{\"partition\":\"mytopic-0\",\"offset\":16}},"
	              "{\"itemIdentifier\":{\"partition\":\"mytopic-1\",\"offset\":4}}]}"));
	b = begin(S(KAFKA "{\"topic\":\"a\\u002eb\",\"partition\":7,\"offset\":9007199254740993}]}}"));
	CHECK(lambda_batch_next(&b) && lambda_batch_failed(&b));
	CHECK(replied("{\"batchItemFailures\":[{\"itemIdentifier\":{\"partition\":\"a\\u002eb-7\","
	              "\"offset\":9007199254740993}}]}"));
}

TEST(a_record_of_kafka_that_cannot_be_named_fails_nothing)
{
	struct lambda_batch b =
		begin(S(KAFKA "{\"topic\":\"a\",\"partition\":0},{\"topic\":\"\",\"partition\":0,\"offset\":1},"
	                  "{\"topic\":1,\"partition\":0,\"offset\":1},{\"topic\":\"a\",\"partition\":\"0\",\"offset\":1},"
	                  "{\"topic\":\"a\",\"partition\":0,\"offset\":\"1\"},{\"partition\":0,\"offset\":1},7]}}"));

	for (int i = 0; i < 7; i++)
		CHECK(lambda_batch_next(&b) && !lambda_batch_failed(&b));
	CHECK(!lambda_batch_next(&b) && replied("{\"batchItemFailures\":[]}"));
}

TEST(a_source_without_partial_failures_takes_none)
{
	struct lambda_batch b = begin(event_of("sns"));

	CHECK(lambda_batch_next(&b) && !lambda_batch_failed(&b) && replied(""));
	b = begin(event_of("direct"));
	CHECK(!lambda_batch_next(&b) && !lambda_batch_failed(&b) && !lambda_batch_body(&b).n && replied(""));
}

TEST(an_id_that_would_break_the_reply_is_none)
{
	struct lambda_batch b =
		begin(S("{\"Records\":[{\"eventSource\":\"aws:sqs\",\"messageId\":\"a\\\"b\"},{\"messageId\":7}]}"));

	CHECK(lambda_batch_next(&b) && !b.id.n && !lambda_batch_failed(&b));
	CHECK(lambda_batch_next(&b) && !b.id.n && !lambda_batch_failed(&b) && !lambda_batch_next(&b));
	CHECK(replied("{\"batchItemFailures\":[]}"));
}

TEST(a_reply_that_is_the_handlers_own_is_left_alone)
{
	struct lambda_batch b = begin(event_of("sqs"));

	lambda_puts(&inv.call, "more");
	CHECK(lambda_batch_next(&b) && !lambda_batch_failed(&b) && replied("{\"batchItemFailures\":[]}more"));
}

TEST(the_list_may_come_before_what_says_whose_it_is)
{
	struct lambda_batch b = begin(
		S("{\"records\":{\"a\":[],\"b\":[{\"value\":\"YQ==\"},{\"value\":\"?\"}]},\"eventSource\":\"aws:kafka\"}"));

	CHECK(b.kind == LAMBDA_BATCH_KAFKA);
	CHECK(lambda_batch_next(&b) && str_eq(lambda_batch_body(&b), S("a")));
	CHECK(lambda_batch_next(&b) && !lambda_batch_body(&b).n && !lambda_batch_next(&b));
}

TEST(a_batch_that_is_cut_ends_where_it_is_cut)
{
	for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
		str event = event_of(events[i].event);

		for (size_t n = 0; n <= event.n; n++) {
			struct lambda_batch b = begin((str){ test_guarded(event.p, n), n });
			size_t count = 0;

			while (lambda_batch_next(&b) && ++count <= events[i].count)
				lambda_batch_failed(&b);
			CHECK(count <= events[i].count);
			if (invocation_reply(&inv).n)
				CHECK(lambda_json_valid(invocation_reply(&inv)));
		}
	}
}
