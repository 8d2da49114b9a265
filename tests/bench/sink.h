// SPDX-License-Identifier: MIT
/* sink.h: an OTLP receiver that answers at once and keeps nothing, in a process of its own so that the measuring loop waits for one
 * peer only. It ends with its parent. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct sink {
	char address[32]; /* 127.0.0.1:port */
	volatile struct sink_count {
		uint64_t requests, bytes; /* of bodies */
	} *count;                     /* shared with the process: a reply is sent after it is counted */
};

bool sink_start(struct sink *s); /* false: errno says why */
