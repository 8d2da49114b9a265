// SPDX-License-Identifier: MIT
#include "base/clock.h"
#include "tls/slot.h"

#include <string.h>

/*
 * What went wrong, for a person. %: the host. Each text says the cause, then what to do; where BearSSL has one code for several causes, what is
 * left of the handshake in the slot tells them apart.
 */
struct buf *tls_explain(struct tls_slot *t)
{
	t->problem = BUF(t->problem_text);
	return &t->problem;
}

struct cause {
	short code;
	unsigned char err;
	const char *text;
};

#define ALERT(n) (BR_ERR_RECV_FATAL_ALERT + (n)) /* RFC 8446 section 6, and what TLS 1.2 had beside it */

#define FOREIGN_CERTIFICATE "the certificate of % is damaged or has something that this TLS does not know"
#define REFUSED_CERTIFICATE "% refuses the client certificate; check the certificate and key that are configured"
#define DAMAGED "what came from % was changed on the way; a proxy in between, or an attack"

static const struct cause causes[] = {
	{ BR_ERR_X509_NOT_TRUSTED, ERR_CERTIFICATE,
	  "the certificate of % leads to no trusted root: a private authority, or an intermediate that the server does not "
	  "send; add the "
	  "authority's certificate to the trusted ones" },
	{ BR_ERR_X509_BAD_SERVER_NAME, ERR_CERTIFICATE,
	  "the certificate is not one of %; use a name that is in it, or a certificate with this name" },
	{ BR_ERR_X509_EXPIRED, ERR_CERTIFICATE, "a certificate of % is not valid at this time" },
	{ BR_ERR_X509_CRITICAL_EXTENSION, ERR_CERTIFICATE,
	  "a certificate of % has name constraints or another critical extension that this TLS does not know; trust the "
	  "authority below it instead" },
	{ BR_ERR_X509_UNSUPPORTED, ERR_CERTIFICATE,
	  "a certificate of % is signed with RSA-PSS or has a kind of key that this TLS does not know; use ECDSA or RSA "
	  "with PKCS #1" },
	{ BR_ERR_X509_WEAK_PUBLIC_KEY, ERR_CERTIFICATE,
	  "a certificate of % has an RSA key under 2048 bits; use a longer one" },
	{ BR_ERR_X509_BAD_SIGNATURE, ERR_CERTIFICATE,
	  "a signature in the certificates of % is wrong: its authority only has the name of a trusted one" },
	{ BR_ERR_X509_DN_MISMATCH, ERR_CERTIFICATE,
	  "the certificates of % do not follow each other; send its own first, then each one that signed the one before" },
	{ BR_ERR_X509_NOT_CA, ERR_CERTIFICATE, "a certificate of % is signed by one that is no authority" },
	{ BR_ERR_X509_FORBIDDEN_KEY_USAGE, ERR_CERTIFICATE,
	  "a certificate of % may not be used for this; it needs the key usage digitalSignature" },
	{ BR_ERR_WRONG_KEY_USAGE, ERR_CERTIFICATE,
	  "the certificate of % may not sign; it needs the key usage digitalSignature" },
	{ BR_ERR_NO_CLIENT_AUTH, ERR_CERTIFICATE,
	  "% asks for a client certificate of a kind that the configured one is not" },
	{ ALERT(40), ERR_TLS,
	  "% has no cipher suite in common with this TLS (1.2, ECDHE, AES-GCM or ChaCha20, no RSA-PSS), or wants a client "
	  "certificate" },
	{ ALERT(42), ERR_CERTIFICATE, REFUSED_CERTIFICATE },
	{ ALERT(43), ERR_CERTIFICATE, REFUSED_CERTIFICATE },
	{ ALERT(44), ERR_CERTIFICATE, "% says that the client certificate is revoked; use another" },
	{ ALERT(45), ERR_CERTIFICATE, "% says that the client certificate has expired; renew it" },
	{ ALERT(46), ERR_CERTIFICATE, REFUSED_CERTIFICATE },
	{ ALERT(48), ERR_CERTIFICATE,
	  "% does not know the authority of the client certificate; configure what is between them as well" },
	{ ALERT(49), ERR_CERTIFICATE, REFUSED_CERTIFICATE },
	{ ALERT(51), ERR_CERTIFICATE, "% finds a signature wrong; do the client certificate and its key belong together?" },
	{ ALERT(70), ERR_TLS,
	  "% does not speak TLS 1.2, most likely TLS 1.3 only, which this TLS does not; allow 1.2 there, or send through "
	  "something that speaks both" },
	{ ALERT(112), ERR_TLS, "the server does not know the name %; check the host" },
	{ ALERT(116), ERR_CERTIFICATE, "% wants a client certificate; configure one with its key" },
	{ ALERT(120), ERR_TLS, "% does not offer HTTP/1.1 (ALPN); allow it there" },
	{ BR_ERR_UNSUPPORTED_VERSION, ERR_TLS, "% speaks no TLS on this port, or none of 1.2; https needs a TLS port" },
	{ BR_ERR_UNKNOWN_TYPE, ERR_TLS, "% speaks no TLS on this port; https needs a TLS port" },
	{ BR_ERR_BAD_CIPHER_SUITE, ERR_TLS, "% chose a cipher suite that it was not offered" },
	{ BR_ERR_NO_RANDOM, ERR_SYSTEM, "the kernel gives no random numbers" },
	{ BR_ERR_BAD_MAC, ERR_RECORD, DAMAGED },
	{ BR_ERR_BAD_FINISHED, ERR_RECORD, DAMAGED },
	{ BR_ERR_BAD_SIGNATURE, ERR_RECORD, DAMAGED },
	{ 0, ERR_TLS, "the TLS of % does not keep to the protocol" },
};

