// SPDX-License-Identifier: MIT
#include "trigger/sources.h"

#include <string.h>

/*
 * Brokers that Lambda polls: Kafka, and Amazon MQ's two. Their headers are bytes, and bytes arrive as arrays of
 * numbers.
 */

/* [48,48,45] is "00-": into the scratch of a message. */
static str bytes_text(struct trigger *t, size_t *used, str value)
{
	struct lambda_json json;
	char *p = t->scratch + *used;
	size_t n = 0, room = sizeof t->scratch - *used;
	int64_t byte;
	str one;

	if (lambda_json_kind_of(value) != LAMBDA_JSON_ARRAY)
		return (str){ 0 };
	lambda_json_init(&json, value);
	while (lambda_json_each(&json, NULL, NULL, &one)) {
		if (n == room || !lambda_json_int(one, &byte) || byte < -128 || byte > 255)
			return (str){ 0 };
		p[n++] = (char)byte;
	}
	*used += n;
	return (str){ p, n };
}

static struct lambda_json first_of(struct trigger *t)
{
	struct lambda_json json;

	lambda_json_init(&json, t->messages);
	if (lambda_json_next(&json) == LAMBDA_JSON_OBJECT && lambda_json_next(&json) == LAMBDA_JSON_KEY)
		lambda_json_next(&json);
	return json;
}

static bool from(struct trigger *t, str source, enum part messages)
{
	if (!lambda_json_is(t->part[PART_EVENT_SOURCE], source))
		return false;
	t->batch = true;
	t->messages = t->part[messages];
	return true;
}

/* ---- Kafka ---- */

bool read_kafka(struct trigger *t)
{
	static const char *const names[] = { "topic" };
	struct lambda_json json;
	str topic;

	if (!from(t, S("aws:kafka"), PART_BROKER_RECORDS) && !from(t, S("SelfManagedKafka"), PART_BROKER_RECORDS))
		return false;
	json = first_of(t);
	json_members(&json, names, &topic, 1);
	trigger_messaging(t, "kafka", trigger_text(t, topic));
	return true;
}

/*
 * headers: [{"traceparent": [48, 48, ...]}, ...], names in any case, the last one of a name being the one that
 * counts
 */
static void kafka_headers(struct trigger *t, str headers, struct trigger_message *m)
{
	struct lambda_json list, header;
	size_t used = 0;
	bool escaped;
	str one, name, value;

	lambda_json_init(&list, headers);
	while (lambda_json_each(&list, NULL, NULL, &one)) {
		lambda_json_init(&header, one);
		while (lambda_json_kind_of(one) == LAMBDA_JSON_OBJECT && lambda_json_each(&header, &name, &escaped, &value)) {
			if (str_ieq(name, S("traceparent")))
				m->traceparent = bytes_text(t, &used, value);
			else if (str_ieq(name, S("tracestate")))
				m->tracestate = bytes_text(t, &used, value);
			else if (str_ieq(name, S("x-amzn-trace-id")))
				m->xray = bytes_text(t, &used, value);
		}
	}
}

void message_kafka(struct trigger *t, struct lambda_json *json, struct trigger_message *m)
{
	enum { TOPIC, PARTITION, OFFSET, HEADERS };
	static const char *const names[] = { "topic", "partition", "offset", "headers" };
	str member[4];

	json_members(json, names, member, 4);
	m->source = trigger_text(t, member[TOPIC]);
	if (lambda_json_kind_of(member[PARTITION]) == LAMBDA_JSON_NUMBER)
		m->partition = member[PARTITION];
	m->offset = member[OFFSET];
	if (lambda_json_kind_of(member[HEADERS]) == LAMBDA_JSON_ARRAY)
		kafka_headers(t, member[HEADERS], m);
}

/* ---- ActiveMQ ---- */

bool read_activemq(struct trigger *t)
{
	static const char *const names[] = { "destination" };
	struct lambda_json json;
	str destination, queue;

	if (!from(t, S("aws:mq"), PART_MESSAGES))
		return false;
	json = first_of(t);
	json_members(&json, names, &destination, 1);
	if (!lambda_json_find(destination, "physicalName", &queue))
		queue = (str){ 0 };
	trigger_messaging(t, "activemq", trigger_text(t, queue));
	return true;
}

void message_activemq(struct trigger *t, struct lambda_json *json, struct trigger_message *m)
{
	enum { ID, DESTINATION, PROPERTIES };
	static const char *const names[] = { "messageID", "destination", "properties" };
	static const char *const paths[] = { "traceparent", "tracestate" };
	str member[3], found[2], queue;

	json_members(json, names, member, 3);
	m->id = trigger_text(t, member[ID]);
	if (lambda_json_find(member[DESTINATION], "physicalName", &queue))
		m->source = trigger_text(t, queue);
	if (lambda_json_find_all(member[PROPERTIES], paths, found, 2)) {
		m->traceparent = trigger_text(t, found[0]);
		m->tracestate = trigger_text(t, found[1]);
	}
}

/* ---- RabbitMQ ---- */

bool read_rabbitmq(struct trigger *t)
{
	struct lambda_json json;
	str queue = { 0 };

	if (!from(t, S("aws:rmq"), PART_QUEUES))
		return false;
	lambda_json_init(&json, t->messages);
	if (lambda_json_next(&json) == LAMBDA_JSON_OBJECT && lambda_json_next(&json) == LAMBDA_JSON_KEY && !json.escaped)
		queue = json.text;
	for (size_t i = 0; i + 1 < queue.n; i++) /* queue::virtual host */
		if (queue.p[i] == ':' && queue.p[i + 1] == ':')
			queue.n = i;
	trigger_messaging(t, "rabbitmq", queue);
	return true;
}

/* A header is text, or {"bytes": [48, 48, ...]}. */
static str rabbitmq_header(struct trigger *t, size_t *used, str value)
{
	str bytes;

	if (lambda_json_kind_of(value) == LAMBDA_JSON_OBJECT)
		return lambda_json_find(value, "bytes", &bytes) ? bytes_text(t, used, bytes) : (str){ 0 };
	return trigger_text(t, value);
}

void message_rabbitmq(struct trigger *t, struct lambda_json *json, struct trigger_message *m)
{
	static const char *const names[] = { "basicProperties" };
	static const char *const paths[] = { "messageId", "headers.traceparent", "headers.tracestate" };
	str properties, found[3];
	size_t used = 0;

	json_members(json, names, &properties, 1);
	lambda_json_find_all(properties, paths, found, 3);
	m->id = trigger_text(t, found[0]);
	m->traceparent = rabbitmq_header(t, &used, found[1]);
	m->tracestate = rabbitmq_header(t, &used, found[2]);
}
