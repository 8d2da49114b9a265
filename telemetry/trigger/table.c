// SPDX-License-Identifier: MIT
#include "trigger/http.h"
#include "trigger/sources.h"

/*
 * One row a source. needs tells it, wants is all that its function reads: the walk over the event ends where
 * wants is complete (detect.c). Rows are asked in this order, and a function says no to what only looks like
 * its own.
 */
#define B(name) BIT(PART_##name)
#define BATCH B(RECORDS), B(RECORDS)

const struct trigger_row trigger_rows[] = {
	/* requests */
	{ "http", OTEL_SERVER, B(REQUEST_CONTEXT) | B(RAW_PATH),
	  B(REQUEST_CONTEXT) | B(RAW_PATH) | B(RAW_QUERY) | B(ROUTE_KEY) | B(HEADERS), read_http_api, NULL },
	{ "http", OTEL_SERVER, B(REQUEST_CONTEXT) | B(METHOD) | B(RESOURCE),
	  B(REQUEST_CONTEXT) | B(METHOD) | B(RESOURCE) | B(PATH) | B(HEADERS) | B(MULTI_HEADERS) | B(QUERY) |
	      B(MULTI_QUERY),
	  read_rest, NULL },
	{ "http", OTEL_SERVER, B(REQUEST_CONTEXT) | B(METHOD),
	  B(REQUEST_CONTEXT) | B(METHOD) | B(PATH) | B(ANY_HEADERS) | B(ANY_QUERY), read_balancer, NULL },
	{ "http", OTEL_SERVER, B(REQUEST_CONTEXT), B(REQUEST_CONTEXT) | B(ANY_HEADERS), read_websocket, NULL },

	/*
	 * API Gateway asks whether a request may pass: it brings the request's headers, and so its trace; the
	 * answer is a policy
	 */
	{ "other", OTEL_SERVER, B(METHOD_ARN) | B(HEADERS), B(METHOD_ARN) | B(HEADERS), read_by_members, NULL },
	{ "other", OTEL_SERVER, B(ROUTE_ARN) | B(HEADERS), B(ROUTE_ARN) | B(HEADERS), read_by_members, NULL },

	/* messages, streams and changes */
	{ "pubsub", OTEL_CONSUMER, BATCH, read_sqs, message_sqs },
	{ "pubsub", OTEL_CONSUMER, BATCH, read_sns, message_sns },
	{ "pubsub", OTEL_CONSUMER, BATCH, read_kinesis, message_kinesis },
	{ "datasource", OTEL_CONSUMER, BATCH, read_s3, message_s3 },
	{ "datasource", OTEL_CONSUMER, BATCH, read_dynamodb, message_dynamodb },
	{ "pubsub", OTEL_CONSUMER, B(EVENT_SOURCE) | B(BROKER_RECORDS), B(EVENT_SOURCE) | B(BROKER_RECORDS), read_kafka,
	  message_kafka },
	{ "pubsub", OTEL_CONSUMER, B(EVENT_SOURCE) | B(MESSAGES), B(EVENT_SOURCE) | B(MESSAGES), read_activemq,
	  message_activemq },
	{ "pubsub", OTEL_CONSUMER, B(EVENT_SOURCE) | B(QUEUES), B(EVENT_SOURCE) | B(QUEUES), read_rabbitmq,
	  message_rabbitmq },

	/* events */
	{ "pubsub", OTEL_CONSUMER, B(DETAIL_TYPE) | B(SOURCE), B(DETAIL_TYPE) | B(SOURCE) | B(ID) | B(TIME) | B(DETAIL),
	  read_eventbridge, NULL },
	{ "pubsub", OTEL_CONSUMER, B(AWSLOGS), B(AWSLOGS), read_logs, NULL },

	/* services that call a function by name: Cognito, AppSync, Lex V2 and V1, Step Functions, CodePipeline, IoT */
	{ "other", OTEL_SERVER, B(TRIGGER_SOURCE) | B(USER_POOL), B(TRIGGER_SOURCE) | B(USER_POOL), read_by_members, NULL },
	{ "datasource", OTEL_SERVER, B(IDENTITY_POOL) | B(DATASET), B(IDENTITY_POOL) | B(DATASET), read_cognito_sync,
	  NULL },
	{ "other", OTEL_SERVER, B(INFO), B(INFO) | B(REQUEST), read_appsync, NULL },
	{ "other", OTEL_SERVER, B(BOT) | B(SESSION_STATE), B(BOT) | B(SESSION_STATE), read_by_members, NULL },
	{ "other", OTEL_SERVER, B(BOT) | B(INTENT), B(BOT) | B(INTENT), read_by_members, NULL },
	{ "other", OTEL_SERVER, B(EXECUTION) | B(STATE_MACHINE), B(EXECUTION) | B(STATE_MACHINE), read_step_functions,
	  NULL },
	{ "other", OTEL_SERVER, B(PIPELINE_JOB), B(PIPELINE_JOB), read_by_members, NULL },
	{ "other", OTEL_SERVER, B(PROTOCOL_DATA), B(PROTOCOL_DATA), read_iot_authorizer, NULL },
	{ "other", OTEL_SERVER, B(SERIAL_NUMBER) | B(CLICK_TYPE), B(SERIAL_NUMBER) | B(CLICK_TYPE), read_by_members, NULL },
	{ "other", OTEL_SERVER, B(DEVICE_EVENT) | B(PLACEMENT), B(DEVICE_EVENT) | B(PLACEMENT), read_by_members, NULL },
	{ "other", OTEL_SERVER, B(CLAIM_CERTIFICATE) | B(TEMPLATE), B(CLAIM_CERTIFICATE) | B(TEMPLATE), read_by_members,
	  NULL },
};

const size_t trigger_rows_count = sizeof trigger_rows / sizeof *trigger_rows;

bool read_by_members(struct trigger *t)
{
	(void)t;
	return true;
}
