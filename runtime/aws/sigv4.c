// SPDX-License-Identifier: MIT
#include "aws/sigv4.h"

#include "aws/canonical.h"
#include "base/date.h"
#include "aws/signing_key.h"
#include "base/percent.h"

#include <string.h>

#define ALGORITHM "AWS4-HMAC-SHA256"
#define UNSIGNED_PAYLOAD "UNSIGNED-PAYLOAD"

/* ---- what is signed ---- */

bool sigv4_unsigned(str field)
{
	static const str names[] = {
		{ "authorization", 13 },
		{ "connection", 10 },
		{ "expect", 6 },
		{ "keep-alive", 10 },
		{ "te", 2 },
		{ "trailer", 7 },
		{ "upgrade", 7 },
		{ "transfer-encoding", 17 },
		{ "user-agent", 10 },
		{ "x-amzn-trace-id", 15 },
	};
	static const str prefixes[] = { { "proxy-", 6 }, { "sec-websocket-", 14 } };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_ieq(field, names[i]))
			return true;
	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
		if (field.n >= prefixes[i].n && str_ieq((str){ field.p, prefixes[i].n }, prefixes[i]))
			return true;
	return false;
}

static bool sets_token(const struct sigv4_signer *signer, unsigned flags)
{
	return signer->token.n || flags & SIGV4_TOKEN_AFTER;
}

static bool sends_hash(unsigned flags)
{
	return !(flags & SIGV4_QUERY) && flags & (SIGV4_S3 | SIGV4_SIGN_BODY);
}

bool sigv4_sets(const struct sigv4_signer *signer, unsigned flags, str field)
{
	if (str_ieq(field, S("x-amz-date")))
		return true;
	if (str_ieq(field, S("authorization")))
		return !(flags & SIGV4_QUERY);
	if (str_ieq(field, S("x-amz-security-token")))
		return sets_token(signer, flags);
	return str_ieq(field, S("x-amz-content-sha256")) && sends_hash(flags);
}

bool sigv4_sets_param(const struct sigv4_signer *signer, unsigned flags, str param)
{
	static const str names[] = {
		{ "X-Amz-Algorithm", 15 }, { "X-Amz-Credential", 16 },    { "X-Amz-Date", 10 },
		{ "X-Amz-Expires", 13 },   { "X-Amz-SignedHeaders", 19 }, { "X-Amz-Signature", 15 },
	};

	if (!(flags & SIGV4_QUERY))
		return false;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_eq(param, names[i]))
			return true;
	return str_eq(param, S("X-Amz-Security-Token")) && sets_token(signer, flags);
}

/* ---- signing ---- */

static str day_of(const char date[DATE_AMZ_BYTES])
{
	return (str){ date, DATE_DAY_BYTES };
}

/* One request on its way: what several steps need of each other. */
struct signing {
	const struct sigv4_signer *signer;
	const struct sigv4_request *request;
	char date[DATE_AMZ_BYTES];
	str payload;
	struct canonical_fields fields;
	struct canonical_params params;
};

/*
 * It goes into header lines and into the scope, or names a field: what is no visible ASCII could end a line
 * there.
 */
static bool visible(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return false;
	return true;
}

static bool usable(const struct sigv4_signer *s, const struct sigv4_request *r)
{
	const str named[] = { s->id, s->region, s->service, r->method, r->payload };

	for (size_t i = 0; i < sizeof named / sizeof *named; i++)
		if (!named[i].n || !visible(named[i]))
			return false;
	if (!s->secret.n || s->secret.n > SIGV4_SECRET_MAX || !visible(s->token) || r->field_count > SIGV4_FIELDS_MAX)
		return false;
	for (size_t i = 0; i < r->field_count; i++)
		if (!r->fields[i].name.n || !visible(r->fields[i].name))
			return false;
	return !(r->flags & SIGV4_QUERY) || (r->expires >= 1 && r->expires <= SIGV4_EXPIRES_MAX);
}

static bool collect_fields(struct signing *g)
{
	const struct sigv4_request *r = g->request;
	const struct sigv4_signer *s = g->signer;
	bool fit = true;

	for (size_t i = 0; i < r->field_count; i++)
		if (!sigv4_unsigned(r->fields[i].name) && !sigv4_sets(s, r->flags, r->fields[i].name))
			fit = fit && canonical_fields_add(&g->fields, r->fields[i].name, r->fields[i].value);
	if (r->flags & SIGV4_QUERY)
		return fit;
	fit = fit && canonical_fields_add(&g->fields, S("x-amz-date"), (str){ g->date, sizeof g->date });
	if (s->token.n && !(r->flags & SIGV4_TOKEN_AFTER))
		fit = fit && canonical_fields_add(&g->fields, S("x-amz-security-token"), s->token);
	if (sends_hash(r->flags))
		fit = fit && canonical_fields_add(&g->fields, S("x-amz-content-sha256"), g->payload);
	return fit;
}

/* A query that is not empty has a parameter more than it has '&', be they empty ones. */
static bool add_params(struct signing *g, struct buf *scratch, str query, bool ours)
{
	bool more = query.n > 0;

	while (more) {
		str pair, name, value;

		more = str_cut(query, '&', &pair, &query);
		str_cut(pair, '=', &name, &value);
		if ((ours || !sigv4_sets_param(g->signer, g->request->flags, name)) &&
		    !canonical_params_add(&g->params, scratch, name, value))
			return false;
	}
	return true;
}

