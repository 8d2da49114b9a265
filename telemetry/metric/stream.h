// SPDX-License-Identifier: MIT
#pragma once

#include "metric/exponential.h"
#include "metric/space.h"

/*
 * A stream is one metric as it comes out: an instrument, or what a view makes of it. Made when the instrument
 * is first used, for the life of the process.
 */
struct stream {
	const struct otel_instrument *instrument;
	const char *name, *description;
	size_t name_n, description_n;
	const char *const *keep; /* views' */
	size_t keep_count;
	const double *bounds;
	uint16_t bound_count, buckets;
	uint16_t next; /* of the same instrument, as its otel_stream: index + 1 */
	unsigned char aggregation;
	bool is_double, observed, monotonic;
	bool delta;  /* a sum or histogram that starts anew with each collection */
	bool fading; /* only what was measured since the last collection is collected */
	bool signed_values;
	uint32_t limit, count;    /* points touched, the one for overflow included */
	uint32_t first, last;     /* points, in the order in which they came */
	uint32_t plain, overflow; /* the point without attributes, the one beyond the limit */
	int64_t since;            /* wall clock: the last collection, or the start of all */
};

enum temporality { TEMPORALITY_DELTA, TEMPORALITY_CUMULATIVE, TEMPORALITY_LOWMEMORY };

struct stream_settings {
	enum temporality temporality;
	bool exponential; /* what histograms are unless a view or an instrument says otherwise */
	int64_t start;
};

void stream_reset(const struct stream_settings *settings);

/* The first stream of the instrument as index + 1, registered when it is new; 0: nothing comes of it. */
unsigned stream_of(struct otel_instrument *instrument);

/* A collection took place: streams that are registered from now on begin there. */
void stream_collected(int64_t now);

struct stream *stream_at(unsigned i);
unsigned stream_count(void);
struct otel_instrument *stream_instruments(void); /* all that are registered, by otel_next */
