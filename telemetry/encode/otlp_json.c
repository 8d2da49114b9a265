// SPDX-License-Identifier: MIT
#include "encode/otlp_json.h"

#include "encode/wire_read.h"

/*
 * A message is a run of rows. Field numbers and types are those of proto/, and tests/integration/test_exporters.py compares what comes out with what
 * the opentelemetry-proto package reads from the same bytes.
 */
enum kind { TEXT, HEX, BYTES, BOOL, U32, I32, S32, I64, U64, F32, F64, SF64, DOUBLE, MESSAGE };

enum message {
	TRACES,
	METRICS,
	LOGS, /* as enum signal: the request, ... */
	RESOURCE_SPANS,
	RESOURCE_METRICS,
	RESOURCE_LOGS,
	SCOPE_SPANS,
	SCOPE_METRICS,
	SCOPE_LOGS,
	SPAN,
	METRIC,
	LOG_RECORD,
	RESOURCE,
	SCOPE,
	KEY_VALUE,
	ANY_VALUE,
	ARRAY_VALUE,
	KEY_VALUE_LIST,
	EVENT,
	LINK,
	STATUS,
	GAUGE,
	SUM,
	HISTOGRAM,
	EXPONENTIAL,
	NUMBER_POINT,
	HISTOGRAM_POINT,
	EXPONENTIAL_POINT,
	BUCKETS,
	EXEMPLAR,
	MESSAGES
};

enum { MANY = 1, ONE_OF = 2 }; /* repeated; of several only the last one said counts */

struct row {
	unsigned char message, number, kind, of, how;
	const char *name;
};

