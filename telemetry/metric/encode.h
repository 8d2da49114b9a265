// SPDX-License-Identifier: MIT
#pragma once

#include "metric/point.h"

/* One metric's point in wire form, as a data_points field: all of those have number 1. */
size_t encode_size(const struct stream *s, const struct point *p);
char *encode_put(char *to, const struct stream *s, const struct point *p, int64_t now);
