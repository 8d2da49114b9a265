// SPDX-License-Identifier: MIT
#pragma once

#include "trigger/trigger.h"

/* Everything that is no request: one function a source, and one that reads a message where there are several. */

bool read_sqs(struct trigger *t);
bool read_sns(struct trigger *t);
bool read_kinesis(struct trigger *t);
void message_sqs(struct trigger *t, struct lambda_json *json, struct trigger_message *m);
void message_sns(struct trigger *t, struct lambda_json *json, struct trigger_message *m);
void message_kinesis(struct trigger *t, struct lambda_json *json, struct trigger_message *m);

bool read_kafka(struct trigger *t); /* MSK and self-managed */
bool read_activemq(struct trigger *t);
bool read_rabbitmq(struct trigger *t);
void message_kafka(struct trigger *t, struct lambda_json *json, struct trigger_message *m);
void message_activemq(struct trigger *t, struct lambda_json *json, struct trigger_message *m);
void message_rabbitmq(struct trigger *t, struct lambda_json *json, struct trigger_message *m);

bool read_s3(struct trigger *t);
bool read_dynamodb(struct trigger *t);
void message_s3(struct trigger *t, struct lambda_json *json, struct trigger_message *m);
void message_dynamodb(struct trigger *t, struct lambda_json *json, struct trigger_message *m);

bool read_eventbridge(struct trigger *t); /* Scheduler too */
bool read_logs(struct trigger *t);

bool read_appsync(struct trigger *t);
bool read_cognito_sync(struct trigger *t);
bool read_step_functions(struct trigger *t);
bool read_iot_authorizer(struct trigger *t);
bool read_by_members(struct trigger *t); /* of a row that needs no more than its members */

/* Members of the first of Records, read once whoever asks. */
str records_first(struct trigger *t, enum first which);
