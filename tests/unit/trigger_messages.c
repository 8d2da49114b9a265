// SPDX-License-Identifier: MIT
#include "trigger.h"

#include "telemetry.h"
#include "test.h"
#include "trigger/batch.h"
#include "trigger/link.h"

#include <stdio.h>
#include <string.h>

/* Messages of a batch: who sent each. */

#define TRACE "4bf92f3577b34da6a3ce929d0e0e4736"

static size_t walked(struct trigger *t, struct trigger_message *messages, size_t max)
{
	struct batch_walk walk;
	struct trigger_message m;
	size_t n = 0;

	CHECK(t->batch);
	batch_open(&walk, t);
	while (n < max && batch_next(&walk, &m))
		messages[n++] = m;
	return n;
}

static bool linked(const struct trigger_message *m, const char *trace, const char *span, const char *state)
{
	struct otel_context to;
	char hex[49];

	if (!link_context(m, &to))
		return !trace;
	for (int i = 0; i < 24; i++)
		snprintf(hex + 2 * i, 3, "%02x", i < 16 ? to.trace_id[i] : to.span_id[i - 16]);
	return trace && memcmp(hex, trace, 32) == 0 && memcmp(hex + 32, span, 16) == 0 && to.remote &&
	       str_eq((str){ to.trace_state, to.trace_state_n }, str_of(state));
}

TEST(a_queue_s_system_attribute_links_and_a_message_without_does_not)
{
	struct trigger_message m[4];

	CHECK(walked(detected(event_of("sqs")), m, 4) == 2);
	CHECK(linked(&m[0], "6740a1b23c4d5e6f708192a3b4c5d6e7", "53995c3f42cd8ad8", ""));
	CHECK(linked(&m[1], NULL, NULL, NULL));
	CHECK(str_eq(m[0].id, S("059f36b4-87a3-44ab-83d2-661975830a7d")));
}

TEST(a_notification_within_a_queue_s_message_links)
{
	struct trigger_message m[1];

	CHECK(walked(detected(event_of("sqs-sns")), m, 1) == 1);
	CHECK(linked(&m[0], TRACE, "00f067aa0ba902b7", "vendor=value"));
	CHECK(walked(detected(event_of("sns")), m, 1) == 1);
	CHECK(linked(&m[0], TRACE, "00f067aa0ba902b7", "vendor=value"));
	CHECK(str_eq(m[0].id, S("95df01b4-ee98-5cb9-9903-4c221d41eb5e")));
}

TEST(headers_of_brokers_are_bytes)
{
	struct trigger_message m[4];

	CHECK(walked(detected(event_of("kafka-msk")), m, 4) == 3);
	CHECK(linked(&m[2], "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", ""));
	CHECK(linked(&m[1], NULL, NULL, NULL) && str_eq(m[1].offset, S("16")) && str_eq(m[2].partition, S("1")));
	CHECK(walked(detected(event_of("kafka-msk")), m, 1) == 1);
	CHECK(linked(&m[0], TRACE, "00f067aa0ba902b7", "vendor=value"));
	CHECK(walked(detected(event_of("mq-active")), m, 4) == 2);
	CHECK(linked(&m[0], TRACE, "00f067aa0ba902b7", "") && linked(&m[1], NULL, NULL, NULL));
	CHECK(walked(detected(event_of("mq-rabbit")), m, 4) == 1);
	CHECK(linked(&m[0], TRACE, "00f067aa0ba902b7", "") && str_eq(m[0].id, S("order-1001")));
}

TEST(streams_say_what_came_and_what_changed)
{
	struct trigger_message m[4];

	CHECK(walked(detected(event_of("kinesis")), m, 4) == 2);
	CHECK(str_eq(m[0].id, S("49590338271490256608559692538361571095921575989136588898")));
	CHECK(str_eq(m[1].key, S("2")) && str_eq(m[1].partition, S("shardId-000000000006")));
	CHECK(walked(detected(event_of("dynamodb")), m, 4) == 3);
	CHECK(str_eq(m[0].operation, S("insert")) && str_eq(m[1].operation, S("edit")) &&
	      str_eq(m[2].operation, S("delete")));
	CHECK(str_eq(m[2].time, S("2024-11-22T15:23:30Z")));
}

