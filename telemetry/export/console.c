// SPDX-License-Identifier: MIT
#include "base/clock.h"
#include "encode/otlp_json.h"
#include "encode/wire_read.h"
#include "export/cut.h"
#include "export/line.h"

/*
 * For a person who reads the function's output: a line a span, event, link, data point and log record, in no format that anything should parse. What
 * would break a line is escaped as in JSON.
 */
static void put(struct text *t, const char *words)
{
	text_raw(t, str_of(words));
}

static void put_key(struct text *t, str key)
{
	text_char(t, ' ');
	text_quote(t, key);
	text_char(t, '=');
	t->comma = false;
}

static void put_number(struct text *t, const char *key, uint64_t v)
{
	put_key(t, str_of(key));
	text_u64(t, v, false);
}

static void put_id(struct text *t, const char *key, str id)
{
	if (!id.n)
		return;
	put_key(t, str_of(key));
	for (size_t i = 0; i < id.n; i++) {
		char hex[2];
		struct buf b = BUF(hex);

		buf_hex(&b, id.p + i, 1);
		text_raw(t, buf_str(&b));
	}
}

static void put_time(struct text *t, uint64_t wall_ns)
{
	char stamp[CLOCK_RFC3339_BYTES];
	struct buf b = BUF(stamp);

	clock_rfc3339(&b, (int64_t)wall_ns);
	text_raw(t, buf_str(&b));
}

/* Microseconds with their fraction. */
static void put_us(struct text *t, uint64_t ns)
{
	char digits[24];
	struct buf b = BUF(digits);

	buf_u64(&b, ns / 1000);
	buf_putc(&b, '.');
	buf_putc(&b, (char)('0' + ns % 1000 / 100));
	buf_put(&b, S(" us"));
	text_raw(t, buf_str(&b));
}

/* KeyValue fields of that number. */
static void put_attributes(struct text *t, str message, unsigned number)
{
	struct wire_field f;

	while (wire_next(&message, &f))
		if (f.number == number && f.type == WIRE_BYTES) {
			put_key(t, wire_bytes_of(f.bytes, 1));
			otlp_json_plain(t, wire_bytes_of(f.bytes, 2));
		}
}

static void put_name(struct text *t, str name)
{
	text_char(t, ' ');
	text_quote(t, name);
}

/* ---- spans ---- */

static void put_status(struct text *t, str status)
{
	static const char *const codes[] = { "", " ok", " ERROR" };
	uint64_t code = wire_value_of(status, 3, WIRE_VARINT);
	str message = wire_bytes_of(status, 2);

	put(t, code < 3 ? codes[code] : " status?");
	if (message.n) {
		put(t, ": ");
		text_quote(t, message);
	}
}

static void put_details(struct text *t, str span, uint64_t start)
{
	struct wire_field f;

	while (wire_next(&span, &f)) {
		if (f.number == 11 && f.type == WIRE_BYTES) {
			put(t, "\n  event");
			put_name(t, wire_bytes_of(f.bytes, 2));
			put(t, " at ");
			put_us(t, wire_value_of(f.bytes, 1, WIRE_FIXED64) - start);
			put_attributes(t, f.bytes, 3);
		} else if (f.number == 13 && f.type == WIRE_BYTES) {
			put(t, "\n  link");
			put_id(t, "trace", wire_bytes_of(f.bytes, 1));
			put_id(t, "span", wire_bytes_of(f.bytes, 2));
			put_attributes(t, f.bytes, 4);
		}
	}
}

static void put_span(struct text *t, str span)
{
	static const char *const kinds[] = { "", " internal", " server", " client", " producer", " consumer" };
	uint64_t start = wire_value_of(span, 7, WIRE_FIXED64), kind = wire_value_of(span, 6, WIRE_VARINT);

	put(t, "span ");
	put_time(t, start);
	put_name(t, wire_bytes_of(span, 5));
	put(t, kind < 6 ? kinds[kind] : " kind?");
	text_char(t, ' ');
	put_us(t, wire_value_of(span, 8, WIRE_FIXED64) - start);
	put_status(t, wire_bytes_of(span, 15));
	put_id(t, "trace", wire_bytes_of(span, 1));
	put_id(t, "span", wire_bytes_of(span, 2));
	put_id(t, "parent", wire_bytes_of(span, 4));
	put_attributes(t, span, 9);
	put_details(t, span, start);
}

