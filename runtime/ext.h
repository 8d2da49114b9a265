// SPDX-License-Identifier: MIT
#pragma once

#include "rapi.h"

/*
 * An internal extension without events: a process that has registered one is sent SIGTERM before it is killed (AWS Lambda developer guide, Extensions
 * API; without any extension the kill comes unannounced). It takes one more connection, on which GET /event/next waits for an answer that never comes,
 * and nobody reads it. From then on SIGTERM is blocked, but while the process waits: for the next event, or for a peer (stream_wait()). A program that a handler starts
 * inherits that (lambda.h).
 */
enum ext_started { EXT_GRANTED, EXT_REFUSED, EXT_LOST };

struct ext {
	/*
	 * Before the first GET /invocation/next. room[0..cap) is for replies. EXT_REFUSED: the platform does not do it; the log says why, and nothing has
	 * changed. EXT_LOST: it has registered us, and waits for the one that it has told so, which for all we know is nobody: only another process can
	 * go on.
	 */
	enum ext_started (*start)(const struct rapi *r, char *room, size_t cap);

	/* Until there is something to be read from fd: true. False: SIGTERM came, and the sandbox ends. */
	bool (*wait)(int fd);

	/* CLOCK_MONOTONIC time by which the process must be gone, once wait() has returned false. */
	int64_t (*deadline)(void);
};

extern const struct ext ext_without_events; /* as hooks.h has it */
