// SPDX-License-Identifier: MIT
#pragma once

#include "net/dns_message.h"

#include <string.h>

/* DNS messages made by hand, right or wrong. */
struct dns_wire {
	unsigned char p[65535];
	size_t n;
};

#define RESPONSE 0x8180u /* to a recursive query, by a server that recurses */
#define TRUNCATED 0x0200u
#define CNAME 5

static inline void wire_u16(struct dns_wire *w, unsigned v)
{
	w->p[w->n++] = (unsigned char)(v >> 8);
	w->p[w->n++] = (unsigned char)v;
}

static inline void wire_bytes(struct dns_wire *w, const void *p, size_t n)
{
	memcpy(w->p + w->n, p, n);
	w->n += n;
}

/* The labels of "a.b", then a pointer to where when that is not 0, else the root. */
static inline void wire_name(struct dns_wire *w, const char *text, unsigned pointer)
{
	while (*text) {
		size_t n = strcspn(text, ".");

		w->p[w->n++] = (unsigned char)n;
		wire_bytes(w, text, n);
		text += n + (text[n] == '.');
	}
	if (pointer)
		wire_u16(w, 0xc000 | pointer);
	else
		w->p[w->n++] = 0;
}

/* The header, and the question as it was asked; the question's name is at 12. */
static inline void wire_start(struct dns_wire *w, const struct dns_question *q, unsigned flags, unsigned records)
{
	w->n = 0;
	wire_u16(w, q->id);
	wire_u16(w, flags);
	wire_u16(w, 1);
	wire_u16(w, records);
	wire_u16(w, 0);
	wire_u16(w, 0);
	wire_bytes(w, q->name.wire, q->name.n);
	wire_u16(w, q->type);
	wire_u16(w, 1);
}

static inline void wire_record(struct dns_wire *w, const char *owner, unsigned pointer, unsigned type, uint32_t ttl)
{
	wire_name(w, owner, pointer);
	wire_u16(w, type);
	wire_u16(w, 1);
	wire_u16(w, ttl >> 16);
	wire_u16(w, ttl & 0xffff);
}

static inline void wire_address(struct dns_wire *w, const char *owner, unsigned pointer, uint32_t ttl,
                                const char *bytes, size_t n)
{
	wire_record(w, owner, pointer, n == 4 ? DNS_A : DNS_AAAA, ttl);
	wire_u16(w, (unsigned)n);
	wire_bytes(w, bytes, n);
}

static inline void wire_alias(struct dns_wire *w, const char *owner, unsigned pointer, uint32_t ttl, const char *target,
                              unsigned target_pointer)
{
	size_t at;

	wire_record(w, owner, pointer, CNAME, ttl);
	at = w->n;
	wire_u16(w, 0);
	wire_name(w, target, target_pointer);
	w->p[at] = (unsigned char)((w->n - at - 2) >> 8);
	w->p[at + 1] = (unsigned char)(w->n - at - 2);
}
