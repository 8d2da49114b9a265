// SPDX-License-Identifier: MIT
#include "test.h"

#include "encode/wire_read.h"
#include "export/envelope.h"
#include "otlp/split.h"
#include "otlp/trim.h"

#include "otlp.h"

/* A batch put together in memory: spans with a start and an end, metrics with data points, records with a time. */
static char memory[1 << 20], room_memory[192 << 10];
static size_t used;
static struct signal_items items;
static struct count counted;
static const struct resource resource = { .resource = { "\x0a\x00", 2 } };
static struct batch batch = { .resource = &resource, .items = &items, .count = &counted };
static struct buf room = { .p = room_memory, .cap = sizeof room_memory };

static void start(enum signal signal)
{
	used = 0;
	items = (struct signal_items){ 0 };
	batch.signal = signal;
	room.n = 0;
}

static void scope(const char *name)
{
	struct signal_scope *s = &items.scopes[items.scope_count++];

	s->head = str_of(name);
	s->items = (str){ memory + used, 0 };
}

static char *begin(char *message)
{
	return message + 16;
}

/* What was written behind begin() becomes a field 2 of the last scope. */
static void finish(char *message, char *end)
{
	struct signal_scope *s = &items.scopes[items.scope_count - 1];
	size_t n = (size_t)(end - message) - 16;
	char *p = wire_length(memory + used, 2, n);

	memmove(p, message + 16, n);
	s->items.n += (size_t)(p + n - (memory + used));
	used = (size_t)(p + n - memory);
}

static char *text(char *p, unsigned field, const char *s, size_t n)
{
	p = wire_length(p, field, n);
	memset(p, *s, n);
	return p + n;
}

static char *attribute(char *p, unsigned field, const char *key, size_t value)
{
	size_t keyed = wire_bytes_size(1, strlen(key)), in = wire_bytes_size(1, value);

	p = wire_length(p, field, keyed + wire_bytes_size(2, in));
	p = wire_length(p, 1, strlen(key));
	memcpy(p, key, strlen(key));
	p = wire_length(p + strlen(key), 2, in);
	return text(p, 1, "v", value);
}

static void span(uint64_t from, uint64_t to, size_t name)
{
	static char m[400 << 10];
	char *p = text(begin(m), 5, "s", name);

	p = wire_fixed64(wire_tag(p, 7, WIRE_FIXED64), from);
	finish(m, wire_fixed64(wire_tag(p, 8, WIRE_FIXED64), to));
	items.count++;
}

static void metric(size_t points)
{
	static char m[400 << 10];
	char *p = text(begin(m), 1, "m", 4);

	p = wire_length(p, 7, 2 + points * 11);
	p = wire_int(p, 2, 1);
	for (size_t i = 0; i < points; i++) {
		p = wire_length(p, 1, 9);
		p = wire_fixed64(wire_tag(p, 3, WIRE_FIXED64), i);
	}
	finish(m, text(p, 3, "u", 1));
	items.count += points;
}

/* Sizes of the runs, until the batch ends. */
static size_t runs(struct split *s, size_t *sizes, size_t max)
{
	size_t n = 0;

	while (n < max && split_next(s, &room)) {
		sizes[n++] = s->run.count;
		room.n = 0;
	}
	return n;
}

TEST(without_limits_a_batch_is_one_run_and_stays_where_it_lies)
{
	struct split s;

	start(SIGNAL_TRACES);
	scope("a");
	span(1, 2, 10);
	span(1, INT64_MAX, 100000);
	scope("b");
	span(3, 4, 10);
	split_start(&s, &batch, &resource, &limits_none, false);
	CHECK(split_next(&s, &room) && s.run.count == 3 && s.run.scope_count == 2 && !s.too_large && !room.n);
	CHECK(s.run.scopes[0].items.p == items.scopes[0].items.p && s.run.scopes[0].items.n == items.scopes[0].items.n);
	CHECK(!split_next(&s, &room));
}

