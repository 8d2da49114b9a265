// SPDX-License-Identifier: MIT
#include "tls/pem.h"
#include "tls/slot.h"

#include <roots_built_in.h>

#include <string.h>

_Static_assert(TAs_NUM <= TLS_ROOTS_BUILT_IN_MAX, "more roots are built in than a slot has room for");

void tls_roots_reset(struct tls_roots *r)
{
	r->all = TAs;
	r->count = TAs_NUM;
	r->used = 0;
}

struct adding {
	struct tls_roots *roots;
	size_t first; /* of bytes: where the name stands */
	size_t added;
	bool full;
};

static unsigned char *take(struct adding *a, const void *bytes, size_t n)
{
	struct tls_roots *r = a->roots;
	unsigned char *at = r->bytes + r->used;

	if (a->full || n > sizeof r->bytes - r->used) {
		a->full = true;
		return NULL;
	}
	memcpy(at, bytes, n);
	r->used += n;
	return at;
}

static void append_name(void *to, const void *bytes, size_t n)
{
	take(to, bytes, n);
}

static void take_key(struct adding *a, br_x509_pkey *key)
{
	if (key->key_type == BR_KEYTYPE_RSA) {
		key->key.rsa.n = take(a, key->key.rsa.n, key->key.rsa.nlen);
		key->key.rsa.e = take(a, key->key.rsa.e, key->key.rsa.elen);
	} else {
		key->key.ec.q = take(a, key->key.ec.q, key->key.ec.qlen);
	}
}

/* The first addition makes the copy: whoever adds nothing uses the table in .rodata. */
static bool append_root(struct adding *a, const br_x509_trust_anchor *root)
{
	struct tls_roots *r = a->roots;

	if (a->full || r->count - TAs_NUM == TLS_ROOTS_MAX)
		return false;
	if (r->all != r->copy)
		memcpy(r->copy, TAs, sizeof TAs);
	r->all = r->copy;
	r->copy[r->count++] = *root;
	a->added++;
	return true;
}

/* A certificate that cannot be read or has a key of another kind is passed over: a bundle holds many. */
static bool add_certificate(void *to, str label, str der)
{
	struct adding *a = to;
	br_x509_decoder_context decoder;
	br_x509_trust_anchor root = { .flags = 0 };
	const br_x509_pkey *key;

	if (!str_eq(label, S("CERTIFICATE")) && !str_eq(label, S("X509 CERTIFICATE")))
		return true;
	a->first = a->roots->used;
	br_x509_decoder_init(&decoder, append_name, a);
	br_x509_decoder_push(&decoder, der.p, der.n);
	if (!(key = br_x509_decoder_get_pkey(&decoder))) {
		a->roots->used = a->first;
		return true;
	}
	root.dn = (br_x500_name){ a->roots->bytes + a->first, a->roots->used - a->first };
	root.flags = br_x509_decoder_isCA(&decoder) ? BR_X509_TA_CA : 0; /* else it is a server's own, trusted as such */
	root.pkey = *key;
	take_key(a, &root.pkey);
	return append_root(a, &root);
}

bool tls_roots_add(struct tls_slot *t, const char *path)
{
	struct adding a = { .roots = &t->roots };
	const struct pem pem = { .room = t->in, .cap = sizeof t->in, .object = add_certificate, .to = &a };
	enum pem_result result;
	const char *why = NULL;

	if (!path)
		return true;
	result = pem_read_file(&pem, path);
	switch (result) {
	case PEM_OK:
		why = a.added ? NULL : ": there is no certificate in it that can be used; PEM with RSA or EC keys is";
		break;
	case PEM_FILE: why = ": it cannot be read; is it in the package, and readable for everybody?"; break;
	case PEM_STOPPED:
		why = ": it holds more certificates than there is room for; name only those that are needed";
		break;
	default: why = ": it is damaged; every certificate is PEM between its BEGIN and END lines"; break;
	}
	if (why) {
		struct buf *b = tls_explain(t);

		buf_put(b, S("trusted certificates in "));
		buf_put(b, str_of(path));
		buf_put(b, str_of(why));
	}
	return !why;
}