/* Sorted by message. */
static const struct row rows[] = {
	{ TRACES, 1, MESSAGE, RESOURCE_SPANS, MANY, "resourceSpans" },
	{ METRICS, 1, MESSAGE, RESOURCE_METRICS, MANY, "resourceMetrics" },
	{ LOGS, 1, MESSAGE, RESOURCE_LOGS, MANY, "resourceLogs" },

	{ RESOURCE_SPANS, 1, MESSAGE, RESOURCE, 0, "resource" },
	{ RESOURCE_SPANS, 2, MESSAGE, SCOPE_SPANS, MANY, "scopeSpans" },
	{ RESOURCE_SPANS, 3, TEXT, 0, 0, "schemaUrl" },
	{ RESOURCE_METRICS, 1, MESSAGE, RESOURCE, 0, "resource" },
	{ RESOURCE_METRICS, 2, MESSAGE, SCOPE_METRICS, MANY, "scopeMetrics" },
	{ RESOURCE_METRICS, 3, TEXT, 0, 0, "schemaUrl" },
	{ RESOURCE_LOGS, 1, MESSAGE, RESOURCE, 0, "resource" },
	{ RESOURCE_LOGS, 2, MESSAGE, SCOPE_LOGS, MANY, "scopeLogs" },
	{ RESOURCE_LOGS, 3, TEXT, 0, 0, "schemaUrl" },

	{ SCOPE_SPANS, 1, MESSAGE, SCOPE, 0, "scope" },
	{ SCOPE_SPANS, 2, MESSAGE, SPAN, MANY, "spans" },
	{ SCOPE_SPANS, 3, TEXT, 0, 0, "schemaUrl" },
	{ SCOPE_METRICS, 1, MESSAGE, SCOPE, 0, "scope" },
	{ SCOPE_METRICS, 2, MESSAGE, METRIC, MANY, "metrics" },
	{ SCOPE_METRICS, 3, TEXT, 0, 0, "schemaUrl" },
	{ SCOPE_LOGS, 1, MESSAGE, SCOPE, 0, "scope" },
	{ SCOPE_LOGS, 2, MESSAGE, LOG_RECORD, MANY, "logRecords" },
	{ SCOPE_LOGS, 3, TEXT, 0, 0, "schemaUrl" },

	{ SPAN, 1, HEX, 0, 0, "traceId" },
	{ SPAN, 2, HEX, 0, 0, "spanId" },
	{ SPAN, 3, TEXT, 0, 0, "traceState" },
	{ SPAN, 4, HEX, 0, 0, "parentSpanId" },
	{ SPAN, 5, TEXT, 0, 0, "name" },
	{ SPAN, 6, I32, 0, 0, "kind" },
	{ SPAN, 7, F64, 0, 0, "startTimeUnixNano" },
	{ SPAN, 8, F64, 0, 0, "endTimeUnixNano" },
	{ SPAN, 9, MESSAGE, KEY_VALUE, MANY, "attributes" },
	{ SPAN, 10, U32, 0, 0, "droppedAttributesCount" },
	{ SPAN, 11, MESSAGE, EVENT, MANY, "events" },
	{ SPAN, 12, U32, 0, 0, "droppedEventsCount" },
	{ SPAN, 13, MESSAGE, LINK, MANY, "links" },
	{ SPAN, 14, U32, 0, 0, "droppedLinksCount" },
	{ SPAN, 15, MESSAGE, STATUS, 0, "status" },
	{ SPAN, 16, F32, 0, 0, "flags" },

	{ METRIC, 1, TEXT, 0, 0, "name" },
	{ METRIC, 2, TEXT, 0, 0, "description" },
	{ METRIC, 3, TEXT, 0, 0, "unit" },
	{ METRIC, 5, MESSAGE, GAUGE, ONE_OF, "gauge" },
	{ METRIC, 7, MESSAGE, SUM, ONE_OF, "sum" },
	{ METRIC, 9, MESSAGE, HISTOGRAM, ONE_OF, "histogram" },
	{ METRIC, 10, MESSAGE, EXPONENTIAL, ONE_OF, "exponentialHistogram" },
	{ METRIC, 12, MESSAGE, KEY_VALUE, MANY, "metadata" },

	{ LOG_RECORD, 1, F64, 0, 0, "timeUnixNano" },
	{ LOG_RECORD, 2, I32, 0, 0, "severityNumber" },
	{ LOG_RECORD, 3, TEXT, 0, 0, "severityText" },
	{ LOG_RECORD, 5, MESSAGE, ANY_VALUE, 0, "body" },
	{ LOG_RECORD, 6, MESSAGE, KEY_VALUE, MANY, "attributes" },
	{ LOG_RECORD, 7, U32, 0, 0, "droppedAttributesCount" },
	{ LOG_RECORD, 8, F32, 0, 0, "flags" },
	{ LOG_RECORD, 9, HEX, 0, 0, "traceId" },
	{ LOG_RECORD, 10, HEX, 0, 0, "spanId" },
	{ LOG_RECORD, 11, F64, 0, 0, "observedTimeUnixNano" },
	{ LOG_RECORD, 12, TEXT, 0, 0, "eventName" },

	{ RESOURCE, 1, MESSAGE, KEY_VALUE, MANY, "attributes" },
	{ RESOURCE, 2, U32, 0, 0, "droppedAttributesCount" },

	{ SCOPE, 1, TEXT, 0, 0, "name" },
	{ SCOPE, 2, TEXT, 0, 0, "version" },
	{ SCOPE, 3, MESSAGE, KEY_VALUE, MANY, "attributes" },
	{ SCOPE, 4, U32, 0, 0, "droppedAttributesCount" },

	{ KEY_VALUE, 1, TEXT, 0, 0, "key" },
	{ KEY_VALUE, 2, MESSAGE, ANY_VALUE, 0, "value" },

	{ ANY_VALUE, 1, TEXT, 0, ONE_OF, "stringValue" },
	{ ANY_VALUE, 2, BOOL, 0, ONE_OF, "boolValue" },
	{ ANY_VALUE, 3, I64, 0, ONE_OF, "intValue" },
	{ ANY_VALUE, 4, DOUBLE, 0, ONE_OF, "doubleValue" },
	{ ANY_VALUE, 5, MESSAGE, ARRAY_VALUE, ONE_OF, "arrayValue" },
	{ ANY_VALUE, 6, MESSAGE, KEY_VALUE_LIST, ONE_OF, "kvlistValue" },
	{ ANY_VALUE, 7, BYTES, 0, ONE_OF, "bytesValue" },
	{ ARRAY_VALUE, 1, MESSAGE, ANY_VALUE, MANY, "values" },
	{ KEY_VALUE_LIST, 1, MESSAGE, KEY_VALUE, MANY, "values" },

	{ EVENT, 1, F64, 0, 0, "timeUnixNano" },
	{ EVENT, 2, TEXT, 0, 0, "name" },
	{ EVENT, 3, MESSAGE, KEY_VALUE, MANY, "attributes" },
	{ EVENT, 4, U32, 0, 0, "droppedAttributesCount" },

	{ LINK, 1, HEX, 0, 0, "traceId" },
	{ LINK, 2, HEX, 0, 0, "spanId" },
	{ LINK, 3, TEXT, 0, 0, "traceState" },
	{ LINK, 4, MESSAGE, KEY_VALUE, MANY, "attributes" },
	{ LINK, 5, U32, 0, 0, "droppedAttributesCount" },
	{ LINK, 6, F32, 0, 0, "flags" },

	{ STATUS, 2, TEXT, 0, 0, "message" },
	{ STATUS, 3, I32, 0, 0, "code" },

	{ GAUGE, 1, MESSAGE, NUMBER_POINT, MANY, "dataPoints" },
	{ SUM, 1, MESSAGE, NUMBER_POINT, MANY, "dataPoints" },
	{ SUM, 2, I32, 0, 0, "aggregationTemporality" },
	{ SUM, 3, BOOL, 0, 0, "isMonotonic" },
	{ HISTOGRAM, 1, MESSAGE, HISTOGRAM_POINT, MANY, "dataPoints" },
	{ HISTOGRAM, 2, I32, 0, 0, "aggregationTemporality" },
	{ EXPONENTIAL, 1, MESSAGE, EXPONENTIAL_POINT, MANY, "dataPoints" },
	{ EXPONENTIAL, 2, I32, 0, 0, "aggregationTemporality" },

	{ NUMBER_POINT, 2, F64, 0, 0, "startTimeUnixNano" },
	{ NUMBER_POINT, 3, F64, 0, 0, "timeUnixNano" },
	{ NUMBER_POINT, 4, DOUBLE, 0, ONE_OF, "asDouble" },
	{ NUMBER_POINT, 5, MESSAGE, EXEMPLAR, MANY, "exemplars" },
	{ NUMBER_POINT, 6, SF64, 0, ONE_OF, "asInt" },
	{ NUMBER_POINT, 7, MESSAGE, KEY_VALUE, MANY, "attributes" },
	{ NUMBER_POINT, 8, U32, 0, 0, "flags" },

	{ HISTOGRAM_POINT, 2, F64, 0, 0, "startTimeUnixNano" },
	{ HISTOGRAM_POINT, 3, F64, 0, 0, "timeUnixNano" },
	{ HISTOGRAM_POINT, 4, F64, 0, 0, "count" },
	{ HISTOGRAM_POINT, 5, DOUBLE, 0, 0, "sum" },
	{ HISTOGRAM_POINT, 6, F64, 0, MANY, "bucketCounts" },
	{ HISTOGRAM_POINT, 7, DOUBLE, 0, MANY, "explicitBounds" },
	{ HISTOGRAM_POINT, 8, MESSAGE, EXEMPLAR, MANY, "exemplars" },
	{ HISTOGRAM_POINT, 9, MESSAGE, KEY_VALUE, MANY, "attributes" },
	{ HISTOGRAM_POINT, 10, U32, 0, 0, "flags" },
	{ HISTOGRAM_POINT, 11, DOUBLE, 0, 0, "min" },
	{ HISTOGRAM_POINT, 12, DOUBLE, 0, 0, "max" },

	{ EXPONENTIAL_POINT, 1, MESSAGE, KEY_VALUE, MANY, "attributes" },
	{ EXPONENTIAL_POINT, 2, F64, 0, 0, "startTimeUnixNano" },
	{ EXPONENTIAL_POINT, 3, F64, 0, 0, "timeUnixNano" },
	{ EXPONENTIAL_POINT, 4, F64, 0, 0, "count" },
	{ EXPONENTIAL_POINT, 5, DOUBLE, 0, 0, "sum" },
	{ EXPONENTIAL_POINT, 6, S32, 0, 0, "scale" },
	{ EXPONENTIAL_POINT, 7, F64, 0, 0, "zeroCount" },
	{ EXPONENTIAL_POINT, 8, MESSAGE, BUCKETS, 0, "positive" },
	{ EXPONENTIAL_POINT, 9, MESSAGE, BUCKETS, 0, "negative" },
	{ EXPONENTIAL_POINT, 10, U32, 0, 0, "flags" },
	{ EXPONENTIAL_POINT, 11, MESSAGE, EXEMPLAR, MANY, "exemplars" },
	{ EXPONENTIAL_POINT, 12, DOUBLE, 0, 0, "min" },
	{ EXPONENTIAL_POINT, 13, DOUBLE, 0, 0, "max" },
	{ EXPONENTIAL_POINT, 14, DOUBLE, 0, 0, "zeroThreshold" },
	{ BUCKETS, 1, S32, 0, 0, "offset" },
	{ BUCKETS, 2, U64, 0, MANY, "bucketCounts" },

	{ EXEMPLAR, 2, F64, 0, 0, "timeUnixNano" },
	{ EXEMPLAR, 3, DOUBLE, 0, ONE_OF, "asDouble" },
	{ EXEMPLAR, 4, HEX, 0, 0, "spanId" },
	{ EXEMPLAR, 5, HEX, 0, 0, "traceId" },
	{ EXEMPLAR, 6, SF64, 0, ONE_OF, "asInt" },
	{ EXEMPLAR, 7, MESSAGE, KEY_VALUE, MANY, "filteredAttributes" },
};

