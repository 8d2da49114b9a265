// SPDX-License-Identifier: MIT
#include "net/dns_message.h"

#include <string.h>

#define HEADER_BYTES 12
#define LABEL_MAX 63
#define ALIASES_MAX 16 /* in a row; more is a loop, or nobody's intention */
#define CLASS_IN 1
#define TYPE_CNAME 5

/* ---- names ---- */

/* With its length before it. Room is left for the root's empty label, which ends every name. */
static bool put_label(struct dns_name *to, const unsigned char *p, size_t n)
{
	if (!n || n > LABEL_MAX || n + 1 > sizeof to->wire - 1 - to->n)
		return false;
	to->wire[to->n++] = (unsigned char)n;
	for (size_t i = 0; i < n; i++)
		to->wire[to->n++] = ascii_lower((char)p[i]);
	return true;
}

static bool put_labels(struct dns_name *to, str text)
{
	str label;

	while (text.n) {
		str_cut(text, '.', &label, &text);
		if (!put_label(to, (const unsigned char *)label.p, label.n))
			return false;
	}
	return true;
}

bool dns_name_make(str host, str domain, struct dns_name *out)
{
	out->n = 0;
	if (!host.n || !put_labels(out, host) || !put_labels(out, domain))
		return false;
	out->wire[out->n++] = 0;
	return true;
}

/* ---- a message ---- */

struct message {
	const unsigned char *p;
	size_t n, at;
	bool bad; /* it ended too early, or a name in it is none */
};

static unsigned u16(struct message *m)
{
	unsigned v = 0;

	if (m->n - m->at < 2)
		m->bad = true;
	else
		v = (unsigned)m->p[m->at] << 8 | m->p[m->at + 1];
	if (!m->bad)
		m->at += 2;
	return v;
}

static uint32_t u32(struct message *m)
{
	uint32_t high = u16(m);

	return high << 16 | u16(m);
}

/*
 * RFC 1035 4.1.4. A pointer leads to "a prior occurrence", so each must lead to before the place where the part that it ends began: what is read
 * moves towards the start of the message for ever or ends, and cannot loop.
 */
static void read_name(struct message *m, struct dns_name *out)
{
	size_t at = m->at, start = at, after = 0;

	out->n = 0;
	for (;;) {
		size_t left = m->n - at, length, to;

		if (!left)
			break;
		length = m->p[at];
		if (!length) {
			out->wire[out->n++] = 0;
			m->at = after ? after : at + 1;
			return;
		}
		if (length <= LABEL_MAX) {
			if (length > left - 1 || !put_label(out, m->p + at + 1, length))
				break;
			at += 1 + length;
			continue;
		}
		if (length < 0xc0 || left < 2)
			break;
		to = (length & 0x3f) << 8 | m->p[at + 1];
		if (to >= start)
			break;
		if (!after)
			after = at + 2;
		start = at = to;
	}
	m->bad = true;
}

static bool same(const struct dns_name *a, const struct dns_name *b)
{
	return a->n == b->n && !memcmp(a->wire, b->wire, a->n);
}

/* ---- the question ---- */

static unsigned char *put16(unsigned char *p, unsigned v)
{
	p[0] = (unsigned char)(v >> 8);
	p[1] = (unsigned char)v;
	return p + 2;
}

size_t dns_query_write(const struct dns_question *q, unsigned char out[DNS_QUERY_MAX])
{
	/* Recursion desired; one question, nothing else. */
	static const unsigned char rest[HEADER_BYTES - 2] = { 0x01, 0, 0, 1 };
	unsigned char *p = put16(out, q->id);

	memcpy(p, rest, sizeof rest);
	p += sizeof rest;
	memcpy(p, q->name.wire, q->name.n);
	p = put16(put16(p + q->name.n, q->type), CLASS_IN);
	return (size_t)(p - out);
}

/* ---- the answer ---- */

struct record {
	struct dns_name owner;
	unsigned type, class;
	uint32_t ttl;
	struct message data; /* the message as far as the record goes */
};

static bool read_record(struct message *m, struct record *r)
{
	size_t size;

	read_name(m, &r->owner);
	r->type = u16(m);
	r->class = u16(m);
	r->ttl = u32(m);
	size = u16(m);
	if (m->bad || size > m->n - m->at)
		return false;
	r->data = (struct message){ m->p, m->at + size, m->at, false };
	m->at += size;
	return true;
}

static void live_for(struct dns_answer *out, uint32_t ttl)
{
	if (ttl > INT32_MAX) /* RFC 2181 section 8 */
		ttl = 0;
	if (ttl < out->ttl)
		out->ttl = ttl;
}

/* One walk through the records, for the addresses of name, or else for its alias, which name then becomes. */
static enum dns_verdict walk(struct message m, unsigned records, unsigned type, struct dns_name *name, bool *moved,
                             struct dns_answer *out)
{
	size_t size = type == DNS_A ? 4 : 16;
	struct dns_name alias;
	uint32_t alias_ttl = 0;
	struct record r;

	*moved = false;
	while (records--) {
		if (!read_record(&m, &r))
			return DNS_REFUSED;
		if (r.class != CLASS_IN || !same(&r.owner, name))
			continue;
		if (r.type == type) {
			if (r.data.n - r.data.at != size)
				return DNS_REFUSED;
			if (out->count < DNS_ADDRESSES_MAX)
				memcpy(out->address[out->count++], r.data.p + r.data.at, size);
			live_for(out, r.ttl);
		} else if (r.type == TYPE_CNAME && !*moved) {
			read_name(&r.data, &alias);
			if (r.data.bad || r.data.at != r.data.n)
				return DNS_REFUSED;
			alias_ttl = r.ttl;
			*moved = true;
		}
	}
	if (out->count)
		return DNS_ADDRESSES;
	if (*moved) {
		*name = alias;
		live_for(out, alias_ttl);
	}
	return DNS_NO_DATA;
}

enum dns_verdict dns_answer_read(const unsigned char *p, size_t n, const struct dns_question *q, struct dns_answer *out)
{
	struct message m = { p, n, 0, false };
	unsigned id = u16(&m), flags = u16(&m), questions = u16(&m), records = u16(&m), code = flags & 15;
	enum dns_verdict verdict = DNS_NO_DATA;
	struct dns_name name;
	bool moved = true;

	*out = (struct dns_answer){ .ttl = UINT32_MAX };
	u32(&m); /* how many records of the other sections: not looked at */
	if (m.bad || id != q->id || (flags & 0xf800) != 0x8000 /* a response, to a standard query */ || questions != 1)
		return DNS_FOREIGN;
	read_name(&m, &name);
	if (u16(&m) != q->type || u16(&m) != CLASS_IN || m.bad || !same(&name, &q->name))
		return DNS_FOREIGN;
	if (code != 0 && code != 3)
		return DNS_REFUSED;
	if (flags & 0x0200)
		return DNS_TRUNCATED;
	if (code == 3)
		return DNS_NO_NAME;
	for (int aliases = 0; moved && verdict == DNS_NO_DATA; aliases++) {
		if (aliases > ALIASES_MAX)
			return DNS_REFUSED;
		verdict = walk(m, records, q->type, &name, &moved, out);
	}
	return verdict;
}
