// SPDX-License-Identifier: MIT
#pragma once

#include "net/http.h"
#include "otlp/reply.h"

/*
 * What a reply means for the batch, and why a receiver refuses. Pure: bytes in, a verdict out. Retryable are 429, 502, 503 and 504 (OTLP 1.11,
 * "Failures"); AWS's own endpoints also say 408 and 500 when another try may work, as their SDKs have it.
 */
enum verdict {
	VERDICT_TAKEN,    /* all but rejected */
	VERDICT_NONSENSE, /* 2xx with a body that is no export response */
	VERDICT_AGAIN,    /* later */
	VERDICT_HALVE,    /* 413: it may take less */
	VERDICT_CLOCK,    /* signed for another time than the service's */
	VERDICT_KEYS,     /* signed with keys that have expired */
	VERDICT_REFUSED   /* the same request will never be taken */
};

enum cause {
	CAUSE_UNKNOWN,
	CAUSE_REGION,
	CAUSE_EXPIRED,
	CAUSE_CLOCK,
	CAUSE_SEARCH,
	CAUSE_LOG_GROUP,
	CAUSE_LOG_STREAM,
	CAUSE_DENIED,
	CAUSE_KEY,
	CAUSE_SIGNATURE,
	CAUSE_UNSIGNED,
	CAUSE_PROXY
};

#define OUTCOME_TEXT_BYTES 256

struct outcome {
	enum verdict verdict;
	enum cause cause;
	int status;
	int64_t after_s;          /* Retry-After; -1: there is none */
	struct export_reply said; /* 2xx: how many were rejected, and why; else the message of an error, first line */
	char text[OUTCOME_TEXT_BYTES], code_text[64];
	struct buf code; /* of AWS's errors: AccessDeniedException */
};

/* What was asked, as far as the answer depends on it. */
struct asked {
	bool json, is_aws, is_signed;
	bool by_proxy; /* which may have answered itself */
};

#define OUTCOME_AFTER_MAX_S 900 /* a longer Retry-After is as long: no invocation lasts longer */

void outcome_read(struct outcome *o, const struct http_reply *reply, const struct asked *asked, int64_t now_s);

/* What to do about it; NULL: there is nothing to be said beyond the status. */
const char *outcome_remedy(enum cause cause);
