// SPDX-License-Identifier: MIT
#include "trigger/sources.h"

#include <string.h>

/* AWS's own messages: SQS, SNS, Kinesis. */

str records_first(struct trigger *t, enum first which)
{
	static const char *const names[FIRSTS] = {
		[FIRST_SOURCE] = "eventSource",
		[FIRST_SOURCE_SNS] = "EventSource",
		[FIRST_ARN] = "eventSourceARN",
		[FIRST_SNS] = "Sns",
		[FIRST_S3] = "s3",
	};
	struct lambda_json json;

	if (!t->first_read) {
		lambda_json_init(&json, t->part[PART_RECORDS]);
		if (lambda_json_next(&json) == LAMBDA_JSON_ARRAY)
			json_members(&json, names, t->first, FIRSTS);
		t->first_read = true;
	}
	return t->first[which];
}

static bool from(struct trigger *t, enum first which, str source)
{
	if (!lambda_json_is(records_first(t, which), source))
		return false;
	t->batch = true;
	t->messages = t->part[PART_RECORDS];
	return true;
}

/* ---- SQS ---- */

/* arn:aws:sqs:us-east-2:123456789012:orders -> https://sqs.us-east-2.amazonaws.com/123456789012/orders */
static void sqs_address(struct trigger *t, str arn)
{
	str region = arn_field(arn, 3), host = { t->room.p + t->room.n, 0 }, url;
	struct buf *b = &t->room;
	size_t start = b->n;

	buf_put(b, S("https://sqs."));
	buf_put(b, region);
	buf_put(b, str_starts(arn, S("arn:aws-cn:")) ? S(".amazonaws.com.cn") : S(".amazonaws.com"));
	host = (str){ b->p + start + 8, b->n - start - 8 };
	buf_putc(b, '/');
	buf_put(b, arn_field(arn, 4));
	buf_putc(b, '/');
	buf_put(b, arn_field(arn, 5));
	url = (str){ b->p + start, b->n - start };
	if (!region.n || b->full) {
		b->n = start;
		b->full = false;
		return;
	}
	trigger_str(t, "server.address", host);
	trigger_str(t, "aws.sqs.queue.url", url);
}

bool read_sqs(struct trigger *t)
{
	str arn;

	if (!from(t, FIRST_SOURCE, S("aws:sqs")))
		return false;
	arn = trigger_text(t, records_first(t, FIRST_ARN));
	trigger_messaging(t, "aws_sqs", arn_field(arn, 5));
	sqs_address(t, arn);
	return true;
}

/*
 * The first unescaped key of a notification in a message's body, which is JSON in a JSON string:
 * \"MessageAttributes\".
 */
static str behind_key(str body, str key)
{
	for (const char *p = body.p, *end = body.p + body.n; (size_t)(end - p) >= key.n; p++) {
		if (!(p = memchr(p, '\\', (size_t)(end - p) - key.n + 1)))
			break;
		if (memcmp(p, key.p, key.n) == 0)
			return (str){ p + key.n, (size_t)(end - p) - key.n };
		if (p[1] == '\\') /* an escaped backslash: of a string within the notification */
			p++;
	}
	return (str){ 0 };
}

/*
 * A topic that delivers to a queue without raw delivery: its message attributes are in the body, behind the
 * message itself.
 */
static void notification(struct trigger *t, str body, struct trigger_message *m)
{
	static const char *const paths[] = { "traceparent.Value", "tracestate.Value", "AWSTraceHeader.Value" };
	str found[3], text;

	if (!str_starts(body, S("\"{")) || !behind_key(body, S("\\\"TopicArn\\\"")).n)
		return;
	text = behind_key(body, S("\\\"MessageAttributes\\\""));
	while (text.n && text.p[0] != '{')
		text = (str){ text.p + 1, text.n - 1 };
	if (!text.n)
		return;
	text.n = text.n - 1 < sizeof t->scratch ? text.n - 1 : sizeof t->scratch;
	while (text.n && text.p[text.n - 1] != '}') /* not in the middle of an escape */
		text.n--;
	if (!lambda_json_unescape(text, t->scratch, sizeof t->scratch, &text))
		return;
	lambda_json_find_all(text, paths, found, 3);
	m->traceparent = trigger_text(t, found[0]);
	m->tracestate = trigger_text(t, found[1]);
	m->xray = trigger_text(t, found[2]);
}

