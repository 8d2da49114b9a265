// SPDX-License-Identifier: MIT
#include "context/extract.h"

#include "base/late.h"
#include "diag.h"
#include "otel.h"
#include "settings.h"

#include <string.h>

#define ESCAPED_BYTES_MAX (BAGGAGE_BYTES_MAX + 4096) /* header values with escapes, decoded: all of them together */

struct propagation propagation LATE;

static struct {
	bool read, said_pass_through;
	bool environment; /* has something for a propagator: it does not change */
	const struct propagator *list[PROPAGATORS_MAX];
	size_t n;
	str attribute_keys;
} chosen;

/* What context_later() was told of, until it is looked at. */
static struct {
	const struct lambda_hook_event *event;
	const struct carrier *headers;
} later;

static char escaped[ESCAPED_BYTES_MAX] LATE;

void context_forget(void)
{
	memset(&chosen, 0, sizeof chosen);
	later.event = NULL;
}

static bool has_any(const struct carrier *carrier)
{
	static const str names[] = {
		{ "traceparent", 11 }, { "baggage", 7 }, { "b3", 2 }, { "x-b3-traceid", 12 }, { "x-amzn-trace-id", 15 }
	};
	str value;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (carrier_get(carrier, names[i], 0, &value))
			return true;
	return false;
}

static void read_settings(void)
{
	chosen.read = true;
	chosen.n = propagators_choose(setting("OTEL_PROPAGATORS"), chosen.list);
	chosen.attribute_keys = setting("OTEL_BAGGAGE_SPAN_ATTRIBUTE_KEYS");
	propagation.follow_lambda = setting_bool("MOTE_FOLLOW_LAMBDA_SAMPLING");
	chosen.environment = has_any(&environment_carrier);
}

/* ---- extract ---- */

static void reset(str lambda)
{
	struct baggage *b = &propagation.baggage;

	propagation.called = false;
	propagation.from = (struct context){ 0 };
	propagation.lambda = lambda;
	b->n = b->bytes = b->room_n = b->room_i = 0;
}

static void extract(const struct carrier *carrier)
{
	for (size_t i = 0; i < chosen.n; i++)
		chosen.list[i]->extract(carrier, &propagation);
}

static void say_pass_through(void)
{
	struct diag d;

	if (chosen.said_pass_through || !propagation.from.pass_through)
		return;
	chosen.said_pass_through = true;
	buf_put(diag_open(&d, DIAG_INFO),
	        S("Lambda's trace header says that X-Ray tracing is off for this function (Sampled=0), which decides "
	          "nothing about OpenTelemetry: traces are recorded. MOTE_FOLLOW_LAMBDA_SAMPLING=true lets it decide, "
	          "OTEL_TRACES_SAMPLER=always_off records nothing; this is said once"));
	diag_close(&d);
}

static const struct context *extracted(void)
{
	say_pass_through();
	return propagation.called ? &propagation.from : NULL;
}

const struct context *context_begin(const struct lambda_hook_event *event, const struct carrier *headers)
{
	struct client_carrier client;

	later.event = NULL;
	if (!chosen.read)
		read_settings();
	reset((str){ 0 });
	if (event->client_context.n) {
		client_carrier(&client, event->client_context, escaped, sizeof escaped);
		extract(&client.carrier);
		if (propagation.called)
			return extracted();
		reset((str){ 0 });
	}
	propagation.lambda = event->trace_id;
	extract(headers);
	if (chosen.environment && !propagation.called && !propagation.baggage.n)
		extract(&environment_carrier);
	return extracted();
}

void context_later(const struct lambda_hook_event *event, const struct carrier *headers)
{
	later.event = event;
	later.headers = headers;
}

static void asked(void)
{
	if (later.event)
		context_begin(later.event, later.headers);
}

const struct context *context_begin_program(void)
{
	if (!chosen.read)
		read_settings();
	reset((str){ 0 });
	extract(&environment_carrier);
	return extracted();
}

/* ---- baggage as attributes ---- */