static void put_scope(struct buf *out, const struct signing *g)
{
	buf_put(out, day_of(g->date));
	buf_putc(out, '/');
	buf_put(out, g->signer->region);
	buf_putc(out, '/');
	buf_put(out, g->signer->service);
	buf_put(out, S("/" SIGNING_KEY_TERMINATOR));
}

static str put_credential(struct buf *out, const struct signing *g)
{
	size_t start = out->n;

	buf_put(out, g->signer->id);
	buf_putc(out, '/');
	put_scope(out, g);
	return (str){ out->p + start, out->n - start };
}

static str put_names(struct buf *out, const struct signing *g)
{
	size_t start = out->n;

	canonical_put_names(out, &g->fields);
	return (str){ out->p + start, out->n - start };
}

static void put_token_param(struct buf *out, const struct signing *g)
{
	buf_put(out, S("&X-Amz-Security-Token="));
	percent_encode(out, g->signer->token);
}

/* The parameters to be signed, which is all but the last. */
static str put_own_params(struct buf *out, struct buf *scratch, const struct signing *g)
{
	size_t start = out->n;

	buf_put(out, S("X-Amz-Algorithm=" ALGORITHM "&X-Amz-Credential="));
	percent_encode(out, put_credential(scratch, g));
	buf_put(out, S("&X-Amz-Date="));
	buf_put(out, (str){ g->date, sizeof g->date });
	buf_put(out, S("&X-Amz-Expires="));
	buf_u64(out, g->request->expires);
	buf_put(out, S("&X-Amz-SignedHeaders="));
	percent_encode(out, put_names(scratch, g));
	if (g->signer->token.n && !(g->request->flags & SIGV4_TOKEN_AFTER))
		put_token_param(out, g);
	return (str){ out->p + start, out->n - start };
}

static str put_canonical(struct buf *out, struct signing *g)
{
	size_t start = out->n;

	buf_put(out, g->request->method);
	buf_putc(out, '\n');
	canonical_put_path(out, g->request->path, g->request->flags);
	buf_putc(out, '\n');
	canonical_put_params(out, &g->params);
	buf_putc(out, '\n');
	canonical_put_fields(out, &g->fields);
	buf_putc(out, '\n');
	canonical_put_names(out, &g->fields);
	buf_putc(out, '\n');
	buf_put(out, g->payload);
	return (str){ out->p + start, out->n - start };
}

static str put_to_sign(struct buf *out, const struct signing *g, str canonical)
{
	struct iovec whole = { (void *)(uintptr_t)canonical.p, canonical.n };
	char hash[SIGV4_HEX_BYTES];
	size_t start = out->n;

	sigv4_payload(&whole, 1, hash);
	buf_put(out, S(ALGORITHM "\n"));
	buf_put(out, (str){ g->date, sizeof g->date });
	buf_putc(out, '\n');
	put_scope(out, g);
	buf_putc(out, '\n');
	buf_put(out, (str){ hash, sizeof hash });
	return (str){ out->p + start, out->n - start };
}

static void put_line(struct buf *out, str name, str value)
{
	buf_put(out, name);
	buf_put(out, S(": "));
	buf_put(out, value);
	buf_put(out, S("\r\n"));
}

static void put_lines(struct buf *out, const struct signing *g, str signature)
{
	put_line(out, S("x-amz-date"), (str){ g->date, sizeof g->date });
	if (g->signer->token.n)
		put_line(out, S("x-amz-security-token"), g->signer->token);
	if (sends_hash(g->request->flags))
		put_line(out, S("x-amz-content-sha256"), g->payload);
	buf_put(out, S("authorization: " ALGORITHM " Credential="));
	put_credential(out, g);
	buf_put(out, S(", SignedHeaders="));
	canonical_put_names(out, &g->fields);
	buf_put(out, S(", Signature="));
	buf_put(out, signature);
	buf_put(out, S("\r\n"));
}

bool sigv4_sign(const struct sigv4_signer *signer, const struct sigv4_request *request, struct buf *scratch,
                struct buf *out, struct sigv4_signed *result)
{
	struct signing g; /* 12 kB, of which a request without a query uses little: not zeroed as a whole */
	struct buf date = BUF(g.date), hex = BUF(result->signature);
	unsigned char key[SIGV4_HASH_BYTES], mac[SIGV4_HASH_BYTES];
	bool in_query = request->flags & SIGV4_QUERY;
	str own = { 0 };

	if (!usable(signer, request))
		return false;
	g.signer = signer;
	g.request = request;
	g.payload = request->payload;
	g.fields.n = g.params.n = 0;
	date_put_amz(&date, signer->at);
	if (in_query && request->flags & SIGV4_S3)
		g.payload = S(UNSIGNED_PAYLOAD); /* whoever uses the URL brings the body */
	if (!collect_fields(&g))
		return false;
	if (in_query)
		own = put_own_params(out, scratch, &g);
	if (!add_params(&g, scratch, request->query, false) || !add_params(&g, scratch, own, true))
		return false;
	result->canonical = put_canonical(scratch, &g);
	result->to_sign = put_to_sign(scratch, &g, result->canonical);
	if (scratch->full || out->full)
		return false;

	signing_key(signer, day_of(g.date), key);
	signing_key_mac(key, result->to_sign, mac);
	explicit_bzero(key, sizeof key);
	buf_hex(&hex, mac, sizeof mac);
	if (in_query) {
		buf_put(out, S("&X-Amz-Signature="));
		buf_put(out, buf_str(&hex));
		if (signer->token.n && request->flags & SIGV4_TOKEN_AFTER)
			put_token_param(out, &g);
	} else {
		put_lines(out, &g, buf_str(&hex));
	}
	return !out->full;
}
