// SPDX-License-Identifier: MIT
#pragma once

#include "base/buf.h"

/*
 * What telemetry has to say about itself: one record on standard error, in one write, in the format of the function's own log (AWS_LAMBDA_LOG_FORMAT,
 * OTEL_LOG_LEVEL or else AWS_LAMBDA_LOG_LEVEL). It names causes, counts and what to do; never header values, never payloads.
 *
 *   struct diag d;
 *   buf_put(diag_open(&d, DIAG_WARN), S("OTEL_TRACES_EXPORTER: ..."));
 *   diag_close(&d);
 */
enum diag_level { DIAG_DEBUG, DIAG_INFO, DIAG_WARN, DIAG_ERROR };

struct diag {
	enum diag_level level;
	struct buf text; /* what does not fit is left out */
	char room[1024];
};

void diag_request(str id); /* the invocation that the records to come belong to; copied */

struct buf *diag_open(struct diag *d, enum diag_level level);
void diag_close(struct diag *d);

bool diag_wanted(enum diag_level
                     level); /* whether it is written at all: DIAG_DEBUG only when a level says debug or trace */
