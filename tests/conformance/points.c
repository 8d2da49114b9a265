// SPDX-License-Identifier: MIT

/*
 * points SEED INVOCATIONS: measurements at random by instruments of every kind, and what was measured: first one line of JSON that describes the
 * instruments and views, then one for each invocation, each followed by what the otlpstdout exporter writes after it. What callbacks observed
 * is said on a line behind that.
 */
#include "conformance/random.h"
#include "hooks.h"
#include "otel_metric.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#define OBSERVED_MAX 3
#define ATTRS_MAX 3

static void observe(struct otel_observer *to, void *data);

/* What a callback says is drawn by the handler, so that the same is said to the reader. */
static struct observed {
	int n, instrument;
	bool is_double;
	int64_t integers[OBSERVED_MAX];
	double numbers[OBSERVED_MAX];
	int64_t keys[OBSERVED_MAX];
} observed[] = { { .instrument = 12 }, { .instrument = 13, .is_double = true }, { .instrument = 14 } };

static const double latency_bounds[] = { -2.5, 0.005, 0.1, 1, 2.5, 10, 1e6 };
static const double one_bound[] = { 3 };

static struct otel_instrument instruments[] = {
	OTEL_COUNTER("requests", "{request}", "Requests that came"),
	OTEL_COUNTER_DOUBLE("sent", "By", ""),
	OTEL_UPDOWN("queue.length", "{item}", "What waits"),
	OTEL_UPDOWN_DOUBLE("balance", "", ""),
	OTEL_GAUGE("cpu/temperature", "Cel", "as it is"),
	OTEL_GAUGE_DOUBLE("level", "1", ""),
	OTEL_HISTOGRAM("sizes", "By", "How large"),
	OTEL_HISTOGRAM_BOUNDS(OTEL_METRIC_DOUBLE, "latency", "s", "", latency_bounds),
	OTEL_HISTOGRAM_DOUBLE("spread", "", "over many decades"),
	OTEL_HISTOGRAM("spread.few", "", "in few buckets"),
	OTEL_COUNTER("narrow", "", "by one key"),
	OTEL_COUNTER("secret.thing", "", ""),
	OTEL_OBSERVED(OTEL_METRIC_COUNTER, OTEL_METRIC_INT, "cpu.time", "ns", "", observe, &observed[0]),
	OTEL_OBSERVED(OTEL_METRIC_UPDOWN, OTEL_METRIC_DOUBLE, "load", "", "", observe, &observed[1]),
	OTEL_OBSERVED(OTEL_METRIC_GAUGE, OTEL_METRIC_INT, "fan", "", "", observe, &observed[2]),
	OTEL_COUNTER("crowded", "", "more sets than it may have"),
	OTEL_HISTOGRAM_DOUBLE("rebounded", "", ""),
};

#define INSTRUMENTS ((int)(sizeof instruments / sizeof instruments[0]))

static const char *const kept[] = { "zone" };
static const struct otel_view views[] = {
	{ .instrument = "spread", .aggregation = OTEL_AGGREGATION_EXPONENTIAL },
	{ .instrument = "Spread.f?w",
	  .aggregation = OTEL_AGGREGATION_EXPONENTIAL,
	  .buckets = 6,
	  .description = "otherwise" },
	{ .instrument = "narrow", .name = "narrowed", .keep = kept, .keep_count = 1 },
	{ .instrument = "secret.*", .aggregation = OTEL_AGGREGATION_DROP },
	{ .instrument = "crowded", .limit = 4 },
	{ .instrument = "rebounded", .aggregation = OTEL_AGGREGATION_EXPLICIT, .bounds = one_bound, .bound_count = 1 },
	{ .instrument = "rebounded", .name = "rebounded.total", .aggregation = OTEL_AGGREGATION_SUM },
};