TEST(a_batch_without_items_has_no_run)
{
	struct split s;

	start(SIGNAL_TRACES);
	split_start(&s, &batch, &resource, &limits_none, false);
	CHECK(!split_next(&s, &room));
	scope("a");
	split_start(&s, &batch, &resource, &limits_none, false);
	CHECK(!split_next(&s, &room));
}

TEST(runs_are_cut_by_count_bytes_and_time)
{
	struct otlp_limits limits = limits_none;
	struct split s;
	size_t sizes[8];

	start(SIGNAL_TRACES);
	scope("a");
	for (int i = 0; i < 5; i++)
		span(1000, 2000, 10);
	limits.count = 2;
	split_start(&s, &batch, &resource, &limits, false);
	CHECK(runs(&s, sizes, 8) == 3 && sizes[0] == 2 && sizes[1] == 2 && sizes[2] == 1);

	limits = limits_none;
	limits.bytes = 2 + ENVELOPE_HEAD_MAX + 1 + ENVELOPE_HEAD_MAX + 3 * (items.scopes[0].items.n / 5);
	split_start(&s, &batch, &resource, &limits, false);
	CHECK(runs(&s, sizes, 8) == 2 && sizes[0] == 3 && sizes[1] == 2);
	limits.bytes--;
	split_start(&s, &batch, &resource, &limits, false);
	CHECK(runs(&s, sizes, 8) == 3 && sizes[0] == 2);

	limits = limits_none;
	limits.spread_ns = 100;
	start(SIGNAL_TRACES);
	scope("a");
	span(1000, 1100, 1);
	span(0, 1050, 1); /* no start */
	span(1001, 1101, 1);
	span(5000, 9000, 1); /* by itself more than any request */
	span(9000, 9000, 1);
	split_start(&s, &batch, &resource, &limits, false);
	CHECK(runs(&s, sizes, 8) == 4 && sizes[0] == 2 && sizes[1] == 1 && sizes[2] == 1 && sizes[3] == 1);
}

TEST(half_as_many_is_tried_down_to_one)
{
	struct split s;
	size_t sizes[16];

	start(SIGNAL_TRACES);
	scope("a");
	for (int i = 0; i < 5; i++)
		span(1, 2, 10);
	scope("b");
	for (int i = 0; i < 4; i++)
		span(1, 2, 10);
	split_start(&s, &batch, &resource, &limits_none, false);
	CHECK(split_next(&s, &room) && s.run.count == 9 && split_halve(&s));
	CHECK(split_next(&s, &room) && s.run.count == 4 && split_halve(&s));
	CHECK(runs(&s, sizes, 16) == 5 && sizes[0] == 2 && sizes[4] == 1 && s.next.done == 9);
	split_start(&s, &batch, &resource, &limits_none, false);
	while (split_next(&s, &room) && s.run.count > 1)
		CHECK(split_halve(&s));
	CHECK(s.run.count == 1 && !split_halve(&s) && s.next.done == 1);
}

TEST(a_metric_is_cut_by_its_points_and_all_else_of_it_is_in_each_part)
{
	struct otlp_limits limits = limits_none;
	struct split s;
	size_t from = 0, n = 0;

	start(SIGNAL_METRICS);
	scope("a");
	metric(2);
	metric(25);
	metric(3);
	limits.count = 10;
	split_start(&s, &batch, &resource, &limits, false);
	CHECK(split_next(&s, &room) && s.run.count == 2 && split_begun(&s) == 0);
	for (; n < 3; n++, room.n = 0) {
		struct signal_items rest;
		str part, data;

		CHECK(split_next(&s, &room) && s.run.count == (n == 2 ? 5u : 10u) && !s.too_large);
		part = pb_bytes(s.run.scopes[0].items, 2);
		data = pb_bytes(part, 7);
		CHECK(pb_bytes(part, 1).n == 4 && pb_bytes(part, 3).n == 1 && pb_field(data, 2, 0).value == 1);
		CHECK(pb_count(data, 1) == (int)s.run.count);
		CHECK(pb_field(pb_bytes(data, 1), 3, 0).value == from);
		from += s.run.count;
		CHECK(split_begun(&s) == (n ? 25 - 10 * n : 0));
		split_rest(&s, &rest);
		CHECK(rest.count == (n ? 3u : 28u));
		CHECK(!split_original(&s, &rest));
	}
	CHECK(split_next(&s, &room) && s.run.count == 3 && s.next.done == 30 && !split_next(&s, &room));
}