void message_sqs(struct trigger *t, struct lambda_json *json, struct trigger_message *m)
{
	enum { ID, SYSTEM, ATTRIBUTES, ARN, BODY };
	static const char *const names[] = { "messageId", "attributes", "messageAttributes", "eventSourceARN", "body" };
	static const char *const paths[] = { "traceparent.stringValue", "tracestate.stringValue" };
	str member[5], found[2], header;

	json_members(json, names, member, 5);
	m->id = trigger_text(t, member[ID]);
	m->source = trigger_text(t, member[ARN]);
	if (lambda_json_find(member[SYSTEM], "AWSTraceHeader", &header))
		m->xray = trigger_text(t, header);
	if (lambda_json_find_all(member[ATTRIBUTES], paths, found, 2)) {
		m->traceparent = trigger_text(t, found[0]);
		m->tracestate = trigger_text(t, found[1]);
	}
	if (!m->xray.n && !m->traceparent.n)
		notification(t, member[BODY], m);
}

/* ---- SNS ---- */

bool read_sns(struct trigger *t)
{
	str arn;

	if (!from(t, FIRST_SOURCE_SNS, S("aws:sns")))
		return false;
	if (!lambda_json_find(records_first(t, FIRST_SNS), "TopicArn", &arn))
		arn = (str){ 0 };
	arn = trigger_text(t, arn);
	trigger_messaging(t, "aws.sns", arn_field(arn, 5));
	trigger_str(t, "aws.sns.topic.arn", arn);
	return true;
}

void message_sns(struct trigger *t, struct lambda_json *json, struct trigger_message *m)
{
	enum { ID, TOPIC, TRACEPARENT, TRACESTATE, XRAY };
	static const char *const names[] = { "Sns" };
	static const char *const paths[] = {
		"MessageId",
		"TopicArn",
		"MessageAttributes.traceparent.Value",
		"MessageAttributes.tracestate.Value",
		"MessageAttributes.AWSTraceHeader.Value",
	};
	str sns, found[5];

	json_members(json, names, &sns, 1);
	lambda_json_find_all(sns, paths, found, 5);
	m->id = trigger_text(t, found[ID]);
	m->source = trigger_text(t, found[TOPIC]);
	m->traceparent = trigger_text(t, found[TRACEPARENT]);
	m->tracestate = trigger_text(t, found[TRACESTATE]);
	m->xray = trigger_text(t, found[XRAY]);
}

/* ---- Kinesis: records are bytes, and who sent them is known only to those who put it there ---- */

bool read_kinesis(struct trigger *t)
{
	str stream;

	if (!from(t, FIRST_SOURCE, S("aws:kinesis")))
		return false;
	stream = arn_field(trigger_text(t, records_first(t, FIRST_ARN)),
	                   5); /* stream/orders, stream/orders/consumer/name:1 */
	if (str_starts(stream, S("stream/")))
		stream = (str){ stream.p + 7, stream.n - 7 };
	str_cut(stream, '/', &stream, &(str){ 0 });
	trigger_messaging(t, "aws.kinesis", stream);
	trigger_str(t, "aws.kinesis.stream_name", stream);
	return true;
}

void message_kinesis(struct trigger *t, struct lambda_json *json, struct trigger_message *m)
{
	static const char *const names[] = { "kinesis", "eventSourceARN", "eventID" };
	static const char *const paths[] = { "sequenceNumber", "partitionKey" };
	str member[3], found[2], rest;

	json_members(json, names, member, 3);
	lambda_json_find_all(member[0], paths, found, 2);
	m->id = trigger_text(t, found[0]);
	m->key = trigger_text(t, found[1]);
	m->source = trigger_text(t, member[1]);
	if (!str_cut(trigger_text(t, member[2]), ':', &m->partition, &rest)) /* shardId-000000000006:sequence number */
		m->partition = (str){ 0 };
}
