// SPDX-License-Identifier: MIT
#include "invocation.h"
#include "lambda_batch.h"

#include "base/base64.h"

#include <string.h>

/*
 * Where each kind keeps what. Its list is an array, or an object of arrays by topic or queue. Kafka's records have no id: there
 * Lambda is told topic, partition and offset.
 */
static const struct kind {
	const char *list, *source; /* source: what the first record, or the event itself, is from */
	const char *id, *body;
	bool base64, partial;
} kinds[] = {
	[LAMBDA_BATCH_NONE] = { "", NULL, NULL, NULL, false, false },
	[LAMBDA_BATCH_SQS] = { "Records", "aws:sqs", "messageId", "body", false, true },
	[LAMBDA_BATCH_SNS] = { "Records", "aws:sns", "Sns.MessageId", "Sns.Message", false, false },
	[LAMBDA_BATCH_KINESIS] = { "Records", "aws:kinesis", "kinesis.sequenceNumber", "kinesis.data", true, true },
	[LAMBDA_BATCH_DYNAMODB] = { "Records", "aws:dynamodb", "dynamodb.SequenceNumber", NULL, false, true },
	[LAMBDA_BATCH_S3] = { "Records", "aws:s3", NULL, NULL, false, false },
	[LAMBDA_BATCH_KAFKA] = { "records", "aws:kafka", NULL, "value", true, true },
	[LAMBDA_BATCH_KAFKA_SELF_MANAGED] = { "records", "SelfManagedKafka", NULL, "value", true, true },
	[LAMBDA_BATCH_ACTIVEMQ] = { "messages", "aws:mq", "messageID", "data", true, false },
	[LAMBDA_BATCH_RABBITMQ] = { "rmqMessagesByQueue", "aws:rmq", "basicProperties.messageId", "data", true, false },
};

#define KINDS (sizeof kinds / sizeof *kinds)

static enum lambda_batch_kind kind_of(str list, str source)
{
	for (size_t k = 1; k < KINDS; k++)
		if (str_eq(list, str_of(kinds[k].list)) && lambda_json_is(source, str_of(kinds[k].source)))
			return (enum lambda_batch_kind)k;
	return LAMBDA_BATCH_NONE;
}

static bool is_list(str key)
{
	for (size_t k = 1; k < KINDS; k++)
		if (str_eq(key, str_of(kinds[k].list)))
			return true;
	return false;
}

/* What a list of that name is of; rest: the event from the list on. */
static enum lambda_batch_kind list_kind(str key, str rest, str event_source)
{
	str source;

	if (lambda_json_find(rest, "[0].eventSource", &source) || lambda_json_find(rest, "[0].EventSource", &source))
		return kind_of(key, source);
	return kind_of(key, event_source);
}

static str rest_of(const struct lambda_json *json)
{
	return (str){ json->p_, (size_t)(json->end_ - json->p_) };
}

/* Leaves the reader in front of the list; reads no further when what stands before it says what it is of. */
static enum lambda_batch_kind find_list(struct lambda_json *json, str event)
{
	struct lambda_json list = { 0 };
	str name = { 0 }, source = { 0 };
	enum lambda_batch_kind kind;

	lambda_json_init(json, event);
	if (lambda_json_next(json) != LAMBDA_JSON_OBJECT)
		return LAMBDA_BATCH_NONE;
	while (lambda_json_next(json) == LAMBDA_JSON_KEY) {
		str key = json->text;

		if (!name.n && is_list(key)) {
			if ((kind = list_kind(key, rest_of(json), source)) != LAMBDA_BATCH_NONE)
				return kind;
			name = key;
			list = *json;
		}
		if (!lambda_json_skip(json))
			return LAMBDA_BATCH_NONE;
		if (str_eq(key, S("eventSource")) && (kind = kind_of(name, source = json->text)) != LAMBDA_BATCH_NONE) {
			*json = list;
			return kind;
		}
	}
	return LAMBDA_BATCH_NONE;
}

struct lambda_batch lambda_batch_of(struct lambda_call *call)
{
	struct lambda_batch b = { .call_ = call };
	enum lambda_json_kind list;

	b.kind = find_list(&b.json_, call->event);
	if (b.kind == LAMBDA_BATCH_NONE)
		return b;
	if (kinds[b.kind].partial)
		lambda_puts(call, "{\"batchItemFailures\":[]}");
	list = lambda_json_next(&b.json_);
	b.keyed_ = list == LAMBDA_JSON_OBJECT;
	b.open_ = list == LAMBDA_JSON_ARRAY;
	return b;
}