TEST(a_part_of_a_metric_that_is_too_much_is_halved_from_where_it_begins)
{
	struct otlp_limits limits = limits_none;
	struct split s;
	size_t sizes[8];

	start(SIGNAL_METRICS);
	scope("a");
	metric(16);
	limits.count = 8;
	split_start(&s, &batch, &resource, &limits, false);
	CHECK(split_next(&s, &room) && s.run.count == 8);
	CHECK(split_next(&s, &room) && s.run.count == 8 && s.start.points == 8 && split_halve(&s));
	CHECK(runs(&s, sizes, 8) == 2 && sizes[0] == 4 && sizes[1] == 4 && s.next.done == 16);
}

static void large_span(void)
{
	static char m[400 << 10];
	char *p = text(begin(m), 5, "s", 10);

	p = attribute(p, 9, "a", 100);
	p = attribute(p, 9, "b", 150000);
	p = wire_int(p, 10, 3);
	p = attribute(p, 9, "c", 60000);
	finish(m, attribute(p, 9, "d", 1000));
	items.count++;
}

TEST(a_span_that_is_too_large_loses_its_largest_attributes_which_are_counted)
{
	struct otlp_limits limits = limits_none;
	struct signal_items original;
	struct split s;
	str got;

	start(SIGNAL_TRACES);
	scope("a");
	span(1, 2, 10);
	large_span();
	span(1, 2, 10);
	limits.item = 200000;
	split_start(&s, &batch, &resource, &limits, false);
	CHECK(split_next(&s, &room) && s.run.count == 1 && !room.n);
	CHECK(split_next(&s, &room) && s.run.count == 1 && room.n && s.left_out == 1 && !s.too_large);
	got = pb_bytes(s.run.scopes[0].items, 2);
	CHECK(pb_count(got, 9) == 3 && pb_text_attribute(got, 9, "c").n == 60000 && !pb_text_attribute(got, 9, "b").n);
	CHECK(pb_field(got, 10, 0).value == 4 && pb_count(got, 10) == 1);
	CHECK(split_original(&s, &original) && original.count == 1 && original.scopes[0].items.n > 210000);
	CHECK(split_next(&s, &room) && s.run.count == 1 && !split_next(&s, &room));

	limits.item = 1500;
	room.n = 0;
	split_start(&s, &batch, &resource, &limits, false);
	CHECK(split_next(&s, &room) && split_next(&s, &room) && s.left_out == 2 && !s.too_large);
	limits.item = 10;
	split_start(&s, &batch, &resource, &limits, false);
	CHECK(split_next(&s, &room) && s.too_large && split_next(&s, &room) && s.too_large && s.run.count == 1);
}

static bool keep_d(str key)
{
	return str_eq(key, S("d"));
}

TEST(what_must_stay_in_a_message_stays_whatever_its_size)
{
	static const struct trim any = { 1, 2, NULL }, but_d = { 1, 2, keep_d };
	static char m[4096], out[4096];
	str message = { m, 0 };
	size_t left_out;
	char *p = attribute(m, 1, "d", 500);

	p = attribute(p, 1, "e", 300);
	p = attribute(p, 1, "f", 300);
	p = attribute(p, 1, "g", 20);
	message.n = (size_t)(p - m);
	for (size_t most = 0; most < message.n + 20; most++) {
		size_t n = trim_message(&any, message, test_guarded(out, most), most, &left_out);

		CHECK(n <= most);
		n = trim_message(&but_d, message, out, most, &left_out);
		CHECK(n <= most && (n == 0 || pb_valid((str){ out, n })));
		CHECK(n == 0 || pb_text_attribute((str){ out, n }, 1, "d").n == 500);
		CHECK(n == 0 || left_out < 2 || !pb_text_attribute((str){ out, n }, 1, "f").n);
		CHECK(n || most < 540); /* d, and the count of those that are left out */
	}
}