static void set_attribute(struct otel_span *span, const struct baggage_entry *e)
{
	char room[3 * BAGGAGE_BYTES_MAX]; /* every byte a U+FFFD */
	struct buf value = BUF(room);

	if (baggage_decode(e->value, &value))
		otel_put_str(span, e->key.p, e->key.n, value.p, value.n);
}

void context_attributes(struct otel_span *span)
{
	str rest = chosen.attribute_keys, key;

	while (rest.n && propagation.baggage.n) {
		const struct baggage_entry *e;

		str_cut(rest, ',', &key, &rest);
		key = str_trim(key);
		if (str_eq(key, S("*")))
			for (size_t i = 0; i < propagation.baggage.n; i++)
				set_attribute(span, &propagation.baggage.entry[i]);
		else if ((e = baggage_find(&propagation.baggage, key)))
			set_attribute(span, e);
	}
}

/* ---- otel_context.h ---- */

/* Of the innermost open span; with telemetry switched off, of whoever called. */
static bool own_context(struct context *own)
{
	struct otel_context current;

	asked();
	*own = propagation.from;
	if (!otel_context_of(otel_current(), &current))
		return propagation.called && own->has_span;
	memcpy(own->trace_id, current.trace_id, 16);
	memcpy(own->span_id, current.span_id, 8);
	own->flags = current.flags;
	own->trace_state = (str){ current.trace_state, current.trace_state_n };
	return true;
}

void otel_inject(void (*put)(void *to, const char *name, const char *value, size_t n), void *to)
{
	struct injector injector = { put, to };
	struct context own;
	bool has_span = own_context(&own);

	if (!chosen.read)
		read_settings();
	for (size_t i = 0; i < chosen.n; i++)
		if (has_span || !chosen.list[i]->needs_span)
			chosen.list[i]->inject(&own, &propagation, &injector);
}

struct callers_carrier {
	struct carrier carrier;
	bool (*get)(void *from, const char *name, size_t nth, const char **value, size_t *n);
	void *from;
};

/* Propagators ask for names that are literals, and so end with NUL. */
static bool ask(const struct carrier *carrier, str name, size_t nth, str *value)
{
	const struct callers_carrier *c = (const struct callers_carrier *)carrier;

	return c->get(c->from, name.p, nth, &value->p, &value->n);
}

bool otel_extract(bool (*get)(void *from, const char *name, size_t nth, const char **value, size_t *n), void *from,
                  struct otel_context *out)
{
	struct callers_carrier carrier = { { ask }, get, from };
	const struct context *c = &propagation.from;

	later.event = NULL;
	if (!chosen.read)
		read_settings();
	reset((str){ 0 });
	extract(&carrier.carrier);
	if (!propagation.called || !c->has_span)
		return false;
	*out = (struct otel_context){ .flags = c->flags, .remote = true };
	memcpy(out->trace_id, c->trace_id, 16);
	memcpy(out->span_id, c->span_id, 8);
	out->trace_state = c->trace_state.p;
	out->trace_state_n = c->trace_state.n;
	return true;
}

bool otel_baggage_put(const char *key, size_t key_n, const char *value, size_t n, const char *properties,
                      size_t properties_n)
{
	asked();
	return baggage_set(&propagation.baggage, (str){ key, key_n }, (str){ value, n }, (str){ properties, properties_n });
}

bool otel_baggage_drop(const char *key, size_t key_n)
{
	asked();
	return baggage_remove(&propagation.baggage, (str){ key, key_n });
}

bool otel_baggage_read(const char *key, size_t key_n, char *room, size_t size, size_t *n)
{
	const struct baggage_entry *e;
	struct buf out = { .p = room, .cap = size };

	asked();
	e = baggage_find(&propagation.baggage, (str){ key, key_n });
	if (!e || !baggage_decode(e->value, &out))
		return false;
	*n = out.n;
	return true;
}

bool otel_baggage_at(size_t i, struct otel_baggage *out)
{
	const struct baggage_entry *e = propagation.baggage.entry;

	asked();
	if (i >= propagation.baggage.n)
		return false;
	e += i;
	*out = (struct otel_baggage){ e->key.p, e->key.n, e->value.p, e->value.n, e->properties.p, e->properties.n };
	return true;
}