static const struct cause *cause_of(int code)
{
	const struct cause *c = causes;

	while (c->code && c->code != code)
		c++;
	return c;
}

static void put(struct buf *b, const char *text, str host)
{
	str before, after;

	if (!str_cut(str_of(text), '%', &before, &after)) {
		buf_put(b, before);
		return;
	}
	buf_put(b, before);
	buf_put(b, host);
	buf_put(b, after);
}

/* ---- which date it was: BearSSL does not tell, but the handshake's first bytes, the server's certificate among them, are still in the buffer ---- */

/* A UTCTime or GeneralizedTime (RFC 5280 4.1.2.5) as YYYYMMDD in p[0..8); the bytes it takes, 0: it is none. */
static size_t read_time(const unsigned char *at, size_t n, char day[8])
{
	bool utc = n >= 15 && at[0] == 0x17 && at[1] == 13, general = n >= 17 && at[0] == 0x18 && at[1] == 15;

	if (!utc && !general)
		return 0;
	if (utc)
		memcpy(day, at[2] < '5' ? "20" : "19", 2);
	memcpy(day + (utc ? 2 : 0), at + 2, utc ? 6 : 8);
	for (int i = 0; i < 8; i++)
		if (day[i] < '0' || day[i] > '9')
			return 0;
	return utc ? 15 : 17;
}

static void put_day(struct buf *b, const char day[8])
{
	buf_put(b, (str){ day, 4 });
	buf_putc(b, '-');
	buf_put(b, (str){ day + 4, 2 });
	buf_putc(b, '-');
	buf_put(b, (str){ day + 6, 2 });
}

static void put_dates(struct tls_slot *t)
{
	char text[CLOCK_RFC3339_BYTES] = "", now[8], from[8], to[8];
	struct buf clock = BUF(text), *b = &t->problem;

	clock_rfc3339(&clock, clock_wall_ns());
	memcpy(now, text, 4);
	memcpy(now + 4, text + 5, 2);
	memcpy(now + 6, text + 8, 2);
	for (size_t i = 0; i < sizeof t->in - 2; i++) {
		size_t n, m;

		if (t->in[i] != 0x30 || !(n = read_time(t->in + i + 2, sizeof t->in - i - 2, from)))
			continue;
		if (!(m = read_time(t->in + i + 2 + n, sizeof t->in - i - 2 - n, to)) || n + m != t->in[i + 1])
			continue;
		if (memcmp(now, from, 8) <= 0 && memcmp(from, to, 8) < 0) {
			buf_put(b, S(": it begins on "));
			put_day(b, from);
			break;
		}
		if (memcmp(now, to, 8) >= 0) {
			buf_put(b, S(": it has expired on "));
			put_day(b, to);
			break;
		}
	}
	buf_put(b, S(", and this machine's clock says "));
	buf_put(b, buf_str(&clock));
	buf_put(b, S("; renew the certificate, or set the clock"));
}

static bool self_signed(const br_x509_minimal_context *x)
{
	return !memcmp(x->current_dn_hash, x->saved_dn_hash, br_sha256_SIZE);
}

void tls_explain_end(struct tls_slot *t, enum err e)
{
	struct buf *b = tls_explain(t);

	put(b,
	    e == ERR_TIMEOUT ? "% did not finish the TLS handshake in time"
	                     : "% closed the connection in the TLS handshake",
	    str_of(t->host));
}

static enum err in_use(struct tls_slot *t, int code)
{
	struct buf *b = tls_explain(t);
	str host = str_of(t->host);

	if (code >= BR_ERR_RECV_FATAL_ALERT && code != ALERT(20) && code != ALERT(51)) {
		put(b, "% ended the connection with TLS alert ", host);
		buf_u64(b, (uint64_t)(code - BR_ERR_RECV_FATAL_ALERT));
		return ERR_CLOSED;
	}
	put(b, DAMAGED, host);
	return ERR_RECORD;
}

enum err tls_explain_failure(struct tls_slot *t, bool in_handshake)
{
	int code = br_ssl_engine_last_error(&t->client.eng);
	const struct cause *c = cause_of(code);
	struct buf *b = tls_explain(t);

	if (!in_handshake)
		return in_use(t, code);
	if (code == BR_ERR_X509_NOT_TRUSTED && self_signed(&t->x509)) {
		put(b,
		    "the certificate of % is self-signed; add it to the trusted ones, or use one that an authority has signed",
		    str_of(t->host));
		return ERR_CERTIFICATE;
	}
	if (!c->code && code > BR_ERR_X509_OK && code <= BR_ERR_X509_NOT_TRUSTED) {
		put(b, FOREIGN_CERTIFICATE, str_of(t->host));
	} else if (!c->code && code >= BR_ERR_RECV_FATAL_ALERT) {
		put(b, "% ends the handshake", str_of(t->host));
	} else {
		put(b, c->text, str_of(t->host));
	}
	if (code == BR_ERR_X509_EXPIRED)
		put_dates(t);
	if (!c->code) {
		buf_put(b, code >= BR_ERR_RECV_FATAL_ALERT ? S(", TLS alert ") : S(", BearSSL error "));
		buf_u64(b, (uint64_t)(code >= BR_ERR_SEND_FATAL_ALERT   ? code - BR_ERR_SEND_FATAL_ALERT
		                      : code >= BR_ERR_RECV_FATAL_ALERT ? code - BR_ERR_RECV_FATAL_ALERT
		                                                        : code));
	}
	return !c->code && code > BR_ERR_X509_OK && code <= BR_ERR_X509_NOT_TRUSTED ? ERR_CERTIFICATE : (enum err)c->err;
}
