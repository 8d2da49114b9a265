// SPDX-License-Identifier: MIT
#include "sample.h"

#include "buf.h"

#include <stdlib.h>
#include <string.h>

void sample_add(struct sample *s, double value)
{
	if (s->n == s->cap) {
		s->cap = s->cap ? 2 * s->cap : 64;
		s->at = must_grow(s->at, s->cap, sizeof *s->at);
	}
	s->at[s->n++] = value;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double rank(const double *sorted, size_t n, double q)
{
	return n ? sorted[(size_t)(q * (double)(n - 1) + 0.5)] : 0;
}

static double *sorted(const struct sample *s)
{
	double *copy = must_alloc(s->n, sizeof *copy);

	if (s->n) {
		memcpy(copy, s->at, s->n * sizeof *copy);
		qsort(copy, s->n, sizeof *copy, by_value);
	}
	return copy;
}

double sample_quantile(const struct sample *s, double q)
{
	double *copy = sorted(s), value = rank(copy, s->n, q);

	free(copy);
	return value;
}

struct spread sample_spread(const struct sample *s)
{
	double *copy = sorted(s);
	struct spread spread = { rank(copy, s->n, 0), rank(copy, s->n, 0.5), rank(copy, s->n, 0.99) };

	free(copy);
	return spread;
}

double sample_ratio(const struct sample *s, const struct sample *base)
{
	struct sample ratios = { 0 };
	double median;

	for (size_t i = 0; i < s->n && i < base->n; i++)
		sample_add(&ratios, s->at[i] / base->at[i]);
	median = sample_quantile(&ratios, 0.5);
	sample_free(&ratios);
	return median;
}

void sample_free(struct sample *s)
{
	free(s->at);
	*s = (struct sample){ 0 };
}
