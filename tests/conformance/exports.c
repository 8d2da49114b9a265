// SPDX-License-Identifier: MIT

/*
 * Requests on standard input, each a byte for the signal (0 traces, 1 metrics, 2 logs), four for the length (little endian) and an
 * Export...ServiceRequest with one resource: each goes to ship(), as the environment says, with the accounts on standard error. Names are asked of the
 * servers in RESOLV_CONF, on port RESOLV_PORT, where those are set.
 */
#include "encode/wire_read.h"
#include "export/cut.h"
#include "net/dns.h"
#include "otel_metric.h"

#include <stdio.h>
#include <stdlib.h>

#define REQUEST_MAX (16u << 20)

struct dns dns_system = { "/etc/resolv.conf", 53 };

static char out[REGION_OUT_BYTES] __attribute__((aligned(4096)));

/* The scopes of a request in pieces; false: there is more than the exporters take. */
static bool take_apart(enum signal signal, str request, struct resource *r, struct signal_items *items)
{
	str all = wire_bytes_of(request, 1);
	struct wire_field f, field, item;

	for (str rest = all; wire_next(&rest, &f);) {
		struct signal_scope *s = &items->scopes[items->scope_count];
		char *head, *body;

		if (f.number == 1)
			r->resource = f.whole;
		if (f.number == 3)
			r->url = f.whole;
		if (f.number != 2)
			continue;
		if (items->scope_count++ == SIGNAL_SCOPES_MAX)
			return false;
		head = malloc(f.bytes.n + 1); /* never given back: a test's program */
		body = malloc(f.bytes.n + 1);
		s->head.p = head;
		s->items.p = body;
		while (wire_next(&f.bytes, &field)) {
			char **to = field.number == 2 ? &body : &head;

			memcpy(*to, field.whole.p, field.whole.n);
			*to += field.whole.n;
		}
		s->head.n = (size_t)(head - s->head.p);
		s->items.n = (size_t)(body - s->items.p);
		for (str left = s->items; wire_next(&left, &item);)
			items->count += cut_count(signal, item.whole);
	}
	return true;
}

static bool one(enum signal signal, str request)
{
	struct resource r = { .url = { 0 } };
	struct signal_items items = { .count = 0 };
	struct count count = { .made = 0 };
	struct batch b = { .signal = signal,
		               .resource = &r,
		               .items = &items,
		               .count = &count,
		               .source = S("driver"),
		               .out = out,
		               .deadline = INT64_MAX };

	if (!take_apart(signal, request, &r, &items))
		return false;
	ship(&b, 0);
	fprintf(stderr, "made=%zu delivered=%llu handed_over=%llu dropped=%llu size=%llu format=%llu rejected=%llu\n",
	        items.count, (unsigned long long)count.delivered, (unsigned long long)count.handed_over,
	        (unsigned long long)count_dropped(&count), (unsigned long long)count.dropped[DROP_SIZE],
	        (unsigned long long)count.dropped[DROP_FORMAT], (unsigned long long)count.dropped[DROP_REJECTED]);
	return true;
}

int main(void)
{
	static char request[REQUEST_MAX];
	unsigned char head[5];
	const char *header = getenv("_X_AMZN_TRACE_ID");

	if (getenv("RESOLV_CONF") && getenv("RESOLV_PORT"))
		dns_system = (struct dns){ getenv("RESOLV_CONF"), (uint16_t)strtoul(getenv("RESOLV_PORT"), NULL, 10) };
	otel_metric_use(); /* its exporter comes with it */
	xray_udp_event(str_of(header));
	while (fread(head, 1, 5, stdin) == 5) {
		size_t n = head[1] | (size_t)head[2] << 8 | (size_t)head[3] << 16 | (size_t)head[4] << 24;

		if (head[0] >= SIGNALS || n > sizeof request || fread(request, 1, n, stdin) != n ||
		    !one((enum signal)head[0], (str){ request, n }))
			return 1;
	}
	return 0;
}
