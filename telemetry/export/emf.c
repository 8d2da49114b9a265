// SPDX-License-Identifier: MIT
#include "diag.h"
#include "encode/emf_value.h"
#include "encode/otlp_json.h"
#include "encode/wire_read.h"
#include "export/line.h"
#include "list.h"
#include "settings.h"

#include <assert.h>

/*
 * CloudWatch's embedded metric format (CloudWatch user guide, "Specification: Embedded metric format") on standard output, as AWS's distribution of
 * OpenTelemetry writes it: a line for all points with the same attributes and time, every attribute a dimension, the resource as
 * otel.resource.NAME. Its limits: 100 metrics a line, 30 dimensions, 100 values an array (encode/emf_value.h), names and values of so many characters.
 *
 * Points are indexed first, so that those which belong together find each other: out is the line, the index, and room for the namespace.
 */
#define METRICS_MAX 100
#define DIMENSIONS_MAX 30
#define NAME_CHARS_MAX 1024
#define DIMENSION_NAME_CHARS_MAX 250
#define DIMENSION_VALUE_CHARS_MAX 1024
#define HEADERS_MAX 64

#define NAMESPACE_ROOM_BYTES 8192
#define POINTS_MAX ((REGION_OUT_BYTES / 2 - NAMESPACE_ROOM_BYTES) / sizeof(struct emf_point))

struct emf_point {
	str metric, point;
	uint64_t time;      /* ns */
	uint32_t hash;      /* of attributes and time */
	unsigned char data; /* the number of Metric.data */
	bool done;
};

static_assert(_Alignof(struct emf_point) <= 8 && REGION_OUT_BYTES / 2 % 8 == 0, "the index is aligned as out is");

struct emf {
	const struct batch *batch;
	int64_t deadline;
	str namespace;
	struct emf_point *points;
	size_t n;
};

static unsigned attributes_of(const struct emf_point *p)
{
	return p->data == 10 ? 1 : p->data == 9 ? 9 : 7;
}

static str name_of(const struct emf_point *p)
{
	return wire_bytes_of(p->metric, 1);
}

/* ---- settings ---- */

/* Where AWS's exporters have it: x-aws-metric-namespace among the headers for logs. */
static str find_namespace(char *room)
{
	str text = setting("OTEL_EXPORTER_OTLP_LOGS_HEADERS"), found = S("default");
	struct list_pair pairs[HEADERS_MAX];
	size_t n;

	if (text.n > NAMESPACE_ROOM_BYTES || !list_parse(text, room, pairs, HEADERS_MAX, &n))
		return found;
	for (size_t i = 0; i < n; i++)
		if (str_ieq(pairs[i].key, S("x-aws-metric-namespace")) && pairs[i].value.n &&
		    pairs[i].value.n <= NAME_CHARS_MAX)
			found = pairs[i].value;
	return found;
}

static void warn_cumulative(const struct emf_point *p, str data)
{
	static bool said;

	if (said || p->data == 5 || wire_value_of(data, 2, WIRE_VARINT) != 2 ||
	    (p->data == 7 && !wire_value_of(data, 3, WIRE_VARINT)))
		return;
	said = true;
	setting_warn(S("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE"),
	             setting("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE"),
	             "CloudWatch adds up what awsemf writes, so totals since the start count again and again: use delta");
}

/* ---- the index ---- */

static uint32_t hash(uint32_t h, str bytes)
{
	for (size_t i = 0; i < bytes.n; i++)
		h = (h ^ (unsigned char)bytes.p[i]) * 16777619; /* FNV-1a */
	return h;
}

static bool next_attribute(str *point, unsigned number, struct wire_field *f)
{
	while (wire_next(point, f))
		if (f->number == number && f->type == WIRE_BYTES)
			return true;
	return false;
}

static bool same_key(const struct emf_point *a, const struct emf_point *b)
{
	str left = a->point, right = b->point;
	struct wire_field x, y;
	bool more, other;

	if (a->hash != b->hash || a->time != b->time)
		return false;
	do {
		more = next_attribute(&left, attributes_of(a), &x);
		other = next_attribute(&right, attributes_of(b), &y);
		if (more && other && !str_eq(x.bytes, y.bytes))
			return false;
	} while (more && other);
	return more == other;
}

