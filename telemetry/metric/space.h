// SPDX-License-Identifier: MIT
#pragma once

#include "otel_metric.h"
#include "base/str.h"

/*
 * Where points live: a region that is only ever added to, until a sweep moves what is still wanted into its
 * twin. Things are named by their offset, 0 is none, so that nothing but offsets changes in a sweep.
 *
 * Each set of attributes is stored once, in wire form with its keys in order, which makes two equal sets
 * equal bytes. The points that have it, one of each metric, are a list that starts there.
 */
struct set {
	uint32_t hash, n, count; /* bytes and attributes */
	uint32_t points;
	char bytes[]; /* NumberDataPoint.attributes fields: what is another field of another point has another tag byte */
};

#define SPACE_SET_BYTES_MAX 4096 /* a larger set has no point of its own */
#define SPACE_OTHERS_BYTES 256   /* what a view leaves out, for exemplars */

void space_reset(void);

/* Zeroed and aligned for uint64_t; 0: it is full. What has been kept is for those who ask with kept = true. */
uint32_t space_take(size_t n, bool kept);
bool space_keep(size_t n);
size_t space_used(void);

/* Valid until the next sweep. */
void *space_at(uint32_t offset);

/* The attributes in order, the last of equal keys, those of keep only (NULL: all of them). */
struct labels {
	size_t n, count; /* in bytes[] */
	size_t others_n; /* in others[]: attributes that keep has not, as many as fit */
	bool unfit;      /* too many, or too large: they can have no point */
	char bytes[SPACE_SET_BYTES_MAX + 8], others[SPACE_OTHERS_BYTES];
};

void space_labels(struct labels *l, const struct otel_attr *attrs, size_t n, const char *const *keep,
                  size_t keep_count);

/* The set of these bytes, which zeros follow up to a multiple of 8, made when there is none; 0: no room. */
uint32_t space_set(const char *bytes, size_t n, size_t count);

/* From here on everything is taken from the twin; space_old() reads what was before, until the next sweep. */
void space_sweep(void);
const void *space_old(uint32_t offset);
char *space_other(void); /* the twin itself, which is free until then */
