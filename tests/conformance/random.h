// SPDX-License-Identifier: MIT
#pragma once

/*
 * random.h: random text and values for the drivers of this folder, the same for the same seed on every machine, and JSON of them. All text is
 * hexadecimal there, since much of it is no text; a value is an array of its type's letter and itself.
 */
#include "otel.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define TEXT_MAX 300
#define POOL_BYTES (1 << 20)
#define MEMBERS_MAX 5
#define DEPTH_MAX 4

struct text {
	char *p;
	size_t n;
};

static uint64_t state;

/* What values borrow, until the next invocation; how much was taken is what they cost, at most three times as much in UTF-8. */
static _Alignas(16) char pool[POOL_BYTES];
static size_t pool_n;

static inline void *take(size_t n)
{
	void *p = pool + pool_n;

	pool_n += (n + 15) & ~(size_t)15;
	return p;
}

static inline uint64_t draw(uint64_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state * 0x2545f4914f6cdd1d >> 16) % below;
}

static inline bool one_in(uint64_t n)
{
	return draw(n) == 0;
}

static inline void seed(uint64_t from)
{
	state = from * 2 + 1;
	for (int i = 0; i < 20; i++)
		draw(2);
}

static inline struct text draw_text(size_t max, bool may_be_broken)
{
	static const char *const pieces[] = {
		"a",  "key", ".",  " ",    "\xc3\xbc", "\xe2\x82\xac", "\xf0\x9f\x92\xa9", "\xed\x9f\xbf",
		"\"", "\\",  "\n", "\x01", "\x7f"
	};
	static const char *const broken[] = { "\xff",         "\xc3",     "\xe2\x82",         "\xf0\x9f\x92",
		                                  "\xed\xa0\x80", "\xc0\x80", "\xf4\x90\x80\x80", "\x80",
		                                  "\xf8" };
	size_t want = draw(one_in(8) ? max : max < 24 ? max : 24), n = 0;
	char *p = take(max + 8);

	while (n < want) {
		const char *piece = pieces[draw(sizeof pieces / sizeof pieces[0])];

		if (may_be_broken && one_in(12))
			piece = broken[draw(sizeof broken / sizeof broken[0])];
		if (may_be_broken && one_in(40))
			p[n++] = 0;
		memcpy(p + n, piece, strlen(piece));
		n += strlen(piece);
	}
	return (struct text){ p, n };
}

static inline int64_t draw_integer(void)
{
	draw(2);
	return (int64_t)(state * 0x9e3779b97f4a7c15) >> draw(64);
}

static inline double draw_double(void)
{
	static const double special[] = { 0.0, -0.0, 1.0, -1.5, 1e308, 5e-324, 0.1 };
	uint64_t bits;
	double number;

	if (one_in(2))
		return special[draw(sizeof special / sizeof special[0])];
	draw(2);
	bits = state;
	memcpy(&number, &bits, sizeof number);
	return number;
}

static inline struct otel_attr *draw_attrs(size_t *n, size_t max, int depth);

