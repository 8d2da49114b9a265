// SPDX-License-Identifier: MIT
#pragma once

#include "hooks.h"
#include "otel.h"
#include "record/span.h"
#include "record/spool.h"
#include "record/value.h"
#include "source.h"

/*
 * Log records: made once in wire form, in a spool of their own, which is handed out after an answer. Nothing here is linked but by the call of
 * otel_emit(), and by what hooks.c does with a function's own log.
 */
struct logrec {
	bool read;                /* the settings are */
	bool wanted;              /* somebody takes records: telemetry is on, and an exporter for logs there */
	bool copied;              /* what lambda_log() says goes to standard output too */
	bool on_spans, as_events; /* where exceptions are said */
	struct value_limits limits;
	struct count count;
};

extern struct logrec logrec;

bool logrec_wanted(void); /* reads the settings when it must */

/* What lambda_log() has to say. True: that is enough, and standard output needs none of it. */
bool logrec_copy(const struct lambda_hook_log *log);

/*
 * An exception as an event, when OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN is logs or logs/dup. True: it is not to be said on the span as well.
 */
bool logrec_exception(struct otel_span *span, const struct span_exception *what);

extern struct spool log_spool; /* of records, those of one scope together */
