// SPDX-License-Identifier: MIT
#pragma once

#include "base/arena.h"
#include "base/str.h"
#include "lambda.h"

/*
 * The invocation region: one static buffer, reset for each event, that holds in this order the head and body of /next, the reply as it is
 * written, free room, and from the top down what lambda_alloc() and the JSON getters take. So small invocations live in the first
 * two pages, and the reply of a full event still has its 6 291 556 bytes.
 */
#define ERROR_TYPE_MAX 256
#define ERROR_MESSAGE_MAX 4096

struct invocation {
	struct lambda_call call; /* first: a handler's pointer is ours */
	str invocation_id;       /* Lambda-Runtime-Invocation-Id, echoed when present */

	struct arena room; /* next: end of the reply so far; end: start of what lambda_alloc gave */
	char *reply_start;
	str borrowed;        /* p not NULL: the reply, instead of what was written */
	size_t scratch_left; /* of LAMBDA_SCRATCH_MAX */
	bool reply_too_large;
	str content_type; /* of the reply */

	bool failed;
	str error_type, error_message; /* as lambda_fail() was given them; they hold until the next failure */
};

static inline struct invocation *invocation_of(struct lambda_call *call)
{
	return (struct invocation *)call;
}

/* Ready for a handler: empty reply in room[0..n), nothing failed; call and invocation_id are the caller's to fill. */
void invocation_begin(struct invocation *inv, char *room, size_t n);
str invocation_reply(const struct invocation *inv);
