// SPDX-License-Identifier: MIT
#pragma once

#include "base/buf.h"
#include "otlp/receiver.h"

/*
 * The connections of export: one a peer, kept across invocations while the peer keeps it, three in all, since there are three signals. Signals that go
 * to the same host, port and proxy with the same certificates share one.
 */
unsigned connection_slot(const struct receiver *r, const struct receiver *receivers, unsigned made);

struct stream *connection_stream(const struct receiver *r);

bool connection_kept(const struct receiver *r); /* open from an earlier request, and the peer has not closed it since */

/*
 * A new one, through a proxy and with TLS where they are to be. room: for a proxy's reply. *status: what the proxy said, when it refused.
 */
enum err connection_open(const struct receiver *r, char *room, size_t cap, int64_t deadline, int *status);

/* To the endpoint of a container's credentials by https, past any proxy. What is wrong with its TLS is said. */
enum err connection_to_keys(struct stream *s, const struct url *to, int64_t deadline);

/* What went wrong, for people. */
void connection_explain(const struct receiver *r, enum err failed, int status, struct buf *out);

void connection_forget(void);
