// SPDX-License-Identifier: MIT
#include "encode/emf_value.h"

#include "encode/wire_read.h"

#include <math.h>

enum { GAUGE = 5, SUM = 7, HISTOGRAM = 9, EXPONENTIAL = 10 }; /* Metric.data */

bool emf_is_string(str value, str *string)
{
	struct wire_field f;

	if (!wire_next(&value, &f) || f.number != 1 || f.type != WIRE_BYTES || value.n)
		return false;
	*string = f.bytes;
	return true;
}

str emf_unit(str unit)
{
	static const char pairs[] = "ms\0Milliseconds\0s\0Seconds\0us\0Microseconds\0By\0Bytes\0bit\0Bits\0";
	static const char own[] =
		"Seconds\0Microseconds\0Milliseconds\0Bytes\0Kilobytes\0Megabytes\0Gigabytes\0Terabytes\0Bits\0Kilobits\0"
		"Megabits\0Gigabits\0Terabits\0Percent\0Count\0Bytes/Second\0Kilobytes/Second\0Megabytes/Second\0"
		"Gigabytes/Second\0Terabytes/Second\0Bits/Second\0Kilobits/Second\0Megabits/Second\0Gigabits/Second\0"
		"Terabits/Second\0Count/Second\0None\0";

	for (str from = str_of(pairs), to; from.n; from = str_of(to.p + to.n + 1)) {
		to = str_of(from.p + from.n + 1);
		if (str_eq(unit, from))
			return to;
	}
	for (str name = str_of(own); name.n; name = str_of(name.p + name.n + 1))
		if (str_eq(unit, name))
			return name;
	return (str){ 0 };
}

/* ---- what all histograms have ---- */

struct summary {
	uint64_t count;
	double sum, min, max;
};

static double double_of(str point, unsigned number, double usual)
{
	struct wire_field f;

	return wire_find(point, number, WIRE_FIXED64, &f) ? wire_double(f.value) : usual;
}

/* False: nothing was counted, or it is not finite. Without least and greatest the mean stands for both. */
static bool summary(unsigned data, str point, struct summary *s)
{
	unsigned min = data == EXPONENTIAL ? 12 : 11;

	s->count = wire_value_of(point, 4, WIRE_FIXED64);
	s->sum = double_of(point, 5, 0);
	if (!s->count || !isfinite(s->sum))
		return false;
	s->min = double_of(point, min, s->sum / (double)s->count);
	s->max = double_of(point, min + 1, s->sum / (double)s->count);
	return isfinite(s->min) && isfinite(s->max);
}

bool emf_value_has(unsigned data, str point)
{
	struct wire_field f;
	struct summary s;

	if (data == HISTOGRAM || data == EXPONENTIAL)
		return summary(data, point, &s);
	return wire_find(point, 6, WIRE_FIXED64, &f) || isfinite(double_of(point, 4, NAN));
}

static void put_member(struct text *t, str key, double v)
{
	text_key(t, key);
	text_double(t, v);
}

static void put_summary(struct text *t, const struct summary *s, bool max_first)
{
	text_key(t, S("Count"));
	text_u64(t, s->count, false);
	put_member(t, S("Sum"), s->sum);
	if (max_first)
		put_member(t, S("Max"), s->max);
	put_member(t, S("Min"), s->min);
	if (!max_first)
		put_member(t, S("Max"), s->max);
}

/* ---- exponential buckets ---- */

struct buckets {
	str counts; /* packed */
	int64_t index;
	int scale;
	unsigned shift; /* so many scales down: index >> shift */
	double sign;
};

static struct buckets buckets_of(str point, unsigned number, unsigned shift, double sign)
{
	str message = wire_bytes_of(point, number);

	return (struct buckets){
		.counts = wire_bytes_of(message, 2),
		.index = (int32_t)wire_zigzag((uint32_t)wire_value_of(message, 1, WIRE_VARINT)),
		.scale = (int32_t)wire_zigzag((uint32_t)wire_value_of(point, 6, WIRE_VARINT)),
		.shift = shift,
		.sign = sign,
	};
}

/* The next one that is not empty. */
static bool bucket_next(struct buckets *b, int64_t *index, uint64_t *count)
{
	uint64_t one;

	*count = 0;
	while (b->counts.n) {
		str before = b->counts;
		int64_t group = b->index >> b->shift;

		if (!wire_next_packed(&b->counts, WIRE_VARINT, &one))
			return *count > 0;
		if (*count && one && group != *index) {
			b->counts = before;
			return true;
		}
		b->index++;
		if (!one)
			continue;
		*index = group;
		*count += one;
	}
	return *count > 0;
}

static size_t bucket_count(str point, unsigned shift)
{
	size_t n = wire_value_of(point, 7, WIRE_FIXED64) > 0;
	int64_t index;
	uint64_t count;

	for (unsigned number = 8; number <= 9; number++)
		for (struct buckets b = buckets_of(point, number, shift, 1); bucket_next(&b, &index, &count);)
			n++;
	return n;
}

/* Halfway between the bounds base^index and base^(index+1), base 2^(2^-scale); what was recorded lies between least and greatest. */
static double middle(const struct buckets *b, int64_t index, const struct summary *s)
{
	double width = scalbn(1, (int)b->shift - b->scale);
	double v = b->sign * (exp2((double)index * width) / 2 + exp2(((double)index + 1) * width) / 2);

	return !(v >= s->min) ? s->min : v > s->max ? s->max : v; /* not a number: scales that cannot be */
}

static void put_side(struct text *t, struct buckets b, const struct summary *s, bool counts)
{
	int64_t index = 0;
	uint64_t count;

	while (bucket_next(&b, &index, &count))
		if (counts)
			text_u64(t, count, false);
		else
			text_double(t, middle(&b, index, s));
}

static void put_array(struct text *t, str point, unsigned shift, const struct summary *s, bool counts)
{
	uint64_t zero = wire_value_of(point, 7, WIRE_FIXED64);

	text_key(t, counts ? S("Counts") : S("Values"));
	text_open(t, '[');
	put_side(t, buckets_of(point, 9, shift, -1), s, counts);
	if (zero)
		text_u64(t, counts ? zero : 0, false);
	put_side(t, buckets_of(point, 8, shift, 1), s, counts);
	text_close(t, ']');
}

static void put_exponential(struct text *t, str point, const struct summary *s)
{
	unsigned shift = 0;

	while (bucket_count(point, shift) > EMF_VALUES_MAX && shift < 31)
		shift++;
	put_array(t, point, shift, s, false);
	put_array(t, point, shift, s, true);
	put_summary(t, s, true);
}

void emf_value_put(struct text *t, unsigned data, str point)
{
	struct wire_field f;
	struct summary s;

	if (data == HISTOGRAM || data == EXPONENTIAL) {
		text_open(t, '{');
		if (summary(data, point, &s)) {
			if (data == EXPONENTIAL)
				put_exponential(t, point, &s);
			else
				put_summary(t, &s, false);
		}
		text_close(t, '}');
	} else if (wire_find(point, 6, WIRE_FIXED64, &f)) {
		text_i64(t, (int64_t)f.value, false);
	} else {
		text_double(t, double_of(point, 4, 0));
	}
}