TEST(times_of_changes_are_right_where_calendars_go_wrong)
{
	static const struct {
		const char *seconds, *time;
	} times[] = {
		{ "0", "1970-01-01T00:00:00Z" },
		{ "951782399", "2000-02-28T23:59:59Z" },
		{ "951782400", "2000-02-29T00:00:00Z" },
		{ "951868800", "2000-03-01T00:00:00Z" },
		{ "1709164800.5", "2024-02-29T00:00:00Z" },
		{ "1735689599", "2024-12-31T23:59:59Z" },
		{ "1.7356896E9", "2025-01-01T00:00:00Z" },
		{ "-1", "" },
		{ "1e300", "" },
		{ "\"0\"", "" },
	};
	char event[512];
	struct trigger_message m[1];

	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		snprintf(event, sizeof event,
		         "{\"Records\":[{\"eventSource\":\"aws:dynamodb\",\"dynamodb\":{\"ApproximateCreationDateTime\":%s}}]}",
		         times[i].seconds);
		CHECK(walked(detected(str_of(event)), m, 1) == 1 && str_eq(m[0].time, str_of(times[i].time)));
	}
}

TEST(what_happened_to_an_object_is_one_of_three)
{
	static const char *const names[][2] = {
		{ "ObjectCreated:Put", "insert" },    { "s3:ObjectCreated:Copy", "insert" },
		{ "ObjectRemoved:Delete", "delete" }, { "LifecycleExpiration:Delete", "delete" },
		{ "ObjectTagging:Put", "edit" },      { "", "" },
	};
	char event[256];
	struct trigger_message m[1];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(event, sizeof event, "{\"Records\":[{\"eventSource\":\"aws:s3\",\"eventName\":\"%s\"}]}", names[i][0]);
		CHECK(walked(detected(str_of(event)), m, 1) == 1 && str_eq(m[0].operation, str_of(names[i][1])));
	}
	CHECK(walked(detected(event_of("s3")), m, 1) == 1 && str_eq(m[0].document, S("2024/snow and caf\xc3\xa9.jpg")));
}

TEST(a_batch_may_be_cut_anywhere)
{
	static const char *const events[] = { "sqs", "sqs-sns",   "sns",       "kinesis",  "dynamodb",
		                                  "s3",  "kafka-msk", "mq-active", "mq-rabbit" };
	struct trigger_message m[4];

	for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
		str event = event_of(events[i]);

		for (size_t n = 0; n <= event.n; n++) {
			struct trigger *t = detected((str){ test_guarded(event.p, n), n });

			if (t->batch)
				CHECK(walked(t, m, 4) <= 3);
		}
	}
}

TEST(elements_that_are_no_messages_are_passed_over)
{
	struct trigger_message m[8];

	CHECK(walked(detected(S(
					 "{\"Records\":[{\"eventSource\":\"aws:sqs\",\"messageId\":\"a\"},null,[[1,{\"a\":[]}]],\"x\",7,{},"
					 "{\"messageId\":\"b\"}]}")),
	             m, 8) == 7);
	CHECK(str_eq(m[0].id, S("a")) && !m[2].id.n && str_eq(m[6].id, S("b")));
	CHECK(walked(detected(S("{\"eventSource\":\"aws:kafka\",\"records\":{\"a\":[],\"b\":[{},{}],\"c\":[]}}")), m, 8) ==
	      2);
	CHECK(walked(detected(S("{\"eventSource\":\"aws:kafka\",\"records\":{\"a\":{},\"b\":[{},{}]}}")), m, 8) == 0);
	CHECK(walked(detected(S("{\"eventSource\":\"aws:rmq\",\"rmqMessagesByQueue\":7}")), m, 8) == 0);
}

TEST(links_that_find_no_room_are_counted_in_the_span)
{
	static char event[400000];

	for (int messages = 80; messages < 1000; messages = messages * 3 / 2) {
		int n = snprintf(event, sizeof event, "{\"Records\":["), linked = messages - messages / 10;
		str span;

		for (int i = 0; i < messages; i++)
			n += snprintf(
				event + n, sizeof event - (size_t)n,
				"%s{\"messageId\":\"059f36b4-87a3-44ab-83d2-%012d\",\"eventSource\":\"aws:sqs\",\"eventSourceARN\":"
				"\"arn:aws:sqs:r:1:q\",\"attributes\":{%s}}",
				i ? "," : "", i,
				i % 10 == 9 ? ""
							: "\"AWSTraceHeader\":\"Root=1-6740a1b2-3c4d5e6f708192a3b4c5d6e7;Parent="
							  "53995c3f42cd8ad8;Sampled=1\"");
		snprintf(event + n, sizeof event - (size_t)n, "]}");
		telemetry_start_plain();
		telemetry_begin(event, NULL);
		telemetry_end();
		span = telemetry_span(0);
		CHECK(pb_valid(span) && pb_count(span, 13) >= (messages < 90 ? linked : 88) && pb_count(span, 13) <= 128);
		CHECK(pb_count(span, 13) + (int)pb_field(span, 14, 0).value == linked);
		CHECK((int)pb_field(pb_attribute(span, 9, "messaging.batch.message_count"), 3, 0).value == messages);
	}
}
