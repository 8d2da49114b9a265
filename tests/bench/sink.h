// SPDX-License-Identifier: MIT
/* sink.h: where exports go: an OTLP receiver that answers at once, and an X-Ray daemon, in a process of their own so that the measuring loop waits for
 * the candidate only. Both end with their parent. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* dropped: those that the spans which arrived say were lost (mote.dropped.spans.REASON, telemetry/README.md). */
struct sink_spans {
	uint64_t arrived, dropped;
};

void sink_add(volatile struct sink_spans *sum, struct sink_spans more);

struct sink_count {
	uint64_t requests, bytes, connections; /* OTLP/HTTP: bytes of bodies */
	uint64_t signed_requests;              /* with an Authorization field */
	uint64_t datagrams, datagram_bytes;
	struct sink_spans spans; /* while decode was set */
	uint64_t marks;          /* empty datagrams: from sink_settle */
	bool decode;             /* written by the parent: decoding takes time that a timed run does not have */
};

struct sink {
	char http[32], udp[32];            /* 127.0.0.1:port */
	volatile struct sink_count *count; /* shared with the process: an answer is sent after it is counted */
	int mark_fd;                       /* private */
};

bool sink_start(struct sink *s, uint16_t port); /* 0: any. false: errno says why */
void sink_settle(struct sink *s);               /* returns when all datagrams that were sent before are counted */
struct sink_spans sink_spans_of_line(const char *line, size_t n); /* of __otel_otlp_stdout, or none */
