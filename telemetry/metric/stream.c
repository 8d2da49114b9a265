// SPDX-License-Identifier: MIT
#include "metric/stream.h"

#include "base/late.h"
#include "diag.h"
#include "metric/metric.h"
#include "metric/point.h"
#include "region.h"

#include <assert.h>
#include <string.h>

#define NAME_BYTES_MAX 255
#define LIMIT 2000 /* the specification's */

/* The specification's bounds of an explicit histogram. */
static const double default_bounds[] = { 0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000 };

static struct {
	struct stream_settings settings;
	uint16_t epoch;
	bool no_room; /* for what was to be registered last */
	unsigned count;
	struct otel_instrument *instruments;
	const struct otel_view *views;
	size_t view_count;
} state;

static struct stream streams[OTEL_METRIC_STREAMS_MAX] LATE;

static_assert(sizeof streams <= REGION_METRIC_STREAM_BYTES, "more than region.h says");

void stream_reset(const struct stream_settings *settings)
{
	state.settings = *settings;
	state.epoch = state.epoch == UINT16_MAX ? 1 : (uint16_t)(state.epoch + 1); /* 0 is what no instrument was used in */
	state.count = 0;
	state.instruments = NULL;
}

void otel_views(const struct otel_view *views, size_t n)
{
	state.views = views;
	state.view_count = n;
}

void stream_collected(int64_t now)
{
	state.settings.start = now;
}

struct stream *stream_at(unsigned i)
{
	return &streams[i];
}

unsigned stream_count(void)
{
	return state.count;
}

struct otel_instrument *stream_instruments(void)
{
	return state.instruments;
}

/* ---- names ---- */

