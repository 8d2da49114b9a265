// SPDX-License-Identifier: MIT
#pragma once

/*
 * otel_trigger.h: what called the function, as telemetry sees it. otel.h includes it.
 *
 * The invocation's span gets name, kind, attributes and links from the event's shape without a call: requests
 * (API Gateway, function URLs, balancers, WebSockets), messages (SQS, SNS, Kinesis, Kafka, ActiveMQ, RabbitMQ),
 * changes (S3, DynamoDB), EventBridge and more. Here is what a handler can add: a span for each message of a
 * batch, the route of a request, and sources of its own.
 *
 * Sources: OpenTelemetry semantic conventions 1.44 (FaaS, AWS Lambda, HTTP, messaging); the AWS Lambda
 * developer guide, "Reporting batch item failures".
 */

#include "lambda_batch.h"
#include "otel.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- the route of a request ---- */

/*
 * The template that the request's path matched, "/users/{id}": http.route, and the invocation's span is called
 * GET /users/{id}. For functions that route requests themselves, behind a balancer, a function URL or $default,
 * which leaves nothing but the path to name a span by.
 */
#ifndef MOTE_MINIMAL
void otel_route_n(const char *route, size_t n);
#else
static inline void otel_route_n(const char *route, size_t n)
{
	(void)route, (void)n;
}
#endif

static inline void otel_route(const char *route)
{
	otel_route_n(route, __builtin_strlen(route));
}

/* ---- a span for each message ---- */

/*
 * lambda_batch.h with spans:
 *
 *   struct otel_batch batch = otel_batch_of(call);
 *
 *   while (otel_message(&batch))
 *           if (!work(lambda_batch_body(&batch.message)))
 *                   otel_message_failed(&batch, "BadOrder", "no such article", 15);
 *   return 0;
 *
 * Each turn ends the span before it and starts one of kind CONSUMER under the name of the invocation's, with
 * messaging.message.id and a link to who sent the message. It is the current span until the next turn.
 * otel_message_failed() records what went wrong and puts the message into the reply's batchItemFailures, in one
 * call. Without telemetry the same loop makes the same reply.
 */
struct otel_batch {
	struct lambda_batch message; /* message.id, message.record, lambda_batch_body(&batch.message) */
	struct otel_span *span;
};

#ifndef MOTE_MINIMAL
struct otel_span *otel_message_span(lambda_str record, lambda_str id);
#else
static inline struct otel_span *otel_message_span(lambda_str record, lambda_str id)
{
	(void)record, (void)id;
	return NULL;
}
#endif

static inline struct otel_batch otel_batch_of(struct lambda_call *call)
{
	struct otel_batch batch;

	batch.message = lambda_batch_of(call);
	batch.span = NULL;
	return batch;
}

static inline bool otel_message(struct otel_batch *batch)
{
	otel_end(batch->span);
	batch->span = NULL;
	if (!lambda_batch_next(&batch->message))
		return false;
	batch->span = otel_message_span(batch->message.record, batch->message.id);
	return true;
}

/*
 * False: this source takes no batchItemFailures (lambda_batch_failed() says more); the span has failed all the
 * same.
 */
static inline bool otel_message_failed(struct otel_batch *batch, const char *type, const char *message, size_t n)
{
	otel_exception(batch->span, type, message, n);
	return lambda_batch_failed(&batch->message);
}

/* ---- sources of one's own ---- */

/*
 * A row beside those of the library, asked first. read() looks at the event, any bytes at all, once for each
 * invocation and before its span opens: false when it is not its own, else it says what there is to say through
 * the functions below, and returns true. It must be quick: it is part of every invocation. lambda_json.h finds
 * members without reading behind them.
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
 * Slices must last until the handler has returned, as those into the event do. Keys are literals. At most
 * OTEL_SOURCE_ATTRS attributes and OTEL_SOURCE_LINKS links; what is beyond is left out.
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

/* Only within read(). What is over the limits above is left out. */
void otel_source_name(struct otel_source *source, lambda_str name); /* of the span; without it, the function's */
void otel_source_str(struct otel_source *source, const char *key, lambda_str value); /* an empty one is left out */
void otel_source_int(struct otel_source *source, const char *key, int64_t value);

/* A JSON object of header fields, in which the propagators look for the parent: {"traceparent": "...", ...} */
void otel_source_headers(struct otel_source *source, lambda_str object);
void otel_source_link(struct otel_source *source, lambda_str traceparent, lambda_str message_id);

/*
 * The characters of a JSON string, as lambda_json_find() gives it, with memory for its escapes. Empty: no
 * string, or too large.
 */
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
