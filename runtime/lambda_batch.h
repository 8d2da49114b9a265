// SPDX-License-Identifier: MIT
#pragma once

/*
 * lambda_batch.h: events that are several messages, one after the other, and the reply that says which of them
 * failed.
 *
 *   struct lambda_batch batch = lambda_batch_of(call);
 *
 *   while (lambda_batch_next(&batch))
 *           if (!work(lambda_batch_body(&batch)))
 *                   lambda_batch_failed(&batch);
 *   return 0;
 *
 * Sources: the AWS Lambda developer guide, "Invoking Lambda with events from other AWS services", "Reporting
 * batch item failures", "Configuring error handling controls for Kafka event sources".
 */

#include "lambda_json.h"

#ifdef __cplusplus
extern "C" {
#endif

struct lambda_call;

enum lambda_batch_kind {
	LAMBDA_BATCH_NONE, /* the event has no messages */
	LAMBDA_BATCH_SQS,
	LAMBDA_BATCH_SNS,
	LAMBDA_BATCH_KINESIS,
	LAMBDA_BATCH_DYNAMODB,
	LAMBDA_BATCH_S3,
	LAMBDA_BATCH_KAFKA, /* MSK */
	LAMBDA_BATCH_KAFKA_SELF_MANAGED,
	LAMBDA_BATCH_ACTIVEMQ,
	LAMBDA_BATCH_RABBITMQ,
};

/* Points into the event, and is as long-lived. */
struct lambda_batch {
	enum lambda_batch_kind kind;
	lambda_str record; /* this message as it is in the event: JSON text */
	lambda_str id;     /* messageId, sequence number, ...; empty: it has none */

	struct lambda_call *call_; /* from here on its own */
	struct lambda_json json_;
	size_t failed_;
	bool keyed_, open_, counted_;
};

/*
 * The call's event. Where Lambda takes partial failures from a function (SQS, Kinesis and DynamoDB streams,
 * both kinds of Kafka, when ReportBatchItemFailures is switched on for the event source), the reply becomes
 * {"batchItemFailures":[]}: nothing failed.
 */
struct lambda_batch lambda_batch_of(struct lambda_call *call);

/* To the next message; false behind the last one, or where the event is no JSON. */
bool lambda_batch_next(struct lambda_batch *batch);

/*
 * What the sender sent: text, or the bytes that it was before base64. Decoded into the invocation region when
 * it must be. Empty for S3 and DynamoDB, which send no message (see record), and when there is no room.
 */
lambda_str lambda_batch_body(struct lambda_batch *batch);

/*
 * This message failed: it goes into the reply, which is complete after every call, so a loop may be left at any
 * time. For streams, Lambda starts again at the lowest of them. A message counts once. The handler writes
 * nothing else to the reply. Kafka's are named by topic, partition and offset. False: it has no id, or its source
 * takes no such reply; then fail the invocation.
 */
bool lambda_batch_failed(struct lambda_batch *batch);

#ifdef __cplusplus
}
#endif