static void observe(struct otel_observer *to, void *data)
{
	const struct observed *o = data;

	for (int i = 0; i < o->n; i++) {
		struct otel_attr attr = otel_attr_int("part", o->keys[i]);

		if (o->is_double)
			otel_observe_double(to, o->numbers[i], &attr, 1);
		else
			otel_observe_int(to, o->integers[i], &attr, 1);
	}
}

/* ---- saying ---- */

static void say_string(const char *name, const char *text)
{
	printf("\"%s\":\"%s\",", name, text ? text : "");
}

static void say_bounds(const double *bounds, size_t n)
{
	printf("\"bounds\":");
	if (!bounds)
		printf("null");
	for (size_t i = 0; bounds && i < n; i++) {
		putchar(i ? ',' : '[');
		say_double(bounds[i]);
	}
	if (bounds)
		putchar(']');
}

static void say_tables(void)
{
	printf("{\"instruments\":[");
	for (int i = 0; i < INSTRUMENTS; i++) {
		const struct otel_instrument *of = &instruments[i];

		printf(i ? ",{" : "{");
		say_string("name", of->name);
		say_string("unit", of->unit);
		say_string("description", of->description);
		printf("\"kind\":%d,\"double\":%s,\"observed\":%s,", of->kind,
		       of->type == OTEL_METRIC_DOUBLE ? "true" : "false", of->observe ? "true" : "false");
		say_bounds(of->bounds, of->bound_count);
		putchar('}');
	}
	printf("],\"views\":[");
	for (size_t i = 0; i < sizeof views / sizeof views[0]; i++) {
		printf(i ? ",{" : "{");
		say_string("instrument", views[i].instrument);
		say_string("name", views[i].name);
		say_string("description", views[i].description);
		printf("\"aggregation\":%d,\"buckets\":%u,\"keep\":%s,\"limit\":%u,", (int)views[i].aggregation,
		       views[i].buckets, views[i].keep ? "[\"zone\"]" : "null", (unsigned)views[i].limit);
		say_bounds(views[i].bounds, views[i].bound_count);
		putchar('}');
	}
	printf("]}\n");
}

/* ---- drawing ---- */

/* Few sets of attributes, so that they come again, in any order and with keys said twice. */
static size_t draw_labels(struct otel_attr *attrs)
{
	static const char *const zones[] = { "a", "b", "\xc3\xbc" };
	static const int64_t numbers[] = { 1, 2 };
	size_t n = draw(ATTRS_MAX + 1);

	for (size_t i = 0; i < n; i++) {
		const char *zone = zones[draw(3)];

		switch (draw(4)) {
		case 0:  attrs[i] = otel_attr_bool("ok", one_in(2)); break;
		case 1:  attrs[i] = otel_attr_int("zone", (int64_t)draw(2)); break;
		case 2:  attrs[i] = otel_attr_value("ok", otel_value_ints(numbers, 2)); break;
		default: attrs[i] = otel_attr_str("zone", zone, strlen(zone)); break;
		}
	}
	return n;
}

static double draw_measure(void)
{
	static const double odd[] = { 0, -0.0, 1, 2.5, 0.1, 10, 1e6, 5e-324, 1e300, NAN, INFINITY, -3 };
	double v = (double)(int64_t)draw(1000000) / 1024;

	if (one_in(5))
		return odd[draw(sizeof odd / sizeof odd[0])];
	if (one_in(4))
		return ldexp(1 + v / 1024, (int)draw(200) - 100);
	return one_in(8) ? -v : v;
}

static int64_t draw_count(void)
{
	return one_in(10) ? -(int64_t)draw(50) : (int64_t)draw(one_in(4) ? 100000 : 12);
}

