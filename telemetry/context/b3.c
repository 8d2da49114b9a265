// SPDX-License-Identifier: MIT
#include "context/hex.h"
#include "context/propagator.h"

#include <string.h>

/* openzipkin/b3-propagation. A trace id of 64 bits is one of 128 that begins with zeros. */
static bool ids(str trace_id, str span_id, struct context *c)
{
	memset(c->trace_id, 0, 16);
	if (trace_id.n != 16 && trace_id.n != 32)
		return false;
	if (span_id.n != 16 || !hex_id(span_id.p, 8, false, c->span_id))
		return false;
	return hex_id(trace_id.p, (int)trace_id.n / 2, false, c->trace_id + (16 - trace_id.n / 2));
}

static void decide(struct context *c, bool sampled, bool debug)
{
	c->deferred = false;
	c->debug = debug;
	c->flags = sampled || debug ? CONTEXT_SAMPLED : 0;
	c->silent = !c->flags;
}

/* A parent's parent is of no use to us, but has to be one. */
static bool state(str text, struct context *c)
{
	unsigned char parent[8];
	str decision, rest;

	if (str_cut(text, '-', &decision, &rest) && (rest.n != 16 || !hex_id(rest.p, 8, false, parent)))
		return false;
	if (decision.n != 1 || !memchr("01d", decision.p[0], 3))
		return false;
	decide(c, decision.p[0] == '1', decision.p[0] == 'd');
	return true;
}

bool b3_parse(str text, struct context *out)
{
	struct context c = { .has_span = true, .deferred = true };
	str trace_id, span_id, rest, more;

	str_cut(str_trim(text), '-', &trace_id, &rest);
	if (str_cut(rest, '-', &span_id, &more) && !state(more, &c))
		return false;
	if (!ids(trace_id, span_id, &c))
		return false;
	*out = c;
	return true;
}

bool b3_parse_multi(str trace_id, str span_id, str sampled, str flags, struct context *out)
{
	struct context c = { .has_span = true, .deferred = true };

	if (!ids(str_trim(trace_id), str_trim(span_id), &c))
		return false;
	sampled = str_trim(sampled);
	if (str_eq(sampled, S("1")) || str_ieq(sampled, S("true")))
		decide(&c, true, false);
	else if (str_eq(sampled, S("0")) || str_ieq(sampled, S("false")))
		decide(&c, false, false);
	if (str_eq(str_trim(flags), S("1")))
		decide(&c, true, true);
	*out = c;
	return true;
}

/* Several values of one name contradict each other: then there is none. */
static str one(const struct carrier *carrier, str name)
{
	str value, again;

	if (!carrier_get(carrier, name, 0, &value) || carrier_get(carrier, name, 1, &again))
		return (str){ 0 };
	return value;
}

void b3_extract(const struct carrier *carrier, struct propagation *p)
{
	struct context c;

	if (!b3_parse(one(carrier, S("b3")), &c) &&
	    !b3_parse_multi(one(carrier, S("x-b3-traceid")), one(carrier, S("x-b3-spanid")),
	                    one(carrier, S("x-b3-sampled")), one(carrier, S("x-b3-flags")), &c))
		return;
	c.trace_state = p->from.trace_state;
	p->from = c;
	p->called = true;
}

static str decision(const struct context *own)
{
	return own->debug ? S("d") : own->flags & CONTEXT_SAMPLED ? S("1") : S("0");
}

void b3_inject(const struct context *own, const struct propagation *p, const struct injector *to)
{
	char room[32 + 1 + 16 + 1 + 1];
	struct buf b = BUF(room);

	(void)p;
	buf_hex(&b, own->trace_id, 16);
	buf_putc(&b, '-');
	buf_hex(&b, own->span_id, 8);
	buf_putc(&b, '-');
	buf_put(&b, decision(own));
	to->put(to->to, "b3", b.p, b.n);
}

static void put_hex(const struct injector *to, const char *name, const unsigned char *id, size_t n)
{
	char room[32];
	struct buf b = BUF(room);

	buf_hex(&b, id, n);
	to->put(to->to, name, b.p, b.n);
}

void b3multi_inject(const struct context *own, const struct propagation *p, const struct injector *to)
{
	(void)p;
	put_hex(to, "X-B3-TraceId", own->trace_id, 16);
	put_hex(to, "X-B3-SpanId", own->span_id, 8);
	if (own->debug) /* which implies the decision: it is not sent as well */
		to->put(to->to, "X-B3-Flags", "1", 1);
	else
		to->put(to->to, "X-B3-Sampled", decision(own).p, 1);
}
