// SPDX-License-Identifier: MIT
#pragma once

#include "base/buf.h"
#include "context/carrier.h"
#include "lambda_json.h"
#include "otel_trigger.h"

/*
 * Who called: an event is looked at once, before its span opens, and what it says is kept as slices until the
 * handler has returned.
 *
 *   trigger_detect()    source, span name, kind, attributes, carrier; stops reading when the source is known
 *                       and complete
 *   trigger_describe()  writes them to the span, with a link for each message
 *   trigger_result()    what the reply says
 *
 * A source is a row of the table in table.c: which members of the event it needs, and one function that reads
 * them. Nothing is trusted: any member may be absent, huge, or of another type, and then its attribute is
 * absent.
 */
#define TRIGGER_ATTRS_MAX OTEL_SOURCE_ATTRS
#define TRIGGER_HEADERS_MAX \
	128 /* fields of a request that are looked at: more than API Gateway's or ALB's limits let by */
#define TRIGGER_NAME_MAX 512
#define TRIGGER_ROOM 8192    /* what had to be decoded or put together: escapes, a query without its secrets */
#define TRIGGER_SCRATCH 4096 /* the same of one message */
#define TRIGGER_LINKS_MAX OTEL_SOURCE_LINKS /* of a source that is one message */

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