/* ---- metrics ---- */

static void put_double(struct text *t, const char *key, str point, unsigned number)
{
	struct wire_field f;

	if (!wire_find(point, number, WIRE_FIXED64, &f))
		return;
	put_key(t, str_of(key));
	text_double(t, wire_double(f.value));
}

/* NumberDataPoint, HistogramDataPoint, ExponentialHistogramDataPoint, by the number of Metric.data. */
static void put_point(struct text *t, unsigned data, str point)
{
	bool exponential = data == 10;
	struct wire_field f;

	if (data == 9 || exponential) {
		put_number(t, "count", wire_value_of(point, 4, WIRE_FIXED64));
		put_double(t, "sum", point, 5);
		put_double(t, "min", point, exponential ? 12 : 11);
		put_double(t, "max", point, exponential ? 13 : 12);
		if (exponential) {
			put_key(t, S("scale"));
			text_i64(t, wire_zigzag(wire_value_of(point, 6, WIRE_VARINT)), false);
		}
		put_attributes(t, point, exponential ? 1 : 9);
		return;
	}
	put_double(t, "value", point, 4);
	if (wire_find(point, 6, WIRE_FIXED64, &f)) {
		put_key(t, S("value"));
		text_i64(t, (int64_t)f.value, false);
	}
	put_attributes(t, point, 7);
}

static void put_metric(struct text *t, str metric)
{
	static const char *const names[] = { " gauge", "", " sum", "", " histogram", " exponential histogram" };
	static const char *const temporalities[] = { "", ", delta", ", cumulative" };
	str rest = metric, unit = wire_bytes_of(metric, 3);
	struct wire_field data, point;
	bool first = true;

	while (wire_next(&rest, &data)) {
		uint64_t temporality;
		str points = data.bytes;

		if (data.type != WIRE_BYTES || data.number < 5 || data.number > 10)
			continue;
		temporality = data.number > 5 ? wire_value_of(data.bytes, 2, WIRE_VARINT) : 0;
		while (wire_next(&points, &point)) {
			if (point.number != 1 || point.type != WIRE_BYTES)
				continue;
			put(t, first ? "metric " : "\nmetric ");
			first = false;
			put_time(t, wire_value_of(point.bytes, 3, WIRE_FIXED64));
			put_name(t, wire_bytes_of(metric, 1));
			if (unit.n)
				put_name(t, unit);
			put(t, names[data.number - 5]);
			put(t, temporality < 3 ? temporalities[temporality] : "");
			put_point(t, data.number, point.bytes);
		}
	}
}

/* ---- logs ---- */

static void put_record(struct text *t, str record)
{
	static const char levels[][6] = { "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL" };
	uint64_t time = wire_value_of(record, 1, WIRE_FIXED64), severity = wire_value_of(record, 2, WIRE_VARINT);
	str name = wire_bytes_of(record, 12), body = wire_bytes_of(record, 5);

	put(t, "log ");
	put_time(t, time ? time : wire_value_of(record, 11, WIRE_FIXED64));
	text_char(t, ' ');
	put(t, severity && severity <= 24 ? levels[(severity - 1) / 4] : "-");
	if (name.n)
		put_name(t, name);
	if (body.n) {
		text_char(t, ' ');
		t->comma = false;
		otlp_json_plain(t, body);
	}
	put_id(t, "trace", wire_bytes_of(record, 9));
	put_id(t, "span", wire_bytes_of(record, 10));
	put_attributes(t, record, 6);
}

/* ---- items ---- */

/* What is longer than out is cut: a person has seen enough of it. */
static void write_item(const struct batch *b, str item, size_t count, int64_t deadline)
{
	static void (*const puts[])(struct text *, str) = { put_span, put_metric, put_record };
	struct text t = { .p = b->out, .cap = REGION_OUT_BYTES - 1 };

	puts[b->signal](&t, item);
	t.p[t.n++] = '\n';
	line_hand_over(b, (str){ t.p, t.n }, count, S("console"), deadline);
}

void console_ship(const struct batch *b, int64_t deadline)
{
	for (size_t i = 0; i < b->items->scope_count; i++) {
		str rest = b->items->scopes[i].items;
		struct wire_field item;

		while (wire_next(&rest, &item))
			write_item(b, item.bytes, cut_count(b->signal, item.whole), deadline);
	}
}
