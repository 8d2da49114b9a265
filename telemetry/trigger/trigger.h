// SPDX-License-Identifier: MIT
#pragma once

#include "base/buf.h"
#include "context/carrier.h"
#include "lambda_json.h"
#include "otel_trigger.h"

/*
 * Who called: an event is looked at once, and what it says is kept as slices until the answer is posted.
 *
 *   trigger_begin()     an event has come; nothing is read yet
 *   carrier             when it is asked for the first time, the event is read as far as its header fields
 *   trigger_finish()    source, span name, kind, attributes; stops reading when the source is known and
 *                       complete. Nobody waits for it when the answer is posted before
 *   trigger_describe()  writes them to the span, with a link for each message
 *   trigger_result()    what the reply says
 *
 * A source is a row of the table in table.c: which members of the event it needs, and one function that reads
 * them. Nothing is trusted: any member may be absent, huge, or of another type, and then its attribute is
 * absent.
 */
#define TRIGGER_ATTRS_MAX OTEL_SOURCE_ATTRS
#define TRIGGER_HEADERS_MAX 128 /* of a request: more than API Gateway's or ALB's limits let by */
#define TRIGGER_NAME_MAX 512
#define TRIGGER_ROOM 8192    /* what had to be decoded or put together: escapes, a query without its secrets */
#define TRIGGER_SCRATCH 4096 /* the same of one message */
#define TRIGGER_LINKS_MAX OTEL_SOURCE_LINKS /* of a source that is one message */

/* The members of an event that some source is known by, or has something to say in. Bits of trigger.seen. */
enum part {
	PART_VERSION,
	PART_ROUTE_KEY,
	PART_RAW_PATH,
	PART_RAW_QUERY,
	PART_HEADERS,
	PART_REQUEST_CONTEXT,
	PART_RESOURCE,
	PART_PATH,
	PART_METHOD,
	PART_MULTI_HEADERS,
	PART_QUERY,
	PART_MULTI_QUERY,
	PART_METHOD_ARN,
	PART_ROUTE_ARN,
	PART_RECORDS,
	PART_DETAIL_TYPE,
	PART_SOURCE,
	PART_ID,
	PART_TIME,
	PART_RESOURCES,
	PART_DETAIL,
	PART_EVENT_SOURCE,
	PART_BROKER_RECORDS,
	PART_MESSAGES,
	PART_QUEUES,
	PART_AWSLOGS,
	PART_TRIGGER_SOURCE,
	PART_USER_POOL,
	PART_IDENTITY_POOL,
	PART_DATASET,
	PART_INFO,
	PART_REQUEST,
	PART_BOT,
	PART_SESSION_STATE,
	PART_INTENT,
	PART_EXECUTION,
	PART_STATE_MACHINE,
	PART_PIPELINE_JOB,
	PART_PROTOCOL_DATA,
	PART_CLICK_TYPE,
	PART_SERIAL_NUMBER,
	PART_DEVICE_EVENT,
	PART_PLACEMENT,
	PART_CLAIM_CERTIFICATE,
	PART_TEMPLATE,
	PART_BODY,
	PARTS,

	/* either of two */
	PART_ANY_HEADERS = PARTS,
	PART_ANY_QUERY,
};

#define BIT(part) (UINT64_C(1) << (part))

struct trigger_attr {
	const char *key;
	str text; /* of a string; else absent */
	int64_t number;
};

struct trigger_header {
	str name, value;
	bool multi; /* of multiValueHeaders */
};

/* One message of a batch, as its source writes it down. */
struct trigger_message {
	str id;                        /* messaging.message.id */
	str source;                    /* the queue, topic or stream, as an ARN or a name */
	str traceparent, tracestate;   /* who sent it, or else */
	str xray;                      /* in the format of X-Ray */
	str partition, offset;         /* of the partition or shard; offset as JSON text */
	str key;                       /* by which Kinesis chose the shard */
	str operation, document, time; /* of a change in a database or a bucket: faas.document.* */
};

struct trigger;

struct trigger_row {
	const char *trigger; /* faas.trigger */
	enum otel_kind kind;
	uint64_t needs; /* is told by these members */
	uint64_t wants; /* and complete with these: nothing behind them is read */