#define ROWS (sizeof rows / sizeof rows[0])

static enum wire_type type_of(enum kind kind)
{
	switch (kind) {
	case TEXT:
	case HEX:
	case BYTES:
	case MESSAGE: return WIRE_BYTES;
	case F32:     return WIRE_FIXED32;
	case F64:
	case SF64:
	case DOUBLE:  return WIRE_FIXED64;
	default:      return WIRE_VARINT;
	}
}

static bool is_packed(const struct row *r, const struct wire_field *f)
{
	return r->how == MANY && type_of(r->kind) != WIRE_BYTES && f->type == WIRE_BYTES;
}

/* first: of the message. NULL: an unknown field, or a known number with another type. */
static const struct row *row_of(const struct row *first, const struct wire_field *f)
{
	for (const struct row *r = first; r < rows + ROWS && r->message == first->message; r++)
		if (r->number == f->number)
			return f->type == type_of(r->kind) || is_packed(r, f) ? r : NULL;
	return NULL;
}

static const struct row *first_row(enum message m)
{
	size_t low = 0, high = ROWS;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (rows[middle].message < m)
			low = middle + 1;
		else
			high = middle;
	}
	return &rows[low];
}

static bool members(struct text *t, enum message m, str message, unsigned depth);

static bool object(struct text *t, enum message m, str message, unsigned depth)
{
	bool good = true;

	text_open(t, '{');
	if (depth < OTLP_JSON_DEPTH_MAX)
		good = members(t, m, message, depth + 1);
	text_close(t, '}');
	return good;
}