/* Without recursion: a * that has to take more is taken up again where it was. */
static bool matches(const char *pattern, str name)
{
	const char *star = NULL;
	size_t i = 0, resume = 0;

	while (i < name.n) {
		if (*pattern == '*') {
			star = ++pattern;
			resume = i;
		} else if (*pattern == '?' || (*pattern && ascii_lower(*pattern) == ascii_lower(name.p[i]))) {
			pattern++;
			i++;
		} else if (star) {
			pattern = star;
			i = ++resume;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

static bool is_letter(char c)
{
	return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
}

static bool is_name(str name)
{
	if (!name.n || name.n > NAME_BYTES_MAX || !is_letter(name.p[0]))
		return false;
	for (size_t i = 1; i < name.n; i++)
		if (!is_letter(name.p[i]) && !(name.p[i] >= '0' && name.p[i] <= '9') && !memchr("_.-/", name.p[i], 4))
			return false;
	return true;
}

static str name_of(const struct otel_instrument *i)
{
	return (str){ i->name, i->name_n };
}

static void warn(str name, const char *what)
{
	struct diag d;
	struct buf *b = diag_open(&d, DIAG_WARN);

	buf_put(b, S("metric "));
	buf_put(b, name);
	buf_put(b, S(": "));
	buf_put(b, str_of(what));
	diag_close(&d);
}

/* ---- streams ---- */

static unsigned char aggregation_of(const struct otel_instrument *i, const struct otel_view *view)
{
	if (view && view->aggregation != OTEL_AGGREGATION_DEFAULT)
		return (unsigned char)view->aggregation;
	if (i->kind == OTEL_METRIC_GAUGE)
		return OTEL_AGGREGATION_LAST_VALUE;
	if (i->kind != OTEL_METRIC_HISTOGRAM)
		return OTEL_AGGREGATION_SUM;
	return state.settings.exponential ? OTEL_AGGREGATION_EXPONENTIAL : OTEL_AGGREGATION_EXPLICIT;
}

static bool is_delta(const struct otel_instrument *i)
{
	if (state.settings.temporality == TEMPORALITY_CUMULATIVE)
		return false;
	if (state.settings.temporality == TEMPORALITY_LOWMEMORY && i->observe)
		return false;
	return i->kind == OTEL_METRIC_COUNTER || i->kind == OTEL_METRIC_HISTOGRAM;
}

static bool are_ascending(const double *bounds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (bounds[i] - bounds[i] != 0 || (i && bounds[i] <= bounds[i - 1])) /* infinite, NaN */
			return false;
	return n < STREAM_BOUNDS_MAX;
}

static void set_bounds(struct stream *s, const double *bounds, size_t n)
{
	s->bounds = default_bounds;
	s->bound_count = sizeof default_bounds / sizeof default_bounds[0];
	if (!bounds)
		return;
	if (!are_ascending(bounds, n)) {
		warn((str){ s->name, s->name_n },
		     "its bounds are not finite and ascending, or more than 1024: the specification's are used");
		return;
	}
	s->bounds = bounds;
	s->bound_count = (uint16_t)n;
}

static void describe(struct stream *s, const struct otel_instrument *i, const struct otel_view *view)
{
	bool own_bounds = view && view->bounds;

	*s = (struct stream){ .instrument = i,
		                  .name = view && view->name ? view->name : i->name,
		                  .name_n = view && view->name ? strlen(view->name) : i->name_n,
		                  .description = view && view->description ? view->description : i->description,
		                  .description_n = view && view->description ? strlen(view->description) : i->description_n,
		                  .keep = view ? view->keep : NULL,
		                  .keep_count = view ? view->keep_count : 0,
		                  .buckets = EXPONENTIAL_BUCKETS_MAX,
		                  .aggregation = aggregation_of(i, view),
		                  .is_double = i->type == OTEL_METRIC_DOUBLE,
		                  .observed = i->observe != NULL,
		                  .monotonic = i->kind == OTEL_METRIC_COUNTER || i->kind == OTEL_METRIC_HISTOGRAM,
		                  .delta = is_delta(i),
		                  .signed_values = i->kind == OTEL_METRIC_UPDOWN || i->kind == OTEL_METRIC_GAUGE,
		                  .limit = view && view->limit ? view->limit : LIMIT,
		                  .since = state.settings.start };
	s->fading = s->observed || s->delta ||
	            (s->aggregation == OTEL_AGGREGATION_LAST_VALUE && state.settings.temporality == TEMPORALITY_DELTA);
	if (view && view->buckets >= 2 && view->buckets < EXPONENTIAL_BUCKETS_MAX)
		s->buckets = (uint16_t)view->buckets;
	set_bounds(s, own_bounds ? view->bounds : i->bounds, own_bounds ? view->bound_count : i->bound_count);
}

static bool is_taken(const struct stream *s)
{
	for (unsigned i = 0; i < state.count; i++)
		if (str_ieq((str){ streams[i].name, streams[i].name_n }, (str){ s->name, s->name_n }) &&
		    streams[i].instrument->otel_scope == s->instrument->otel_scope)
			return true;
	return false;
}

/* 0 when nothing comes of it. */
static unsigned add(const struct otel_instrument *i, const struct otel_view *view)
{
	struct stream *s = &streams[state.count];

	if (aggregation_of(i, view) == OTEL_AGGREGATION_DROP)
		return 0;
	if (state.count == OTEL_METRIC_STREAMS_MAX) {
		metric_ignored(METRIC_NO_STREAM, name_of(i));
		return 0;
	}
	describe(s, i, view);
	if (!is_name((str){ s->name, s->name_n })) {
		warn((str){ s->name, s->name_n },
		     "is no name: a letter, and up to 254 letters, digits, _ . - and / are; nothing is recorded");
		return 0;
	}
	/* Room for the overflow point there must be, whatever comes. */
	if (!space_keep(point_bytes(s, true))) {
		metric_ignored(METRIC_NO_STREAM, name_of(i));
		state.no_room = true;
		return 0;
	}
	if (is_taken(s))
		warn((str){ s->name, s->name_n },
		     "two instruments that differ in kind, unit or description, or two views, have this name: "
		     "both are exported; a view can rename one");
	return ++state.count;
}

static bool is_same(const struct otel_instrument *a, const struct otel_instrument *b)
{
	return str_ieq(name_of(a), name_of(b)) && a->kind == b->kind && a->type == b->type && a->observe == b->observe &&
	       a->data == b->data && a->otel_scope == b->otel_scope &&
	       str_eq((str){ a->unit, a->unit_n }, (str){ b->unit, b->unit_n }) &&
	       str_eq((str){ a->description, a->description_n }, (str){ b->description, b->description_n });
}

static unsigned registered(struct otel_instrument *instrument)
{
	unsigned first = 0, last = 0, added;
	bool matched = false;

	for (const struct otel_instrument *i = state.instruments; i; i = i->otel_next)
		if (is_same(i, instrument))
			return i->otel_stream;
	instrument->otel_next = state.instruments;
	state.instruments = instrument;
	for (size_t i = 0; i < state.view_count; i++) {
		const struct otel_view *view = &state.views[i];

		if (!view->instrument || !matches(view->instrument, name_of(instrument)))
			continue;
		matched = true;
		if (!(added = add(instrument, view)))
			continue;
		if (last)
			streams[last - 1].next = (uint16_t)added;
		else
			first = added;
		last = added;
	}
	return matched ? first : add(instrument, NULL);
}

unsigned stream_of(struct otel_instrument *instrument)
{
	unsigned stream;

	if (instrument->otel_epoch == state.epoch)
		return instrument->otel_stream;
	state.no_room = false;
	stream = registered(instrument);
	if (!stream && state.no_room) { /* a collection may make some: tried again with the next measurement */
		state.instruments = instrument->otel_next;
		return 0;
	}
	instrument->otel_stream = (uint16_t)stream;
	instrument->otel_epoch = state.epoch;
	return stream;
}
