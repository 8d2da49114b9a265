// SPDX-License-Identifier: MIT
#pragma once

#include "aws/creds.h"
#include "otlp/body.h"

/*
 * AWS's signature of a request, made anew for each try. Signing keys are cached for the day, and so is what a container's endpoint gave; the environment is
 * read again each time.
 */
enum sign {
	SIGN_DONE,
	SIGN_WITHOUT, /* there are no keys, and nobody insists */
	SIGN_CREDS,   /* no keys: *why says what to do */
	SIGN_LARGE    /* it does not fit */
};

/* With what a request was signed, so that a refusal can be understood. */
struct sign_state {
	int64_t skew_ns, wall_ns;
	uint64_t keys; /* tells keys apart */
	str token;     /* must not be shown: a service may quote it. Until the next signature */
};

/*
 * Appends header lines to head, which holds the request line and all fields to be signed. scratch: at least 4 times head and token. Head holds secrets
 * from then on.
 */
enum sign sign_put(struct receiver *r, struct body *b, struct buf *head, struct buf scratch, int64_t deadline,
                   struct sign_state *state, const char **why);

/* Asks for keys again, as those of state have expired. False: there are no other ones. */
bool sign_renew(const struct sign_state *state, int64_t deadline);

void sign_forget(void); /* all that is secret */
