// SPDX-License-Identifier: MIT
#include "tls/slot.h"

#include <string.h>

/*
 * Forward secrecy and authenticated encryption only, in the order of what they cost this machine. Without AES in hardware ChaCha20 is several times
 * faster; AES in constant time stands behind it for peers that have nothing else, but not on x86-64, where every machine of ten years has AES-NI.
 */
#define CHACHA BR_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, BR_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
#define AES                                                                               \
	BR_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, BR_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, \
		BR_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, BR_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384

struct symmetric {
	const br_block_ctr_class *aes;
	br_ghash ghash;
	uint16_t suites[6];
	size_t count;
};

#ifdef __x86_64__
static const struct symmetric portable = { .suites = { CHACHA }, .count = 2 };
#else
static const struct symmetric portable = { &br_aes_ct64_ctr_vtable, br_ghash_ctmul64, { CHACHA, AES }, 6 };
#endif

static void encryption(br_ssl_engine_context *e)
{
	const struct symmetric fast = { br_aes_x86ni_ctr_get_vtable(), br_ghash_pclmul_get(), { AES, CHACHA }, 6 };
	const struct symmetric *s = fast.aes && fast.ghash ? &fast : &portable;

	br_ssl_engine_set_suites(e, s->suites, s->count);
	br_ssl_engine_set_aes_ctr(e, s->aes);
	br_ssl_engine_set_ghash(e, s->ghash);
	br_ssl_engine_set_gcm(e, &br_sslrec_in_gcm_vtable, &br_sslrec_out_gcm_vtable);
	br_ssl_engine_set_chacha20(e, br_chacha20_ct_run);
	br_ssl_engine_set_poly1305(e, br_poly1305_ctmulq_get());
	br_ssl_engine_set_chapol(e, &br_sslrec_in_chapol_vtable, &br_sslrec_out_chapol_vtable);
}

/* SHA-512 only in certificates: as a signature in the handshake it is offered by nobody alone. */
static void hashes(br_ssl_engine_context *e, br_x509_minimal_context *x)
{
	br_ssl_engine_set_hash(e, br_sha256_ID, &br_sha256_vtable);
	br_ssl_engine_set_hash(e, br_sha384_ID, &br_sha384_vtable);
	br_x509_minimal_set_hash(x, br_sha256_ID, &br_sha256_vtable);
	br_x509_minimal_set_hash(x, br_sha384_ID, &br_sha384_vtable);
	br_x509_minimal_set_hash(x, br_sha512_ID, &br_sha512_vtable);
	br_ssl_engine_set_prf_sha256(e, br_tls12_sha256_prf);
	br_ssl_engine_set_prf_sha384(e, br_tls12_sha384_prf);
}

static void identify(br_ssl_client_context *c, const struct tls_identity *id)
{
	const br_rsa_private_key *rsa;
	const br_ec_private_key *ec;

	if (!id->certificates)
		return;
	if ((rsa = br_skey_decoder_get_rsa(&id->key)))
		br_ssl_client_set_single_rsa(c, id->chain, id->certificates, rsa, br_rsa_pkcs1_sign_get_default());
	else if ((ec = br_skey_decoder_get_ec(&id->key)))
		br_ssl_client_set_single_ec(c, id->chain, id->certificates, ec, BR_KEYTYPE_SIGN, 0, br_ec_get_default(),
		                            br_ecdsa_sign_asn1_get_default());
}

void tls_profile(struct tls_slot *t)
{
	static const char *const protocol = "http/1.1";
	br_ssl_engine_context *e = &t->client.eng;

	br_ssl_client_zero(&t->client);
	br_ssl_engine_set_versions(e, BR_TLS12, BR_TLS12);
	br_ssl_engine_set_all_flags(e, BR_OPT_NO_RENEGOTIATION | BR_OPT_FAIL_ON_ALPN_MISMATCH);
	br_ssl_engine_set_protocol_names(e, (const char **)&protocol, 1);
	br_x509_minimal_init(&t->x509, &br_sha256_vtable, t->roots.all, t->roots.count);
	br_ssl_engine_set_x509(e, &t->x509.vtable);
	br_ssl_engine_set_default_rsavrfy(e);
	br_ssl_engine_set_default_ecdsa(e);
	br_x509_minimal_set_rsa(&t->x509, br_ssl_engine_get_rsavrfy(e));
	br_x509_minimal_set_ecdsa(&t->x509, br_ssl_engine_get_ec(e), br_ssl_engine_get_ecdsa(e));
	br_x509_minimal_set_minrsa(&t->x509, 2048 / 8);
	hashes(e, &t->x509);
	encryption(e);
	identify(&t->client, &t->identity);
	br_ssl_engine_set_buffers_bidi(e, t->in, sizeof t->in, t->out, sizeof t->out);
}
