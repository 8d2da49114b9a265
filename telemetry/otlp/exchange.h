// SPDX-License-Identifier: MIT
#pragma once

#include "net/http.h"
#include "otlp/sign.h"

/*
 * One request and its reply, signed at the last moment. Only a connection that was left over from an earlier request and broke before a reply may have
 * been dead all along: then the request goes again, once, on a new one; OTLP allows the duplicate.
 */
#define EXCHANGE_BYTES \
	65536 /* for the request's head, and then for the reply; a body beyond what its head leaves is too large */

struct exchange {
	struct receiver *receiver;
	struct body *body;
	char *memory; /* EXCHANGE_BYTES */
	int64_t deadline;

	struct http_reply reply; /* in memory */
	bool is_signed;
	struct sign_state signature;
	enum err failed;     /* EXCHANGE_FAILED: why, */
	int proxy_status;    /* and what the proxy said, */
	const char *no_keys; /* EXCHANGE_UNSIGNED: why */
};

enum exchanged {
	EXCHANGE_REPLIED,
	EXCHANGE_FAILED,  /* no reply */
	EXCHANGE_UNSIGNED /* nothing was sent: it cannot be signed */
};

enum exchanged exchange_run(struct exchange *x);

/* The parts, for who writes and reads at different moments. The head lies in memory, and holds secrets. False: it cannot be signed. */
bool exchange_head(struct exchange *x, struct buf *head);
enum err exchange_reply(struct exchange *x); /* OK, too, for a refusal of which only the head came */