static void flush(struct emf *e);

static void index_point(struct emf *e, str metric, const struct wire_field *data, str bytes)
{
	struct emf_point p = { .metric = metric, .point = bytes, .data = (unsigned char)data->number };
	str name = name_of(&p), rest = bytes;
	struct wire_field f;

	p.time = wire_value_of(bytes, 3, WIRE_FIXED64);
	p.hash = 2166136261;
	while (next_attribute(&rest, attributes_of(&p), &f))
		p.hash = hash(p.hash, f.bytes);
	if (!name.n || name.n > NAME_CHARS_MAX || str_eq(name, S("_aws")) || str_eq(name, S("Version")) ||
	    !emf_value_has(p.data, bytes)) {
		e->batch->count->dropped[DROP_FORMAT]++;
		return;
	}
	warn_cumulative(&p, data->bytes);
	if (e->n == POINTS_MAX)
		flush(e);
	e->points[e->n++] = p;
}

static void index_metric(struct emf *e, str metric)
{
	struct wire_field data, point;
	str rest = metric;

	while (wire_next(&rest, &data)) {
		if (data.type != WIRE_BYTES || (data.number != 5 && data.number != 7 && data.number != 9 && data.number != 10))
			continue;
		for (str points = data.bytes; wire_next(&points, &point);)
			if (point.number == 1)
				index_point(e, metric, &data, point.type == WIRE_BYTES ? point.bytes : (str){ 0 });
	}
}

/* ---- a line ---- */

struct members {
	struct emf_point *at[METRICS_MAX];
	size_t n;
};

static bool has_name(const struct members *m, str name)
{
	for (size_t i = 0; i < m->n; i++)
		if (str_eq(name_of(m->at[i]), name))
			return true;
	return false;
}

static void gather(struct emf *e, size_t first, size_t most, struct members *m)
{
	m->n = 0;
	for (size_t i = first; i < e->n && m->n < most; i++) {
		struct emf_point *p = &e->points[i];

		if (!p->done && (i == first || same_key(&e->points[first], p)) && !has_name(m, name_of(p)))
			m->at[m->n++] = p;
	}
}

/* Root members have one name each: an attribute that has a metric's is left out. */
static bool is_property(const struct members *m, str key)
{
	return key.n && !str_eq(key, S("_aws")) && !str_eq(key, S("Version")) && !has_name(m, key);
}

static bool is_printable(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < ' ' || s.p[i] > '~')
			return false;
	return s.n > 0;
}

static bool quote_piece(struct text *inner)
{
	text_quote(inner->to, (str){ inner->p, inner->n });
	inner->n = 0;
	return true;
}

/* A string as it is, anything else as its JSON in a string; its length. */
static size_t put_as_text(struct text *t, str value)
{
	char room[TEXT_FLUSHED_MIN];
	struct text inner = { .p = room, .cap = sizeof room, .flush = quote_piece, .to = t };
	str string;

	if (emf_is_string(value, &string)) {
		text_str(t, string);
		return string.n;
	}
	text_begin(t);
	otlp_json_plain(&inner, value);
	quote_piece(&inner);
	text_end(t);
	return inner.total;
}

/* CloudWatch has ASCII only in dimensions (PutMetricData, Dimension), and none that is empty. */
static bool is_dimension(const struct members *m, str key, str value)
{
	struct text counted = { 0 };
	size_t n = put_as_text(&counted, value);
	str string;

	if (!is_property(m, key) || !is_printable(key) || key.n > DIMENSION_NAME_CHARS_MAX || key.p[0] == ':')
		return false;
	return n > 0 && n <= DIMENSION_VALUE_CHARS_MAX && (!emf_is_string(value, &string) || is_printable(string));
}

static void put_dimensions(struct text *t, const struct members *m)
{
	const struct emf_point *p = m->at[0];
	struct wire_field f;
	str rest = p->point;
	int n = 0;

	text_key(t, S("Dimensions"));
	text_open(t, '[');
	text_open(t, '[');
	while (n < DIMENSIONS_MAX && next_attribute(&rest, attributes_of(p), &f)) {
		str key = wire_bytes_of(f.bytes, 1);

		if (!is_dimension(m, key, wire_bytes_of(f.bytes, 2)))
			continue;
		text_str(t, key);
		n++;
	}
	text_close(t, ']');
	text_close(t, ']');
}

