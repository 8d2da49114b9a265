// SPDX-License-Identifier: MIT
#pragma once

#include "metric/stream.h"

#define STREAM_BOUNDS_MAX 1024

/* A measurement, of the type of its instrument. */
union number {
	int64_t i;
	double d;
	uint64_t bits;
};

struct sum {
	union number value, reported; /* reported: of an observed sum, at the last collection */
};

struct distribution {
	uint64_t count;
	double sum, min, max;
};

struct exponential_histogram {
	struct distribution all;
	uint64_t zeros;
	int32_t scale;
	struct exponential_side sides[2]; /* of positive values, of negative ones */
	uint32_t counts[2];               /* taken when the first value of that sign comes */
};

struct point {
	uint32_t next, of_set; /* of the same stream; with the same attributes */
	uint32_t set;          /* 0: no attributes, or the one of overflow */
	uint32_t exemplars;
	uint16_t stream;
	bool touched; /* measured since the last collection */
	bool recent;  /* and between the two before */
	bool overflow;
	uint32_t seen; /* by the exemplars' reservoir, since the last collection */
	int64_t start;
	union {
		struct sum sum;                /* and last value */
		struct distribution explicit_; /* its buckets follow: point_buckets() */
		struct exponential_histogram exponential;
	} is;
};

static inline uint64_t *point_buckets(struct point *p)
{
	return (uint64_t *)(&p->is.explicit_ + 1);
}

/* full: with everything that may be taken later. */
size_t point_bytes(const struct stream *s, bool full);

/* Adds to the point with these attributes, made when there is none. */
void point_measure(unsigned stream, union number value, const struct otel_attr *attrs, size_t n);

/* What a collection leaves behind. */
void point_collected(struct stream *s, struct point *p, int64_t now);

/* After space_sweep(): all points that are still wanted, with their sets. */
void point_sweep(void);
