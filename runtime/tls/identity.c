// SPDX-License-Identifier: MIT
#include "tls/pem.h"
#include "tls/slot.h"

#include <string.h>

/* Why a file is of no use; the text that follows its name. */
static const char *const not_read = ": it cannot be read; is it in the package, and readable for the function?";
static const char *const damaged = ": it is damaged; PEM is wanted, between BEGIN and END lines";

struct looking {
	struct tls_slot *slot;
	const char *wrong;
};

static bool take_certificate(void *to, str label, str der)
{
	struct looking *l = to;
	struct tls_identity *id = &l->slot->identity;

	if (!str_eq(label, S("CERTIFICATE")) && !str_eq(label, S("X509 CERTIFICATE")))
		return true;
	if (id->certificates == TLS_CHAIN_MAX || der.n > sizeof id->bytes - id->used) {
		l->wrong = ": more than 4 certificates or 8 kB; the client's own and those up to the root are enough";
		return false;
	}
	memcpy(id->bytes + id->used, der.p, der.n);
	id->chain[id->certificates++] = (br_x509_certificate){ id->bytes + id->used, der.n };
	id->used += der.n;
	return true;
}

/* ---- DER, as far as it takes to see that a key fits ---- */

static bool next_element(str *in, unsigned char *tag, str *content)
{
	const unsigned char *p = (const unsigned char *)in->p;
	size_t head = 2, n;

	if (in->n < 2)
		return false;
	*tag = p[0];
	n = p[1];
	if (n & 0x80) {
		head += n & 0x7f;
		if (head > 4 || in->n < head)
			return false;
		n = 0;
		for (size_t i = 2; i < head; i++)
			n = n << 8 | p[i];
	}
	if (n > in->n - head)
		return false;
	*content = (str){ in->p + head, n };
	*in = (str){ in->p + head + n, in->n - head - n };
	return true;
}

#define TAG_INTEGER 2
#define TAG_OCTETS 4
#define EC_KEY_MAX 66   /* bytes: P-521 */
#define MODULUS_MAX 513 /* 4096 bits, and the zero in front of the highest */
#define FACTOR_MAX 257  /* the two primes and what is kept of the exponent for each: the integers from the fifth on */

/*
 * The decoder of BearSSL 0.6 checks against a longer buffer than it has, so a key is measured before: RSA (RFC 8017 A.1.2), EC (RFC 5915) or either
 * of them in the octets of PKCS #8 (RFC 5958).
 */
static bool fits(str der, int depth)
{
	unsigned char tag;
	str in, content;
	int integers = 0;

	if (!next_element(&der, &tag, &in))
		return false;
	while (in.n) {
		if (!next_element(&in, &tag, &content))
			return false;
		if (tag == TAG_INTEGER && content.n > (++integers > 4 ? FACTOR_MAX : MODULUS_MAX))
			return false;
		if (tag == TAG_OCTETS && content.n > EC_KEY_MAX && (depth || !fits(content, depth + 1)))
			return false;
	}
	return true;
}

static bool take_key(void *to, str label, str der)
{
	struct looking *l = to;
	br_skey_decoder_context *key = &l->slot->identity.key;
	const br_rsa_private_key *rsa;

	if (str_eq(label, S("ENCRYPTED PRIVATE KEY"))) {
		l->wrong = ": it is encrypted; it must be stored without a password";
		return false;
	}
	if (!str_eq(label, S("PRIVATE KEY")) && !str_eq(label, S("RSA PRIVATE KEY")) && !str_eq(label, S("EC PRIVATE KEY")))
		return true;
	l->wrong = ": not a key that can be used; RSA up to 4096 bits and EC (P-256, P-384, P-521) are";
	if (!fits(der, 0))
		return false;
	br_skey_decoder_init(key);
	br_skey_decoder_push(key, der.p, der.n);
	if (br_skey_decoder_last_error(key) || ((rsa = br_skey_decoder_get_rsa(key)) && rsa->n_bitlen > 4096))
		return false;
	l->wrong = NULL;
	return false; /* the first one it is */
}

static bool read_file(struct looking *l, const char *path, bool (*object)(void *, str, str))
{
	struct tls_slot *t = l->slot;
	const struct pem pem = { .room = t->in, .cap = sizeof t->in, .object = object, .to = l };
	enum pem_result result = pem_read_file(&pem, path);

	explicit_bzero(t->in, sizeof t->in);
	if (result == PEM_FILE)
		l->wrong = not_read;
	else if (result == PEM_SYNTAX || result == PEM_LARGE)
		l->wrong = damaged;
	return !l->wrong;
}

static bool refuse(struct looking *l, const char *what, const char *path)
{
	struct buf *b = tls_explain(l->slot);

	buf_put(b, str_of(what));
	buf_put(b, str_of(path));
	buf_put(b, str_of(l->wrong));
	explicit_bzero(&l->slot->identity, sizeof l->slot->identity);
	return false;
}

bool tls_identity_read(struct tls_slot *t, const char *certificate, const char *key)
{
	struct tls_identity *id = &t->identity;
	struct looking l = { .slot = t };

	if (id->used || id->certificates)
		explicit_bzero(id, sizeof *id);
	if (!certificate && !key)
		return true;
	if (!certificate || !key) {
		l.wrong = certificate ? ": there is no key for it; name both or none"
		                      : ": there is no certificate for it; name both or none";
		return refuse(&l, certificate ? "client certificate in " : "client key in ", certificate ? certificate : key);
	}
	if (read_file(&l, certificate, take_certificate) && !id->certificates)
		l.wrong = ": there is no certificate in it";
	if (l.wrong)
		return refuse(&l, "client certificate in ", certificate);
	if (read_file(&l, key, take_key) && !br_skey_decoder_key_type(&id->key))
		l.wrong = ": there is no private key in it";
	return l.wrong ? refuse(&l, "client key in ", key) : true;
}
