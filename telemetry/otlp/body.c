// SPDX-License-Identifier: MIT
#include "otlp/body.h"

#include "encode/otlp_json.h"
#include "export/gzip.h"

static void add(struct body *b, const char *p, size_t n)
{
	b->iov[b->count++] = (struct iovec){ (void *)(uintptr_t)p, n };
	b->n += n;
}

static bool put_json(struct body *b, const struct receiver *r, const struct resource *resource,
                     const struct signal_items *items, struct buf *room)
{
	struct text t = { .p = room->p + room->n, .cap = room->cap - room->n };

	otlp_json_request(&t, r->signal, resource, items);
	if (t.full)
		return false;
	room->n += t.n;
	add(b, t.p, t.n);
	return true;
}

static void put_wire(struct body *b, const struct resource *resource, const struct signal_items *items)
{
	envelope_make(&b->envelope, resource, items);
	for (int i = 0; i < b->envelope.part_count; i++)
		add(b, b->envelope.parts[i].p, b->envelope.parts[i].n);
}

/* What does not become smaller goes as it is. */
static void compress(struct body *b, int level, struct buf *room)
{
	char *out = room->p + room->n;
	str parts[ENVELOPE_PARTS_MAX];
	size_t n;

	for (int i = 0; i < b->count; i++)
		parts[i] = (str){ b->iov[i].iov_base, b->iov[i].iov_len };
	n = gzip_make(parts, b->count, out, room->cap - room->n, level);
	if (!n || n >= b->n)
		return;
	room->n += n;
	b->count = 0;
	b->n = 0;
	b->gzip = true;
	add(b, out, n);
}

bool body_make(struct body *b, const struct receiver *r, const struct resource *resource,
               const struct signal_items *items, struct buf *room)
{
	b->count = 0;
	b->n = 0;
	b->gzip = b->hashed = false;
	if (!r->json)
		put_wire(b, resource, items);
	else if (!put_json(b, r, resource, items, room))
		return false;
	if (r->level && b->n >= GZIP_WORTH_BYTES)
		compress(b, r->level, room);
	return true;
}

str body_hash(struct body *b)
{
	if (!b->hashed)
		sigv4_payload(b->iov, b->count, b->hash);
	b->hashed = true;
	return (str){ b->hash, sizeof b->hash };
}