/* Of every type, nested as deep as DEPTH_MAX. */
static inline struct otel_value draw_value(int depth)
{
	struct text t = draw_text(one_in(6) ? TEXT_MAX : 20, true);
	size_t n = draw(MEMBERS_MAX);
	struct otel_value *values;
	const char **texts;
	int64_t *integers;
	double *numbers;
	bool *truths;

	switch (draw(depth < DEPTH_MAX ? 12 : 6)) {
	case 0: return otel_value_str(t.p, t.n);
	case 1: return otel_value_bytes(t.p, t.n);
	case 2: return otel_value_int(draw_integer());
	case 3: return otel_value_double(draw_double());
	case 4: return otel_value_bool(one_in(2));
	case 5: return (struct otel_value){ .type = OTEL_EMPTY };
	case 6:
	case 7:
		values = take(n * sizeof *values);
		for (size_t i = 0; i < n; i++)
			values[i] = draw_value(depth + 1);
		return otel_value_array(values, n);
	case 8:
		texts = take(n * sizeof *texts);
		for (size_t i = 0; i < n; i++) {
			t = draw_text(12, false);
			t.p[t.n] = 0; /* which room was left for */
			texts[i] = t.p;
		}
		return otel_value_strs(texts, n);
	case 9:
		integers = take(n * sizeof *integers);
		for (size_t i = 0; i < n; i++)
			integers[i] = draw_integer();
		numbers = take(n * sizeof *numbers);
		for (size_t i = 0; i < n; i++)
			numbers[i] = draw_double();
		return one_in(2) ? otel_value_ints(integers, n) : otel_value_doubles(numbers, n);
	case 10:
		truths = take(n * sizeof *truths);
		for (size_t i = 0; i < n; i++)
			truths[i] = one_in(2);
		return otel_value_bools(truths, n);
	default: {
		struct otel_attr *pairs = draw_attrs(&n, MEMBERS_MAX, depth + 1);

		return otel_value_pairs(pairs, n);
	}
	}
}

/* Keys come again, and may be empty; they are text. */
static inline struct otel_attr *draw_attrs(size_t *n, size_t max, int depth)
{
	struct otel_attr *attrs = take(max * sizeof *attrs);

	*n = draw(max + 1);
	for (size_t i = 0; i < *n; i++) {
		struct text key = draw_text(one_in(10) ? 60 : 9, false);

		attrs[i] = (struct otel_attr){ key.p, key.n, draw_value(depth) };
		if (!depth && i && one_in(6)) {
			attrs[i].key = attrs[i - 1].key;
			attrs[i].key_n = attrs[i - 1].key_n;
		}
	}
	return attrs;
}

/* ---- saying it ---- */

/* The system's own word, not what the library makes of it. */
static inline int64_t wall(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static inline void say_text(const char *p, size_t n)
{
	putchar('"');
	for (size_t i = 0; i < n; i++)
		printf("%02x", (unsigned char)p[i]);
	putchar('"');
}

static inline void say_double(double number)
{
	uint64_t bits;

	memcpy(&bits, &number, sizeof bits);
	printf("\"%016" PRIx64 "\"", bits);
}

static inline void say_attrs(const struct otel_attr *attrs, size_t n);

static inline void say_value(const struct otel_value *v)
{
	static const char letters[] = "esbidakyaaaa";

	printf("[\"%c\",", letters[v->type]);
	switch (v->type) {
	case OTEL_STR:    say_text(v->of.text, v->n); break;
	case OTEL_BYTES:  say_text(v->of.bytes, v->n); break;
	case OTEL_INT:    printf("%" PRId64, v->of.integer); break;
	case OTEL_DOUBLE: say_double(v->of.number); break;
	case OTEL_BOOL:   printf(v->of.truth ? "true" : "false"); break;
	case OTEL_EMPTY:  printf("null"); break;
	case OTEL_PAIRS:  say_attrs(v->of.pairs, v->n); break;
	default:
		for (size_t i = 0; i < v->n; i++) {
			struct otel_value e = v->type == OTEL_STRS      ? otel_value_str(v->of.texts[i], strlen(v->of.texts[i]))
			                      : v->type == OTEL_BOOLS   ? otel_value_bool(v->of.truths[i])
			                      : v->type == OTEL_INTS    ? otel_value_int(v->of.integers[i])
			                      : v->type == OTEL_DOUBLES ? otel_value_double(v->of.numbers[i])
			                                                : v->of.values[i];

			putchar(i ? ',' : '[');
			say_value(&e);
		}
		printf(v->n ? "]" : "[]");
	}
	putchar(']');
}

static inline void say_attrs(const struct otel_attr *attrs, size_t n)
{
	putchar('[');
	for (size_t i = 0; i < n; i++) {
		printf(i ? ",[" : "[");
		say_text(attrs[i].key, attrs[i].key_n);
		putchar(',');
		say_value(&attrs[i].value);
		putchar(']');
	}
	putchar(']');
}