static void put_head(struct text *t, const struct emf *e, const struct members *m)
{
	text_key(t, S("_aws"));
	text_open(t, '{');
	text_key(t, S("Timestamp"));
	text_u64(t, m->at[0]->time / 1000000, false);
	text_key(t, S("CloudWatchMetrics"));
	text_open(t, '[');
	text_open(t, '{');
	text_key(t, S("Namespace"));
	text_str(t, e->namespace);
	text_key(t, S("Metrics"));
	text_open(t, '[');
	for (size_t i = 0; i < m->n; i++) {
		str unit = emf_unit(wire_bytes_of(m->at[i]->metric, 3));

		text_open(t, '{');
		text_key(t, S("Name"));
		text_str(t, name_of(m->at[i]));
		if (unit.n) {
			text_key(t, S("Unit"));
			text_str(t, unit);
		}
		text_close(t, '}');
	}
	text_close(t, ']');
	put_dimensions(t, m);
	text_close(t, '}');
	text_close(t, ']');
	text_close(t, '}');
	text_key(t, S("Version"));
	text_str(t, S("1"));
}

static void put_resource(struct text *t, str resource)
{
	struct wire_field f, attribute;

	if (!wire_next(&resource, &f))
		return;
	while (next_attribute(&f.bytes, 1, &attribute)) {
		text_begin(t);
		text_quote(t, S("otel.resource."));
		text_quote(t, wire_bytes_of(attribute.bytes, 1));
		text_end(t);
		text_name(t);
		put_as_text(t, wire_bytes_of(attribute.bytes, 2));
	}
}

static void put_points(struct text *t, const struct members *m)
{
	const struct emf_point *first = m->at[0];
	struct wire_field f;
	str rest = first->point;

	for (size_t i = 0; i < m->n; i++) {
		text_key(t, name_of(m->at[i]));
		emf_value_put(t, m->at[i]->data, m->at[i]->point);
	}
	while (next_attribute(&rest, attributes_of(first), &f)) {
		str key = wire_bytes_of(f.bytes, 1);

		if (!is_property(m, key))
			continue;
		text_key(t, key);
		put_as_text(t, wire_bytes_of(f.bytes, 2));
	}
}

/* False: it does not fit. */
static bool write_line(const struct emf *e, const struct members *m)
{
	struct text t = { .p = e->batch->out, .cap = REGION_OUT_BYTES / 2 };

	text_open(&t, '{');
	put_head(&t, e, m);
	put_resource(&t, e->batch->resource->resource);
	put_points(&t, m);
	text_close(&t, '}');
	text_char(&t, '\n');
	if (!t.full)
		line_hand_over(e->batch, (str){ t.p, t.n }, m->n, S("awsemf"), e->deadline);
	return !t.full;
}

static void flush(struct emf *e)
{
	struct members m;

	for (size_t i = 0; i < e->n; i++) {
		size_t most = METRICS_MAX;

		while (!e->points[i].done) {
			gather(e, i, most, &m);
			if (!write_line(e, &m)) {
				most = m.n / 2;
				if (most)
					continue;
				ship_dropped(e->batch, DROP_SIZE, 1, S("awsemf"), S("larger than a log event may be"));
			}
			for (size_t k = 0; k < m.n; k++)
				m.at[k]->done = true;
		}
	}
	e->n = 0;
}

void emf_ship(const struct batch *b, int64_t deadline)
{
	char *room = b->out + REGION_OUT_BYTES - NAMESPACE_ROOM_BYTES;
	struct emf e = {
		.batch = b,
		.deadline = deadline,
		.namespace = find_namespace(room),
		.points = (struct emf_point *)(void *)(b->out + REGION_OUT_BYTES / 2),
	};

	for (size_t i = 0; i < b->items->scope_count; i++) {
		str rest = b->items->scopes[i].items;
		struct wire_field item;

		while (wire_next(&rest, &item))
			index_metric(&e, item.bytes);
	}
	flush(&e);
}
