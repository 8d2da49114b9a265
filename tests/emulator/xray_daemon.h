// SPDX-License-Identifier: MIT
// The X-Ray daemon beside a function with active tracing, as far as OTLP goes through it: a UDP socket that answers nothing.
#pragma once
#include "collector.h"
#include "loop.h"

struct xray_daemon {
	struct loop_fd fd;
	struct collector *collector;
	uint64_t read;    // bytes so far
	char address[32]; // for AWS_XRAY_DAEMON_ADDRESS; empty: it is not open
};

bool xray_daemon_open(struct xray_daemon *d, struct loop *l, struct collector *c); // false: errno says why
void xray_daemon_drain(struct xray_daemon *d); // takes what has come, before it is drawn
void xray_daemon_close(struct xray_daemon *d, struct loop *l);
