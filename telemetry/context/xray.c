// SPDX-License-Identifier: MIT
#include "context/hex.h"
#include "context/propagator.h"
#include "record/id.h"

#include <string.h>

#define ROOT_SIZE 35 /* 1-58406520-a006649127e371903a2de979 */
#define HEADER "X-Amzn-Trace-Id"
#define LINEAGE_BYTES_MAX 128 /* Lambda's are under 40 */

static bool root(str value, unsigned char trace_id[16])
{
	char digits[32];

	if (value.n != ROOT_SIZE || value.p[0] != '1' || value.p[1] != '-' || value.p[10] != '-')
		return false;
	memcpy(digits, value.p + 2, 8);
	memcpy(digits + 8, value.p + 11, 24);
	return hex_id(digits, 16, true, trace_id);
}

static bool can_go_on(str lineage)
{
	for (size_t i = 0; i < lineage.n; i++)
		if (lineage.p[i] <= ' ' || lineage.p[i] > '~')
			return false;
	return lineage.n <= LINEAGE_BYTES_MAX;
}

bool xray_parse(str text, struct context *out)
{
	struct context c = { .deferred = true };
	bool has_root = false;
	str member, key, value;

	while (text.n) {
		str_cut(text, ';', &member, &text);
		str_cut(member, '=', &key, &value);
		key = str_trim(key);
		value = str_trim(value);
		if (str_ieq(key, S("Root"))) {
			has_root = root(value, c.trace_id);
		} else if (str_ieq(key, S("Parent"))) {
			c.has_span = value.n == 16 && hex_id(value.p, 8, true, c.span_id);
		} else if (str_ieq(key, S("Sampled"))) {
			c.silent = str_eq(value, S("0"));
			c.flags = str_eq(value, S("1")) ? CONTEXT_SAMPLED : 0;
			c.deferred = !c.silent && !c.flags;
		} else if (str_ieq(key, S("Lineage")) && can_go_on(value)) {
			c.lineage = value;
		}
	}
	if (!has_root)
		return false;
	*out = c;
	return true;
}

/* What an earlier propagator put into tracestate stays; a Root alone does not take the place of a parent. */
static bool adopt(struct context c, struct propagation *p)
{
	if (!c.has_span && p->called && p->from.has_span)
		return false;
	c.trace_state = p->from.trace_state;
	p->from = c;
	p->called = true;
	return true;
}

void xray_extract(const struct carrier *carrier, struct propagation *p)
{
	struct context c;
	str value, again;

	if (carrier_get(carrier, S("x-amzn-trace-id"), 0, &value) &&
	    !carrier_get(carrier, S("x-amzn-trace-id"), 1, &again) && xray_parse(value, &c))
		adopt(c, p);
}

/*
 * Semantic conventions, AWS Lambda, "xray-lambda": as xray, and then what Lambda says of this invocation, unless an earlier propagator knows the caller.
 * Lambda sends Sampled=0 whenever X-Ray tracing is off for the function, which says nothing about OpenTelemetry: such a header is passed through,
 * decides nothing and never replaces a parent that is known. MOTE_FOLLOW_LAMBDA_SAMPLING makes it one that decides.
 */
void xray_lambda_extract(const struct carrier *carrier, struct propagation *p)
{
	bool known = p->called && p->from.has_span;
	struct context c;

	xray_extract(carrier, p);
	if (known || !xray_parse(p->lambda, &c))
		return;
	c.pass_through = !p->follow_lambda && (c.silent || (c.deferred && !c.has_span));
	c.silent &= !c.pass_through;
	if (c.pass_through && p->called && p->from.has_span)
		return;
	adopt(c, p);
}

void xray_inject(const struct context *own, const struct propagation *p, const struct injector *to)
{
	char room[ROOT_SIZE + 64 + LINEAGE_BYTES_MAX], id[32];
	struct buf b = BUF(room);

	(void)p;
	id_hex(id, own->trace_id, 16);
	buf_put(&b, S("Root=1-"));
	buf_put(&b, (str){ id, 8 });
	buf_putc(&b, '-');
	buf_put(&b, (str){ id + 8, 24 });
	buf_put(&b, S(";Parent="));
	buf_hex(&b, own->span_id, 8);
	buf_put(&b, own->flags & CONTEXT_SAMPLED ? S(";Sampled=1") : S(";Sampled=0"));
	if (own->lineage.n) {
		buf_put(&b, S(";Lineage="));
		buf_put(&b, own->lineage);
	}
	to->put(to->to, HEADER, b.p, b.n);
}
