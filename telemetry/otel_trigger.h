// SPDX-License-Identifier: MIT
#pragma once

/*
 * otel_trigger.h: what called the function, as telemetry sees it. otel.h includes it.
 *
 * The invocation's span gets name, kind, attributes and links from the event's shape without a call: requests (API Gateway, function URLs,
 * balancers, WebSockets), messages (SQS, SNS, Kinesis, Kafka, ActiveMQ, RabbitMQ), changes (S3, DynamoDB), EventBridge and more.
 * Here is what a handler can add: a span for each message of a batch, the route of a request, and sources of its own.
 *
 * Sources: OpenTelemetry semantic conventions 1.44 (FaaS, AWS Lambda, HTTP, messaging); the AWS Lambda developer guide, "Reporting batch item
 * failures".
 */

#include "lambda_str.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lambda_call;
struct otel_span;

/* ---- sources of one's own ---- */

/*
 * A row beside those of the library, asked first. read() looks at the event, any bytes at all, once for each invocation and before its span opens:
 * false when it is not its own, else it says what there is to say through the functions below, and returns true. It must be quick: it is
 * part of every invocation. lambda_json.h finds members without reading behind them.
 *
 *   static bool read_order(struct otel_source *source, lambda_str body)
 *   {
 *           lambda_str id;
 *
 *           if (!lambda_json_find(body, "orderId", &id))
 *                   return false;
 *           otel_source_name(source, LAMBDA_STR("process order"));
 *           otel_source_str(source, "order.id", otel_source_text(source, id));
 *           return true;
 *   }
 *   static struct otel_trigger orders = { .trigger = "pubsub", .kind = OTEL_CONSUMER, .read = read_order };
 *
 *   otel_add_trigger(&orders);   in main(), before lambda_run()
 *
 * Slices must last until the handler has returned, as those into the event do. Keys are literals. At most OTEL_SOURCE_ATTRS attributes and
 * OTEL_SOURCE_LINKS links; what is beyond is left out.
 */
#define OTEL_SOURCE_ATTRS 24
#define OTEL_SOURCE_LINKS 4

struct otel_source; /* what is known about the event so far: the library's */

struct otel_trigger {
	const char *trigger; /* faas.trigger: http, pubsub, datasource, timer or other */
	enum otel_kind kind; /* OTEL_SERVER, or OTEL_CONSUMER for messages */
	bool (*read)(struct otel_source *source, lambda_str body);

	struct otel_trigger *next_; /* its own */
};

#ifndef MOTE_MINIMAL
void otel_add_trigger(struct otel_trigger *row); /* static: it stays in use */

void otel_source_name(struct otel_source *source, lambda_str name); /* of the span; without it, the function's */
void otel_source_str(struct otel_source *source, const char *key, lambda_str value); /* an empty one is left out */
void otel_source_int(struct otel_source *source, const char *key, int64_t value);

/* A JSON object of header fields, in which the propagators look for the parent: {"traceparent": "...", ...} */
void otel_source_headers(struct otel_source *source, lambda_str object);
void otel_source_link(struct otel_source *source, lambda_str traceparent, lambda_str message_id);

/* The characters of a JSON string, as lambda_json_find() gives it, with memory for its escapes. Empty: no string, or too large. */
lambda_str otel_source_text(struct otel_source *source, lambda_str value);
#else
static inline void otel_add_trigger(struct otel_trigger *row)
{
	(void)row;
}

static inline void otel_source_name(struct otel_source *source, lambda_str name)
{
	(void)source, (void)name;
}

static inline void otel_source_str(struct otel_source *source, const char *key, lambda_str value)
{
	(void)source, (void)key, (void)value;
}

static inline void otel_source_int(struct otel_source *source, const char *key, int64_t value)
{
	(void)source, (void)key, (void)value;
}

static inline void otel_source_headers(struct otel_source *source, lambda_str object)
{
	(void)source, (void)object;
}

static inline void otel_source_link(struct otel_source *source, lambda_str traceparent, lambda_str message_id)
{
	(void)source, (void)traceparent, (void)message_id;
}

static inline lambda_str otel_source_text(struct otel_source *source, lambda_str value)
{
	(void)source;
	return value;
}
#endif

#ifdef __cplusplus
}
#endif