static void measure(void)
{
	int n = (int)draw((uint64_t)INSTRUMENTS);
	struct otel_instrument *i = &instruments[n];
	struct otel_attr attrs[ATTRS_MAX];
	size_t count = draw_labels(attrs);
	bool adds = i->kind == OTEL_METRIC_COUNTER || i->kind == OTEL_METRIC_UPDOWN;
	int64_t integer = draw_count();
	double number = draw_measure();

	if (i->observe)
		return;
	if (i->type == OTEL_METRIC_DOUBLE)
		(adds ? otel_add_double : otel_record_double)(i, number, attrs, count);
	else
		(adds ? otel_add_int : otel_record_int)(i, integer, attrs, count);
	printf(",[%d,", n);
	if (i->type == OTEL_METRIC_DOUBLE)
		say_double(number);
	else
		printf("%" PRId64, integer);
	putchar(',');
	say_attrs(attrs, count);
	putchar(']');
}

static void draw_observed(void)
{
	for (size_t k = 0; k < sizeof observed / sizeof observed[0]; k++) {
		struct observed *o = &observed[k];
		int64_t key = (int64_t)draw(3);

		o->n = (int)draw(OBSERVED_MAX + 1);
		if (k ==
		    0) { /* a counter that is not there for a while may be a new one when it comes back: so this one stays */
			o->n = OBSERVED_MAX;
			key = 0;
		}
		for (int i = 0; i < o->n; i++) {
			o->integers[i] = (int64_t)draw(100000);
			o->numbers[i] = (double)draw(100000) / 7;
			o->keys[i] = key + i;
		}
	}
}

static void say_observed(void)
{
	bool first = true;

	for (size_t k = 0; k < sizeof observed / sizeof observed[0]; k++)
		for (int i = 0; i < observed[k].n; i++, first = false) {
			printf(first ? "[%d," : ",[%d,", observed[k].instrument);
			if (observed[k].is_double)
				say_double(observed[k].numbers[i]);
			else
				printf("%" PRId64, observed[k].integers[i]);
			printf(",[[\"70617274\",[\"i\",%" PRId64 "]]]]", observed[k].keys[i]);
		}
}

/* ---- an invocation ---- */

static void invoke(bool flush)
{
	struct lambda_hook_result result = { .failed = false };
	struct lambda_hook_event event = { .request_id = LAMBDA_STR("id"), .body = LAMBDA_STR("{}") };
	struct otel_context context;
	char ids[49] = "";

	printf("{\"before\":%" PRId64 ",\"measured\":[[]", wall());
	otel_hooks.begin(&event);
	otel_start("work");
	if (otel_context_of(otel_current(), &context)) {
		for (int i = 0; i < 16; i++)
			snprintf(ids + 2 * i, 3, "%02x", context.trace_id[i]);
		for (int i = 0; i < 8; i++)
			snprintf(ids + 32 + 2 * i, 3, "%02x", context.span_id[i]);
	}
	for (uint64_t n = draw(150); n; n--)
		measure();
	otel_hooks.end(&result);
	otel_hooks.answered();
	draw_observed();
	if (flush)
		otel_metric_flush();
	printf("],\"observed\":[");
	say_observed();
	printf("],\"span\":\"%s\",\"flush\":%s,\"after\":%" PRId64 "}\n", ids, flush ? "true" : "false", wall());
	fflush(stdout);
	otel_hooks.flush(INT64_MAX);
	printf("{\"flushed\":%" PRId64 "}\n", wall());
}

int main(int argc, char **argv)
{
	static const struct lambda_hook_sandbox sandbox = { .function_name = { "careless", 8 },
		                                                .function_version = { "42", 2 } };

	if (argc != 3) {
		fprintf(stderr, "usage: points SEED INVOCATIONS\n");
		return 2;
	}
	seed(strtoull(argv[1], NULL, 10));
	say_tables();
	fflush(stdout);
	otel_views(views, sizeof views / sizeof views[0]);
	otel_hooks.init(&sandbox);
	for (int i = 0; i < INSTRUMENTS; i++)
		if (instruments[i].observe)
			otel_observe(&instruments[i]);
	for (int i = 0; i < atoi(argv[2]); i++)
		invoke(one_in(3));
	return 0;
}