static void scalar(struct text *t, enum kind kind, uint64_t v)
{
	switch (kind) {
	case BOOL:   text_value(t, v ? S("true") : S("false")); break;
	case U32:
	case F32:    text_u64(t, (uint32_t)v, false); break;
	case I32:    text_i64(t, (int32_t)v, false); break;
	case S32:    text_i64(t, (int32_t)wire_zigzag((uint32_t)v), false); break;
	case I64:
	case SF64:   text_i64(t, (int64_t)v, true); break;
	case DOUBLE: text_double(t, wire_double(v)); break;
	default:     text_u64(t, v, true); break;
	}
}

static bool value(struct text *t, const struct row *r, const struct wire_field *f, unsigned depth)
{
	uint64_t v;
	str packed;

	if (is_packed(r, f)) {
		for (packed = f->bytes; wire_next_packed(&packed, type_of(r->kind), &v);)
			scalar(t, r->kind, v);
		return !packed.n;
	}
	switch (r->kind) {
	case TEXT:    text_str(t, f->bytes); break;
	case HEX:     text_hex(t, f->bytes); break;
	case BYTES:   text_base64(t, f->bytes); break;
	case MESSAGE: return object(t, r->of, f->bytes, depth);
	default:      scalar(t, r->kind, f->value);
	}
	return true;
}

/* Whether a later field takes the place of one in this row. */
static bool is_superseded(const struct row *first, const struct row *r, str rest)
{
	struct wire_field f;
	const struct row *other;

	while (wire_next(&rest, &f))
		if ((other = row_of(first, &f)) && (other == r || (r->how == ONE_OF && other->how == ONE_OF)))
			return true;
	return false;
}

static bool many(struct text *t, const struct row *first, const struct row *r, const struct wire_field *f, str rest,
                 unsigned depth)
{
	struct wire_field next = *f;
	bool good = true;

	text_open(t, '[');
	do {
		if (row_of(first, &next) == r)
			good &= value(t, r, &next, depth);
	} while (wire_next(&rest, &next));
	text_close(t, ']');
	return good;
}

