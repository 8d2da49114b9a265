// SPDX-License-Identifier: MIT
#pragma once

#include "aws/sigv4.h"
#include "export/envelope.h"
#include "otlp/receiver.h"

/*
 * What a request carries: the pieces of what was recorded, where they lie, or one piece of JSON or of gzip in memory of the caller. It stays the same
 * however often it is sent, and so does its hash.
 */
struct body {
	struct iovec iov[ENVELOPE_PARTS_MAX];
	int count;
	size_t n;
	bool gzip;
	bool hashed;
	char hash[SIGV4_HEX_BYTES];
	struct envelope envelope;
};

/* Takes what it needs of room, which stays until the body has been sent. False: JSON that does not fit there. */
bool body_make(struct body *b, const struct receiver *r, const struct resource *resource,
               const struct signal_items *items, struct buf *room);

str body_hash(struct body *b); /* of the bytes as they are sent, in hex */
