// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Base-2 exponential histograms (data model, "ExponentialHistogram"): at scale s, bucket i counts what lies
 * in (base^i, base^(i+1)], base = 2^(2^-s). Indices are exact for every double, at every scale.
 */
#define EXPONENTIAL_SCALE_MAX 20
#define EXPONENTIAL_SCALE_MIN (-10) /* two buckets hold every double */
#define EXPONENTIAL_BUCKETS_MAX 160

/* bits: of a double that is finite and greater than zero. */
int32_t exponential_index(uint64_t bits, int scale);

/* One sign of a histogram: buckets low to high, bucket i at counts[i mod size]. Empty: high < low. */
struct exponential_side {
	int32_t low, high;
};

/* By how much the scale must fall for that index to fit beside what is there. */
int exponential_excess(const struct exponential_side *side, int32_t index, unsigned size);

/* Merges buckets until the scale is lower by that much. */
void exponential_shrink(struct exponential_side *side, uint64_t *counts, unsigned size, int by);

/* There is room for it: exponential_excess() said 0. */
void exponential_count(struct exponential_side *side, uint64_t *counts, unsigned size, int32_t index);

uint64_t exponential_at(const uint64_t *counts, unsigned size, int32_t index);
