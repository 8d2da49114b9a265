// SPDX-License-Identifier: MIT
#include "base/base64.h"
#include "base/late.h"
#include "encode/wire_read.h"
#include "export/cut.h"
#include "export/envelope.h"
#include "net/addr.h"
#include "settings.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/*
 * The X-Ray daemon that Lambda runs beside a function with active tracing: a datagram is a header line, T1S, and a request as base64. One system call,
 * and nobody ever answers. The prefix T1U instead, for spans that are not sampled and that Application Signals counts, by MOTE_XRAY_UDP_UNSAMPLED;
 * such a span has the attribute aws.trace.flag.sampled=false then. M1 for metrics, where OTEL_METRICS_EXPORTER says xray-udp.
 *
 * A datagram has at most 65 507 bytes (65 535 less the heads of UDP and IP), so a request has 49 104, which base64 makes 65 472.
 */
#define HEADER "{\"format\":\"json\",\"version\":1}\n"
#define REQUEST_BYTES_MAX 49104
#define SPAN_FLAGS 16 /* Span.flags, fixed32; bit 0 is W3C's sampled */

static struct {
	bool known, usable;
	bool sampled; /* the header of this invocation says that the daemon will keep it */
	struct addr addr;
} xray LATE;

static int fd = -1;

void xray_udp_forget(void)
{
	if (fd >= 0)
		close(fd);
	fd = -1;
	xray.known = false;
}

void xray_udp_event(str trace_header)
{
	str member;

	xray.sampled = false;
	while (trace_header.n && !xray.sampled) {
		str_cut(trace_header, ';', &member, &trace_header);
		xray.sampled = str_eq(str_trim(member), S("Sampled=1"));
	}
}

/* ---- where it is ---- */

/* host:port; tcp:host:port udp:host:port in any order. */
static bool parse(str text, struct addr *out)
{
	uint64_t port;
	size_t colon;
	str one;

	while (str_cut(text, ' ', &one, &text) || one.n) {
		if (str_starts(one, S("tcp:")))
			continue;
		if (str_starts(one, S("udp:")))
			one = (str){ one.p + 4, one.n - 4 };
		for (colon = one.n; colon && one.p[colon - 1] != ':'; colon--)
			;
		if (colon > 1 && str_u64((str){ one.p + colon, one.n - colon }, UINT16_MAX, &port) && port)
			return addr_resolve((str){ one.p, colon - 1 }, (uint16_t)port, out) == OK;
	}
	return false;
}

static bool find(str usual)
{
	str configured = setting("AWS_XRAY_DAEMON_ADDRESS");

	if (!xray.known) {
		xray.known = true;
		xray.usable = parse(configured.n ? configured : usual, &xray.addr);
	}
	return xray.usable;
}

bool xray_udp_usable(void)
{
	return xray.sampled && setting("AWS_XRAY_DAEMON_ADDRESS").n && find((str){ 0 });
}

/* ---- datagrams ---- */

static bool is_unsampled(str spans)
{
	struct wire_field span, flags;

	return wire_next(&spans, &span) && wire_find(span.bytes, SPAN_FLAGS, WIRE_FIXED32, &flags) && !(flags.value & 1);
}

/* Span.attributes { key: aws.trace.flag.sampled, value: false }, and what a span's own length grows by at most. */
#define MARK                 \
	"\x4a\x1c\x0a\x16"       \
	"aws.trace.flag.sampled" \
	"\x12\x02\x10\x00"
#define MARK_BYTES (sizeof MARK - 1)
#define MARKED_MORE (MARK_BYTES + 1)

static bool marks(enum signal signal)
{
	return signal == SIGNAL_TRACES && str_ieq(setting("MOTE_XRAY_UDP_UNSAMPLED"), S("true"));
}

static size_t marked_weight(enum signal signal, str item)
{
	(void)signal;
	return item.n + MARKED_MORE;
}

/* The run with its unsampled spans marked, put together in room. */
static void mark(struct signal_items *marked, const struct signal_items *run, char *room)
{
	*marked = *run;
	for (size_t i = 0; i < run->scope_count; i++) {
		str rest = run->scopes[i].items;
		struct wire_field span;
		char *p = room;

		while (wire_next(&rest, &span)) {
			bool unsampled = is_unsampled(span.whole);

			p = wire_length(p, span.number, span.bytes.n + (unsampled ? MARK_BYTES : 0));
			memcpy(p, span.bytes.p, span.bytes.n);
			p += span.bytes.n;
			if (unsampled)
				memcpy(p, MARK, MARK_BYTES);
			p += unsampled ? MARK_BYTES : 0;
		}
		marked->scopes[i].items = (str){ room, (size_t)(p - room) };
		room = p;
	}
}

static str prefix(const struct batch *b, const struct signal_items *run)
{
	if (b->signal == SIGNAL_METRICS)
		return S("M1");
	if (is_unsampled(run->scopes[0].items) && marks(b->signal))
		return S("T1U");
	return S("T1S");
}

/* Made in the first half of out, from the request put together in the third quarter, of spans that are marked in the last. */
static str datagram(const struct batch *b, const struct signal_items *run)
{
	char *request = b->out + REGION_OUT_BYTES / 2, *p = request;
	struct buf out = { .p = b->out, .cap = REGION_OUT_BYTES / 2 };
	struct signal_items marked;
	struct envelope e;

	if (marks(b->signal)) {
		mark(&marked, run, b->out + REGION_OUT_BYTES / 4 * 3);
		run = &marked;
	}
	envelope_make(&e, b->resource, run);
	for (int i = 0; i < e.part_count; i++) {
		memcpy(p, e.parts[i].p, e.parts[i].n);
		p += e.parts[i].n;
	}
	buf_put(&out, S(HEADER));
	buf_put(&out, prefix(b, run));
	base64_encode(out.p + out.n, request, e.n);
	return (str){ out.p, out.n + base64_size(e.n) };
}

static bool send_to(str bytes)
{
	ssize_t n;

	if (fd < 0)
		fd = socket(xray.addr.sa.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	do
		n = fd < 0 ? -1 : sendto(fd, bytes.p, bytes.n, MSG_NOSIGNAL, &xray.addr.sa.any, xray.addr.n);
	while (n < 0 && fd >= 0 && errno == EINTR);
	return n == (ssize_t)bytes.n;
}

void xray_udp_ship(const struct batch *b, int64_t deadline)
{
	static const str what = { "xray-udp", 8 };
	struct cut cut = { .batch = b,
		               .most = cut_around(b) < REQUEST_BYTES_MAX ? REQUEST_BYTES_MAX - cut_around(b) : 0,
		               .weigh_item = marks(b->signal) ? marked_weight : NULL };

	(void)deadline; /* a datagram waits for nobody */
	if (!find(S("127.0.0.1:2000"))) {
		ship_undelivered(b, b->items, DROP_ADDRESS, what,
		                 S("AWS_XRAY_DAEMON_ADDRESS is not an address such as 127.0.0.1:2000"));
		return;
	}
	while (cut_next(&cut))
		if (cut.too_large)
			ship_undelivered(b, &cut.run, DROP_SIZE, what, S("larger than a datagram may be"));
		else if (send_to(datagram(b, &cut.run)))
			b->count->handed_over += cut.run.count;
		else
			ship_undelivered(b, &cut.run, DROP_WRITE, what, S("the datagram cannot be sent"));
}
