// SPDX-License-Identifier: MIT
// Metric and what is in it. A point becomes one structure whatever its kind: what is drawn is a line.
#include "otlp_read.h"

#include <string.h>

enum { GAUGE = 5, SUM = 7, HISTOGRAM = 9, EXPONENTIAL = 10 }; // Metric.data

static const char *kind_of(uint32_t data)
{
	switch (data) {
	case GAUGE:       return "gauge";
	case SUM:         return "sum";
	case HISTOGRAM:   return "histogram";
	case EXPONENTIAL: return "exponential histogram";
	default:          return NULL;
	}
}

size_t otlp_count_points(struct slice metric)
{
	struct wire w = wire_of(metric);
	struct field f;
	size_t n = 0;

	while (wire_next(&w, &f))
		if (f.type == WIRE_BYTES && kind_of(f.number))
			n += wire_count(f.bytes, 1);
	return n;
}

static double real(uint64_t bits)
{
	double v;

	memcpy(&v, &bits, sizeof v);
	return v;
}

static void read_number(struct otlp *o, struct data_point *p, struct slice message)
{
	struct wire w = wire_of(message);
	struct field f;
	bool has_value = false;

	otlp_attributes(o, &p->attributes, message, 7, 0);
	while (!o->error && wire_next(&w, &f)) {
		switch (F(f.number, f.type)) {
		case F(2, F64): p->start = f.value; break;
		case F(3, F64): p->time = f.value; break;
		case F(4, F64):
			p->real = real(f.value);
			has_value = true;
			break;
		case F(6, F64):
			p->integer = (int64_t)f.value;
			p->is_int = has_value = true;
			break;
		case F(5, B):
		case F(7, B):
		case F(8, V): has_value |= f.number == 8 && (f.value & 1); break; // no recorded value
		default:      otlp_other(o, "NumberDataPoint", &f, 8);
		}
	}
	otlp_finish(o, &w);
	if (!has_value)
		otlp_problem(o, "a data point has no value");
}

static void set(double *to, bool *has, uint64_t bits)
{
	*to = real(bits);
	*has = true;
}

// Both histograms: sum is 5 in either, min and max are 11 and 12, or 12 and 13.
static void read_histogram(struct otlp *o, struct data_point *p, struct slice message, bool exponential)
{
	struct wire w = wire_of(message);
	struct field f;
	uint32_t min = exponential ? 12 : 11;

	otlp_attributes(o, &p->attributes, message, exponential ? 1 : 9, 0);
	while (!o->error && wire_next(&w, &f)) {
		if (F(f.number, f.type) == F(2, F64))
			p->start = f.value;
		else if (F(f.number, f.type) == F(3, F64))
			p->time = f.value;
		else if (F(f.number, f.type) == F(4, F64))
			p->count = f.value;
		else if (F(f.number, f.type) == F(5, F64))
			set(&p->sum, &p->has_sum, f.value);
		else if (F(f.number, f.type) == F(min, F64))
			set(&p->min, &p->has_min, f.value);
		else if (F(f.number, f.type) == F(min + 1, F64))
			set(&p->max, &p->has_max, f.value);
		else if (f.number < 5)
			otlp_other(o, "a histogram's data point", &f, exponential ? 0 : 4);
	}
	otlp_finish(o, &w);
}

static void check_point(struct otlp *o, const struct data_point *p)
{
	if (!p->time)
		otlp_problem(o, "a data point has no time");
	else if (p->start > p->time)
		otlp_problem(o, "a data point ends before it starts");
	if (strcmp(p->kind, "gauge") != 0 && p->temporality != 1 && p->temporality != 2)
		otlp_problem(o, "a metric's temporality is %u", p->temporality);
}

static void read_data(struct otlp *o, const struct data_point *like, uint32_t data, struct slice message)
{
	struct wire w = wire_of(message);
	struct data_point common = *like;
	struct field f;

	for (struct wire look = w; wire_next(&look, &f);) {
		if (F(f.number, f.type) == F(2, V))
			common.temporality = (unsigned)f.value;
		if (F(f.number, f.type) == F(3, V))
			common.monotonic = f.value != 0;
	}
	while (!o->error && wire_next(&w, &f)) {
		if (F(f.number, f.type) != F(1, B))
			continue;
		struct data_point *p = &o->points[o->n_points++];
		*p = common;
		if (data == HISTOGRAM || data == EXPONENTIAL)
			read_histogram(o, p, f.bytes, data == EXPONENTIAL);
		else
			read_number(o, p, f.bytes);
		if (!o->error)
			check_point(o, p);
	}
	otlp_finish(o, &w);
}

void otlp_read_metric(struct otlp *o, const struct resource *resource, const struct scope *scope, struct slice message)
{
	struct wire w = wire_of(message);
	struct data_point like = { .resource = resource, .scope = scope };
	struct field f;

	for (struct wire look = w; wire_next(&look, &f);) {
		if (F(f.number, f.type) == F(1, B))
			like.metric = otlp_text(o, "a metric's name", f.bytes);
		if (F(f.number, f.type) == F(2, B))
			otlp_text(o, "a metric's description", f.bytes);
		if (F(f.number, f.type) == F(3, B))
			like.unit = otlp_text(o, "a metric's unit", f.bytes);
	}
	if (!like.metric.n)
		otlp_problem(o, "a metric has no name");
	while (!o->error && wire_next(&w, &f))
		if (f.type == WIRE_BYTES && (like.kind = kind_of(f.number)))
			read_data(o, &like, f.number, f.bytes);
	otlp_finish(o, &w);
}
