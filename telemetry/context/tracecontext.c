// SPDX-License-Identifier: MIT
#include "context/propagator.h"
#include "context/tracestate.h"

/* A tracestate that is invalid leaves the traceparent as it is (3.3); without a traceparent there is none. */
static str trace_state(const struct carrier *carrier, struct buf room)
{
	struct tracestate t;
	str value;

	t.n = t.seen = 0;
	for (size_t i = 0; carrier_get(carrier, S("tracestate"), i, &value); i++)
		if (!tracestate_read(&t, value))
			return (str){ 0 };
	tracestate_write(&t, &room, room.cap);
	return buf_str(&room);
}

/* Two traceparents restart the trace (3.2). */
void tracecontext_extract(const struct carrier *carrier, struct propagation *p)
{
	struct context c;
	str value, again;

	if (!carrier_get(carrier, S("traceparent"), 0, &value) || carrier_get(carrier, S("traceparent"), 1, &again) ||
	    !traceparent_parse(value, &c))
		return;
	c.trace_state = trace_state(carrier, BUF(p->trace_state));
	p->from = c;
	p->called = true;
}

void tracecontext_inject(const struct context *own, const struct propagation *p, const struct injector *to)
{
	char room[2 + 1 + 32 + 1 + 16 + 1 + 2];
	struct buf b = BUF(room);

	(void)p;
	buf_put(&b, S("00-"));
	buf_hex(&b, own->trace_id, 16);
	buf_putc(&b, '-');
	buf_hex(&b, own->span_id, 8);
	buf_putc(&b, '-');
	buf_hex(&b, &own->flags, 1);
	to->put(to->to, "traceparent", b.p, b.n);
	if (own->trace_state.n)
		to->put(to->to, "tracestate", own->trace_state.p, own->trace_state.n);
}