/* Into the next array of an object of arrays. */
static bool open_next(struct lambda_batch *b)
{
	b->keyed_ = b->keyed_ && lambda_json_next(&b->json_) == LAMBDA_JSON_KEY;
	b->open_ = b->keyed_ && lambda_json_next(&b->json_) == LAMBDA_JSON_ARRAY;
	b->keyed_ = b->open_;
	return b->open_;
}

bool lambda_batch_next(struct lambda_batch *b)
{
	const char *id = kinds[b->kind].id;
	str value;

	b->record = b->id = (str){ 0 };
	b->counted_ = false;
	for (;;) {
		if (!b->open_ && !open_next(b))
			return false;
		if (lambda_json_skip(&b->json_))
			break;
		b->open_ = false;
		b->keyed_ = lambda_json_next(&b->json_) == LAMBDA_JSON_ARRAY_END && b->keyed_;
	}
	b->record = b->json_.text;
	if (id && lambda_json_find(b->record, id, &value) && lambda_json_kind_of(value) == LAMBDA_JSON_STRING)
		b->id = (str){ value.p + 1, value.n - 2 }; /* no service's ids have escapes; what has is not one */
	if (b->id.n && memchr(b->id.p, '\\', b->id.n))
		b->id = (str){ 0 };
	return true;
}

/* Escapes first, base64 then where they were decoded to. */
str lambda_batch_body(struct lambda_batch *b)
{
	const struct kind *kind = &kinds[b->kind];
	bool escaped;
	size_t n;
	char *room;
	str text;

	if (!kind->body || !lambda_json_find(b->record, kind->body, &text) ||
	    lambda_json_kind_of(text) != LAMBDA_JSON_STRING)
		return (str){ 0 };
	text = (str){ text.p + 1, text.n - 2 };
	escaped = text.n && memchr(text.p, '\\', text.n);
	if (!text.n || (!escaped && !kind->base64))
		return text;
	if (!(room = lambda_alloc(b->call_, text.n)) || (escaped && !lambda_json_unescape(text, room, text.n, &text)))
		return (str){ 0 };
	if (!kind->base64)
		return text;
	return base64_decode(text, room, text.n, &n) ? (str){ room, n } : (str){ 0 };
}

/* What a failed message is called in the reply: text that may stand inside a JSON string. */
struct identifier {
	str id;
	str topic, partition, offset; /* in place of id */
};

static bool is_number(str text)
{
	return lambda_json_kind_of(text) == LAMBDA_JSON_NUMBER;
}

static bool identify(const struct lambda_batch *b, struct identifier *i)
{
	*i = (struct identifier){ .id = b->id };
	if (kinds[b->kind].id)
		return b->id.n > 0;
	if (!lambda_json_find(b->record, "topic", &i->topic) || !lambda_json_find(b->record, "partition", &i->partition) ||
	    !lambda_json_find(b->record, "offset", &i->offset) || !is_number(i->partition) || !is_number(i->offset) ||
	    lambda_json_kind_of(i->topic) != LAMBDA_JSON_STRING)
		return false;
	i->topic = (str){ i->topic.p + 1, i->topic.n - 2 };
	return i->topic.n > 0;
}

static void put(struct lambda_batch *b, const char *before, str text)
{
	lambda_puts(b->call_, before);
	lambda_write(b->call_, text.p, text.n);
}

bool lambda_batch_failed(struct lambda_batch *b)
{
	struct invocation *inv = invocation_of(b->call_);
	str reply = { inv->reply_start, (size_t)(inv->room.next - inv->reply_start) };
	struct identifier i;

	if (!kinds[b->kind].partial || reply.n < 2 || memcmp(reply.p + reply.n - 2, "]}", 2) != 0 || !identify(b, &i))
		return false;
	if (b->counted_)
		return true;
	b->counted_ = true;
	inv->room.next -= 2;
	lambda_puts(b->call_, b->failed_++ ? ",{\"itemIdentifier\":" : "{\"itemIdentifier\":");
	if (i.id.n) {
		put(b, "\"", i.id);
		lambda_puts(b->call_, "\"}]}");
		return true;
	}
	put(b, "{\"partition\":\"", i.topic);
	put(b, "-", i.partition);
	put(b, "\",\"offset\":", i.offset);
	lambda_puts(b->call_, "}}]}");
	return true;
}
