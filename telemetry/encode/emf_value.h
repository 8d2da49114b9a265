// SPDX-License-Identifier: MIT
#pragma once

#include "encode/text.h"

/* What the values of a metric look like in CloudWatch's embedded metric format (export/emf.c). data: the number of Metric.data. */
#define EMF_VALUES_MAX 100 /* in one array */

/* False: a point that the format cannot say: not a number, infinite, without a value. */
bool emf_value_has(unsigned data, str point);

/*
 * A number; {"Count","Sum","Min","Max"} of a histogram; {"Values","Counts","Count","Sum","Max","Min"} of an exponential one, with the middle of each
 * bucket that has something in it, 0 for the zero bucket. Where those are too many, neighbours are put together as by a lower scale.
 */
void emf_value_put(struct text *t, unsigned data, str point);

/* CloudWatch's name of a unit; empty: it has none. */
str emf_unit(str unit);

/* Of an AnyValue. */
bool emf_is_string(str value, str *string);
