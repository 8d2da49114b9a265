// SPDX-License-Identifier: MIT
#pragma once

#include "tls/tls.h"

#include <bearssl.h>

/*
 * What a slot is made of. The files of runtime/tls/ share it, nobody else sees BearSSL. The engine's session, keys and settings stay between
 * connections; a handshake only resets what belongs to one connection.
 *
 * Small and always used stands first, and the two buffers last: of each only as much is touched as its records are long.
 */
#define TLS_HOST_MAX 253 /* RFC 1035 3.1, as text */
#define TLS_PROBLEM_BYTES 480
#define TLS_ROOTS_BUILT_IN_MAX 192 /* Mozilla's are about 140 */

/* Certificates trusted by this slot: those built in, and a copy of them with more behind when there are more. */
struct tls_roots {
	const br_x509_trust_anchor *all;
	size_t count, used; /* used: of bytes */
	br_x509_trust_anchor copy[TLS_ROOTS_MAX + TLS_ROOTS_BUILT_IN_MAX];
	unsigned char bytes[TLS_ROOTS_BYTES];
};

#define TLS_CHAIN_MAX 4

struct tls_identity {
	size_t certificates, used; /* used: of bytes */
	br_x509_certificate chain[TLS_CHAIN_MAX];
	br_skey_decoder_context key;
	unsigned char bytes[8192];
};

struct tls_slot {
	bool configured;
	bool session; /* worth to be asked for again */
	bool cut;     /* a record is half way out, so there is no farewell */
	bool sealed;  /* the same, as long as nothing was read: records may have been made that did not leave */
	char host[TLS_HOST_MAX + 1];
	struct buf problem;
	char problem_text[TLS_PROBLEM_BYTES];
	br_ssl_client_context client;
	br_x509_minimal_context x509;
	unsigned char in[BR_SSL_BUFSIZE_INPUT]; /* a PEM object's content too, while files are read */
	unsigned char out[BR_SSL_BUFSIZE_OUTPUT];
	struct tls_identity identity;
	struct tls_roots roots;
};

extern struct tls_slot tls_slots[TLS_SLOTS];

/* profile.c: a new engine with the roots and the identity of the slot, for TLS 1.2 and the best that this machine has. */
void tls_profile(struct tls_slot *t);

/* roots.c: path NULL adds nothing. False: problem says why. */
void tls_roots_reset(struct tls_roots *r);
bool tls_roots_add(struct tls_slot *t, const char *path);

/* identity.c: both NULL is no identity. */
bool tls_identity_read(struct tls_slot *t, const char *certificate, const char *key);

/* explain.c */
struct buf *tls_explain(struct tls_slot *t);          /* an empty problem, to be written to */
void tls_explain_end(struct tls_slot *t, enum err e); /* the peer closed, or said nothing, in the handshake */
enum err tls_explain_failure(struct tls_slot *t, bool in_handshake); /* of the engine, which has failed */
