// SPDX-License-Identifier: MIT
/* sample.h: values of one kind, and what can honestly be said about them: order statistics, never means. */
#pragma once

#include <stddef.h>

struct sample {
	double *at;
	size_t n, cap;
};

struct spread {
	double min, p50, p99;
};

void sample_add(struct sample *s, double value);
double sample_quantile(const struct sample *s, double q); /* nearest rank; 0 of nothing */
struct spread sample_spread(const struct sample *s);
double sample_ratio(const struct sample *s,
                    const struct sample *base); /* median of s[i] / base[i], the i-th rounds of both */
void sample_free(struct sample *s);
