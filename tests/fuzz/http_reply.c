// SPDX-License-Identifier: MIT
#include "base/clock.h"
#include "net/http.h"
#include "net/proxy.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A peer that sends the input in pieces, and then ends. */
struct peer {
	str left;
	size_t step;
};

static enum err peer_read(struct stream *s, void *p, size_t n, int64_t deadline, size_t *got)
{
	struct peer *peer = s->layer_state;
	size_t take = peer->step < n ? peer->step : n;

	(void)deadline;
	take = take < peer->left.n ? take : peer->left.n;
	if (!n)
		abort();
	if (take)
		memcpy(p, peer->left.p, take);
	peer->left = (str){ peer->left.p + take, peer->left.n - take };
	*got = take;
	return OK;
}

static enum err peer_write(struct stream *s, struct iovec *iov, int count, int64_t deadline)
{
	(void)s, (void)iov, (void)count, (void)deadline;
	return OK;
}

static bool peer_stale(const struct stream *s)
{
	(void)s;
	return false;
}

static void peer_close(struct stream *s)
{
	(void)s;
}

static const struct stream_layer layer = { peer_read, peer_write, peer_stale, peer_close };

/* The room is as long as it is, so that a byte behind it is seen. */
static enum err reply(str wire, size_t step, size_t cap, struct http_reply *out, char **room)
{
	struct peer peer = { wire, step };
	struct stream s = { .fd = -1, .layer = &layer, .layer_state = &peer };
	enum err e = http_read_reply(&s, *room = malloc(cap), cap, 4096, STREAM_FOREVER, out);

	if (e == OK &&
	    (out->body.n > 4096 || (out->body.n && (out->body.p < *room || out->body.p + out->body.n > *room + cap))))
		abort();
	return e;
}

static void tunnel(str wire, size_t step, size_t cap)
{
	struct peer peer = { wire, step };
	struct stream s = { .fd = -1, .layer = &layer, .layer_state = &peer };
	struct url to = { .tls = true, .host = S("c.example"), .port = 443 };
	struct proxy proxy = { .secret_n = 0 };
	char *room = malloc(cap);
	int status;
	enum err e = proxy_connect(&s, &proxy, &to, room, cap, STREAM_FOREVER, &status);

	if ((e == ERR_PROXY) != (status != 0) || (e == OK && peer.left.n == wire.n))
		abort();
	free(room);
}

/* The first byte is the size of the pieces, the second that of the room; what is read must not depend on the pieces. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_reply whole, pieces;
	char *a, *b;
	str wire;
	size_t cap;
	enum err e, f;

	if (size < 2)
		return 0;
	wire = (str){ (const char *)data + 2, size - 2 };
	cap = 1 + (size_t)data[1] * 16;
	e = reply(wire, wire.n + 1, cap, &whole, &a);
	f = reply(wire, 1 + data[0] % 64, cap, &pieces, &b);
	/* How much of what follows a reply is there already depends on the pieces, and whether the room has to hold more than the reply. */
	if (e == OK && f == OK && (whole.head.status != pieces.head.status || !str_eq(whole.body, pieces.body)))
		abort();
	free(a);
	free(b);
	tunnel(wire, 1 + data[0] % 64, cap);
	return 0;
}