	/* False: it is another source after all, and nothing has been noted. */
	bool (*read)(struct trigger *t);

	/* Of a batch: the element that comes next. The slices live until the next call. */
	void (*message)(struct trigger *t, struct lambda_json *json, struct trigger_message *message);
};

/* The first of Records, which says where all of them are from. */
enum first { FIRST_SOURCE, FIRST_SOURCE_SNS, FIRST_ARN, FIRST_SNS, FIRST_S3, FIRSTS };

struct trigger {
	struct carrier carrier; /* first: the header fields that came with the event, none when it has no such thing */
	const struct trigger_row *row;
	const char *trigger; /* faas.trigger */
	enum otel_kind kind;
	bool http;  /* the reply is that of a web server */
	bool batch; /* messages has them */
	str event;
	str part[PARTS]; /* JSON text; of what was read last it may go on to the end of the event */
	uint64_t seen;
	str messages; /* the array of a batch, or an object of arrays */
	str first[FIRSTS];
	bool first_read;

	struct buf name, room;
	unsigned attrs, headers, links;

	/* How far the event has been read. */
	unsigned char state;
	bool known; /* some source's, when it is finished */
	struct lambda_json json;
	uint64_t refused; /* rows that said no, a bit each */

	/* What is used is the front of each, so that a small event touches few pages. */
	struct trigger_attr attr[TRIGGER_ATTRS_MAX];
	char name_room[TRIGGER_NAME_MAX];
	struct trigger_header header[TRIGGER_HEADERS_MAX];
	struct trigger_message link[TRIGGER_LINKS_MAX];
	char bytes[TRIGGER_ROOM], scratch[TRIGGER_SCRATCH];
};

/* ---- what telemetry calls ---- */

void trigger_begin(str event, struct trigger *t);
void trigger_look(struct trigger *t); /* as far as the header fields: what the carrier does */

/*
 * False: no source is known, it was called directly. *t is filled in either way; an empty name means the
 * function's.
 */
bool trigger_finish(struct trigger *t);
bool trigger_detect(str event, struct trigger *t); /* both at once */
void trigger_describe(struct trigger *t, struct otel_span *span);
void trigger_result(struct trigger *t, str reply, struct otel_span *span); /* of a handler that has not failed */

struct trigger *trigger_last(void); /* of this invocation, finished; NULL before the first */

/* ---- what a source calls to say what it found ---- */

void trigger_str(struct trigger *t, const char *key, str value); /* an empty one is left out */
void trigger_int(struct trigger *t, const char *key, int64_t value);
void trigger_json(struct trigger *t, const char *key, str value); /* JSON text of a string; anything else is left out */
str trigger_text(struct trigger *t, str value);        /* its characters; empty when it is none, or there is no room */
str trigger_keep(struct trigger *t, str text);         /* a copy; empty when there is no room */
void trigger_name(struct trigger *t, str name);        /* appends; what does not fit is cut */
void trigger_headers(struct trigger *t, str headers);  /* the members of this object are the carrier */
str trigger_header(const struct trigger *t, str name); /* the first one, in any case */

/* The same of the object that comes next; false: it is none, or it is bad. */
bool headers_read(struct trigger *t, struct lambda_json *json, bool multi);
bool headers_get(const struct carrier *carrier, str name, size_t nth, str *value);

/* All that sources of messages have in common. */
void trigger_messaging(struct trigger *t, const char *system, str destination);

/* ---- pieces ---- */

/*
 * The members of the object that comes next, in one pass, whatever else it has: values[i] is the first one of
 * names[i], absent when there is none.
 */
bool json_members(struct lambda_json *json, const char *const *names, str *values, size_t count);

/* url.query without what is secret in it (semantic conventions, url.query); query is as it was sent. */
str query_redacted(struct trigger *t, str query);
/*
 * The same made of an object of values, or of arrays of values, which are percent-encoded on the way when
 * encode is set.
 */
str query_of_members(struct trigger *t, str members, bool encode);

/*
 * The i-th field of an ARN (arn:partition:service:region:account:resource...), the sixth one with all that
 * follows.
 */
str arn_field(str arn, int i);

extern const struct trigger_row trigger_rows[];
extern const size_t trigger_rows_count;
