// SPDX-License-Identifier: MIT
#pragma once

#include "metric/point.h"

/*
 * Where a metric meets a trace: some of the measurements that a point is made of, each with its time and the
 * span it was made in. Their memory is taken from the space when there is a first one; when there is no room,
 * there are none.
 */
struct exemplar {
	int64_t time; /* 0: none */
	uint64_t bits;
	unsigned char trace_id[16], span_id[8];
	bool has_span;
	uint16_t others_n;
	char others[]; /* the attributes that the view leaves out, as many as fit, when there is one that does */
};

enum exemplar_filter { EXEMPLAR_TRACE_BASED, EXEMPLAR_ALWAYS_ON, EXEMPLAR_ALWAYS_OFF };
void exemplar_choose(enum exemplar_filter filter);

/* Of what is measured now. */
bool exemplar_wanted(void);

/* bucket: of an explicit histogram; l: NULL when there are no attributes. */
void exemplar_offer(const struct stream *s, struct point *p, union number value, unsigned bucket,
                    const struct labels *l);
void exemplar_collected(const struct stream *s, struct point *p);

unsigned exemplar_slots(const struct stream *s); /* how many a point may have */
const struct exemplar *exemplar_at(const struct stream *s, const struct point *p, unsigned slot);
