// SPDX-License-Identifier: MIT
#include "metric/space.h"

#include "base/late.h"
#include "record/attr.h"
#include "record/value.h"
#include "region.h"

#include "metrics.pb.h"

#define TABLE (REGION_METRIC_TABLE_BYTES / sizeof(uint32_t))
#define SETS_MAX (TABLE / 4 * 3) /* probes stay short */

static char spaces[2][REGION_METRIC_SPACE_BYTES] LATE __attribute__((aligned(8)));
static uint32_t table[TABLE] LATE; /* of sets, by hash, the next free place on a collision */

static struct {
	unsigned current;
	size_t used, kept, sets;
} space;

static void start(void)
{
	if (space.used) /* else it is zero, and not a page of it has been touched */
		memset(table, 0, sizeof table);
	space.used = 8; /* offset 0 is none */
	space.kept = space.sets = 0;
}

void space_reset(void)
{
	start();
}

void space_sweep(void)
{
	space.current ^= 1;
	start();
}

void *space_at(uint32_t offset)
{
	return spaces[space.current] + offset;
}

const void *space_old(uint32_t offset)
{
	return spaces[space.current ^ 1] + offset;
}

char *space_other(void)
{
	return spaces[space.current ^ 1];
}

size_t space_used(void)
{
	return space.used + space.kept;
}

bool space_keep(size_t n)
{
	n = (n + 7) & ~(size_t)7;
	if (n > REGION_METRIC_SPACE_BYTES - space.used - space.kept)
		return false;
	space.kept += n;
	return true;
}

uint32_t space_take(size_t n, bool kept)
{
	size_t at = space.used, room = REGION_METRIC_SPACE_BYTES - at - space.kept;

	n = (n + 7) & ~(size_t)7;
	if (kept) {
		space.kept -= n;
	} else if (n > room) {
		return 0;
	}
	space.used += n;
	memset(space_at((uint32_t)at), 0, n);
	return (uint32_t)at;
}

/* ---- attributes ---- */

static int compare(const struct otel_attr *a, const struct otel_attr *b)
{
	int order = memcmp(a->key, b->key, a->key_n < b->key_n ? a->key_n : b->key_n);

	return order ? order : (a->key_n > b->key_n) - (a->key_n < b->key_n);
}

/* Insertion: handlers give a few, often in order. */
static size_t in_order(const struct otel_attr *order[], const struct otel_attr *attrs, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		size_t at = count;
		int side = 1;

		if (!attrs[i].key_n)
			continue;
		while (at && (side = compare(&attrs[i], order[at - 1])) < 0)
			at--;
		if (!side) {
			order[at - 1] = &attrs[i];
			continue;
		}
		memmove(&order[at + 1], &order[at], (count - at) * sizeof order[0]);
		order[at] = &attrs[i];
		count++;
	}
	return count;
}

static bool kept(const struct otel_attr *a, const char *const *keep, size_t keep_count)
{
	str key = { a->key, a->key_n };

	for (size_t i = 0; i < keep_count; i++)
		if (str_eq(key, str_of(keep[i])))
			return true;
	return !keep;
}

static char *put_value(char *p, const struct attr *a)
{
	return value_put(p, a->from, VALUE_UNLIMITED);
}

/* Scalars are what nearly all attributes are, and written with less ado. False: it is larger than cap. */
static bool as_attr(struct attr *a, const struct otel_attr *from, size_t cap)
{
	const struct otel_value *v = &from->value;

	if (from->key_n > cap)
		return false;
	wire_text(&a->key, from->key, from->key_n);
	a->text.size = 0;
	switch (v->type) {
	case OTEL_STR:
		if (v->n > cap)
			return false;
		a->type = ATTR_STR;
		wire_text(&a->text, v->of.text, v->n);
		return true;
	case OTEL_INT:
		a->type = ATTR_INT;
		a->bits = (uint64_t)v->of.integer;
		return true;
	case OTEL_BOOL:
		a->type = ATTR_BOOL;
		a->bits = v->of.truth;
		return true;
	case OTEL_DOUBLE:
		a->type = ATTR_DOUBLE;
		memcpy(&a->bits, &v->of.number, sizeof a->bits);
		return true;
	default:
		a->type = ATTR_BUILT;
		a->put = put_value;
		a->from = v;
		a->text.size = value_size(v, VALUE_UNLIMITED);
		return a->text.size <= cap;
	}
}

/* Appends one to p[0..*n); false: it does not fit in cap. */
static bool put(char *p, size_t *n, size_t cap, const struct otel_attr *from)
{
	struct attr a;

	if (!as_attr(&a, from, cap) || attr_size(&a, NumberDataPoint_attributes_tag) > cap - *n)
		return false;
	*n = (size_t)(attr_put(p + *n, &a, NumberDataPoint_attributes_tag) - p);
	return true;
}

void space_labels(struct labels *l, const struct otel_attr *attrs, size_t n, const char *const *keep, size_t keep_count)
{
	const struct otel_attr *order[OTEL_METRIC_ATTRS_MAX];
	size_t count;

	l->n = l->count = l->others_n = 0;
	l->unfit = n > OTEL_METRIC_ATTRS_MAX;
	if (l->unfit)
		return;
	count = in_order(order, attrs, n);
	for (size_t i = 0; i < count; i++) {
		if (!kept(order[i], keep, keep_count)) {
			put(l->others, &l->others_n, sizeof l->others, order[i]);
		} else {
			l->unfit |= !put(l->bytes, &l->n, SPACE_SET_BYTES_MAX, order[i]);
			l->count++;
		}
	}
	memset(l->bytes + l->n, 0, 8);
}

/* ---- sets ---- */

/*
 * Eight bytes at a time; the last ones are filled up with zeros, here as in the space. A word that is
 * multiplied by an odd number is not lost, and the upper half has seen all of it.
 */
static uint32_t hash_of(const char *p, size_t n)
{
	uint64_t h = n * 0x9e3779b97f4a7c15u, word;

	for (size_t i = 0; i < n; i += 8) {
		memcpy(&word, p + i, 8);
		h = (h ^ word) * 0xff51afd7ed558ccdu;
		h ^= h >> 32;
	}
	return (uint32_t)(h ^ h >> 17);
}

static bool are_equal(const char *a, const char *b, size_t n)
{
	uint64_t x, y, differ = 0;

	for (size_t i = 0; i < n; i += 8) {
		memcpy(&x, a + i, 8);
		memcpy(&y, b + i, 8);
		differ |= x ^ y;
	}
	return !differ;
}

uint32_t space_set(const char *bytes, size_t n, size_t count)
{
	uint32_t hash = hash_of(bytes, n), offset;
	size_t i = hash % TABLE;
	struct set *set;

	for (; table[i]; i = (i + 1) % TABLE) {
		set = space_at(table[i]);
		if (set->hash == hash && set->n == n && are_equal(set->bytes, bytes, n))
			return table[i];
	}
	if (space.sets == SETS_MAX || !(offset = space_take(sizeof *set + n, false)))
		return 0;
	set = space_at(offset);
	set->hash = hash;
	set->n = (uint32_t)n;
	set->count = (uint32_t)count;
	memcpy(set->bytes, bytes, n);
	table[i] = offset;
	space.sets++;
	return offset;
}