/* Fields come in any order and those of an array not in one piece: an array is written where its first one is. */
static bool members(struct text *t, enum message m, str message, unsigned depth)
{
	const struct row *first = first_row(m), *r;
	struct wire_field f;
	uint32_t seen = 0;
	bool good = true;

	while (wire_next(&message, &f)) {
		uint32_t bit;

		if (!(r = row_of(first, &f)))
			continue;
		bit = UINT32_C(1) << (r - first);
		if (r->how == MANY ? (seen & bit) != 0 : is_superseded(first, r, message))
			continue;
		seen |= bit;
		text_key(t, str_of(r->name));
		good &= r->how == MANY ? many(t, first, r, &f, message, depth) : value(t, r, &f, depth);
	}
	return good && !message.n;
}

bool otlp_json_wire(struct text *t, enum signal signal, str request)
{
	return object(t, (enum message)signal, request, 0);
}

/* ---- a request out of its parts ---- */

static enum message of(enum signal signal, enum message traces)
{
	return (enum message)((int)traces + (int)signal);
}

static void scope(struct text *t, enum signal signal, const struct signal_scope *s)
{
	const struct row *items = first_row(of(signal, SCOPE_SPANS)) + 1;
	struct wire_field f;
	str rest = s->items;

	text_open(t, '{');
	members(t, of(signal, SCOPE_SPANS), s->head, 2);
	text_key(t, str_of(items->name));
	text_open(t, '[');
	while (wire_next(&rest, &f))
		object(t, of(signal, SPAN), f.bytes, 3);
	text_close(t, ']');
	text_close(t, '}');
}

void otlp_json_request(struct text *t, enum signal signal, const struct resource *r, const struct signal_items *items)
{
	const struct row *scopes = first_row(of(signal, RESOURCE_SPANS)) + 1;

	text_open(t, '{');
	text_key(t, str_of(first_row((enum message)signal)->name));
	text_open(t, '[');
	text_open(t, '{');
	members(t, of(signal, RESOURCE_SPANS), r->resource, 1);
	text_key(t, str_of(scopes->name));
	text_open(t, '[');
	for (size_t i = 0; i < items->scope_count; i++)
		scope(t, signal, &items->scopes[i]);
	text_close(t, ']');
	members(t, of(signal, RESOURCE_SPANS), r->url, 1);
	text_close(t, '}');
	text_close(t, ']');
	text_close(t, '}');
}

size_t otlp_json_item(enum signal signal, str item)
{
	struct text t = { 0 };
	struct wire_field f;

	if (wire_next(&item, &f))
		object(&t, of(signal, SPAN), f.bytes, 3);
	return t.total + 1;
}

size_t otlp_json_scope(enum signal signal, str head)
{
	struct text t = { 0 };

	scope(&t, signal, &(struct signal_scope){ .head = head });
	return t.total + 1;
}

size_t otlp_json_around(enum signal signal, const struct resource *r)
{
	struct text t = { 0 };

	otlp_json_request(&t, signal, r, &(struct signal_items){ .scope_count = 0 });
	return t.total;
}

/* ---- plain values ---- */

static void plain(struct text *t, str any, unsigned depth);

static void plain_list(struct text *t, str list, unsigned depth)
{
	struct wire_field f;

	while (wire_next(&list, &f))
		if (f.number == 1 && f.type == WIRE_BYTES)
			plain(t, f.bytes, depth);
}

static void plain_pairs(struct text *t, str list, unsigned depth)
{
	struct wire_field f;

	while (wire_next(&list, &f))
		if (f.number == 1 && f.type == WIRE_BYTES) {
			text_key(t, wire_bytes_of(f.bytes, 1));
			plain(t, wire_bytes_of(f.bytes, 2), depth);
		}
}

static void plain(struct text *t, str any, unsigned depth)
{
	const struct row *first = first_row(ANY_VALUE), *r = NULL;
	struct wire_field f, last = { 0 };

	while (wire_next(&any, &f))
		if (row_of(first, &f)) {
			r = row_of(first, &f);
			last = f;
		}
	if (!r || depth == OTLP_JSON_DEPTH_MAX) {
		text_value(t, S("null"));
	} else if (r->kind == I64) {
		text_i64(t, (int64_t)last.value, false);
	} else if (r->kind != MESSAGE) {
		value(t, r, &last, depth);
	} else if (r->of == ARRAY_VALUE) {
		text_open(t, '[');
		plain_list(t, last.bytes, depth + 1);
		text_close(t, ']');
	} else {
		text_open(t, '{');
		plain_pairs(t, last.bytes, depth + 1);
		text_close(t, '}');
	}
}

void otlp_json_plain(struct text *t, str v)
{
	plain(t, v, 0);
}
