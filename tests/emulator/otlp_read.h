// SPDX-License-Identifier: MIT
// What the readers of OTLP's messages share; private to otlp_*.c.
#pragma once
#include "otlp_decode.h"

// A switch over number and wire type at once: a known number with another type falls through to otlp_other.
#define F(number, type) ((number) << 3 | (type))
enum { V = WIRE_VARINT, F64 = WIRE_FIXED64, F32 = WIRE_FIXED32, B = WIRE_BYTES };

void *otlp_take(struct otlp *o, size_t n, size_t size); // zeroed, lives as long as o
void otlp_problem(struct otlp *o, const char *format, ...) __attribute__((format(printf, 2, 3)));
struct slice otlp_text(struct otlp *o, const char *what, struct slice s);
struct slice otlp_id(struct otlp *o, const char *what, struct slice s, size_t size);
uint32_t otlp_u32(struct otlp *o, const char *what, uint64_t value);
void otlp_other(struct otlp *o, const char *message, const struct field *f, uint32_t last_known);
void otlp_finish(struct otlp *o, const struct wire *w);

void otlp_any_value(struct otlp *o, struct value *v, struct slice message);

// Metric and LogRecord; there is room for what they add.
size_t otlp_count_points(struct slice metric);
void otlp_read_metric(struct otlp *o, const struct resource *resource, const struct scope *scope, struct slice message);
void otlp_read_record(struct otlp *o, struct log_record *r, struct slice message);

// The KeyValue fields of this number in any message that has them; its other fields are the caller's.
void otlp_attributes(struct otlp *o, struct attributes *a, struct slice message, uint32_t number, unsigned depth);
