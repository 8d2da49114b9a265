// SPDX-License-Identifier: MIT
#include "aws/signing_key.h"

#include "base/date.h"

#include <bearssl_hash.h>
#include <bearssl_hmac.h>

#include <string.h>

#define KEY_PREFIX "AWS4"

static void hmac(const void *key, size_t n, str text, unsigned char out[SIGV4_HASH_BYTES])
{
	br_hmac_key_context k;
	br_hmac_context h;

	br_hmac_key_init(&k, &br_sha256_vtable, key, n);
	br_hmac_init(&h, &k, 0);
	br_hmac_update(&h, text.p, text.n);
	br_hmac_out(&h, out);
	explicit_bzero(&k, sizeof k);
	explicit_bzero(&h, sizeof h);
}

static void derive(const struct sigv4_signer *s, str day, unsigned char key[SIGV4_HASH_BYTES])
{
	char first[sizeof KEY_PREFIX - 1 + SIGV4_SECRET_MAX];
	struct buf b = BUF(first);

	buf_put(&b, S(KEY_PREFIX));
	buf_put(&b, s->secret);
	hmac(b.p, b.n, day, key);
	hmac(key, SIGV4_HASH_BYTES, s->region, key);
	hmac(key, SIGV4_HASH_BYTES, s->service, key);
	hmac(key, SIGV4_HASH_BYTES, S(SIGNING_KEY_TERMINATOR), key);
	explicit_bzero(first, sizeof first);
}

/* The lengths go in as well, so that no two lists of parts are the same bytes. */
static void key_identity(const struct sigv4_signer *s, str day, unsigned char out[SIGV4_HASH_BYTES])
{
	const str parts[] = { day, s->region, s->service, s->secret };
	br_sha256_context h;

	br_sha256_init(&h);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		br_sha256_update(&h, &parts[i].n, sizeof parts[i].n);
		br_sha256_update(&h, parts[i].p, parts[i].n);
	}
	br_sha256_out(&h, out);
	explicit_bzero(&h, sizeof h);
}

void signing_key(const struct sigv4_signer *s, str day, unsigned char key[SIGV4_HASH_BYTES])
{
	struct sigv4_keys *keys = s->keys;
	unsigned char of[SIGV4_HASH_BYTES];

	if (!keys) {
		derive(s, day, key);
		return;
	}
	key_identity(s, day, of);
	for (unsigned i = 0; i < keys->used; i++) {
		if (memcmp(keys->slot[i].of, of, sizeof of) != 0)
			continue;
		memcpy(key, keys->slot[i].key, SIGV4_HASH_BYTES);
		return;
	}
	derive(s, day, key);
	memcpy(keys->slot[keys->next].of, of, sizeof of);
	memcpy(keys->slot[keys->next].key, key, SIGV4_HASH_BYTES);
	keys->next = (keys->next + 1) % SIGV4_SERVICES;
	if (keys->used < SIGV4_SERVICES)
		keys->used++;
}

void sigv4_derive(const struct sigv4_signer *signer, unsigned char key[SIGV4_HASH_BYTES])
{
	char date[DATE_AMZ_BYTES];
	struct buf b = BUF(date);

	date_put_amz(&b, signer->at);
	derive(signer, (str){ date, DATE_DAY_BYTES }, key);
}

void sigv4_keys_wipe(struct sigv4_keys *keys)
{
	explicit_bzero(keys, sizeof *keys);
}

void sigv4_payload(const struct iovec *body, int count, char hex[SIGV4_HEX_BYTES])
{
	unsigned char hash[SIGV4_HASH_BYTES];
	struct buf b = { .p = hex, .cap = SIGV4_HEX_BYTES };
	br_sha256_context h;

	br_sha256_init(&h);
	for (int i = 0; i < count; i++)
		br_sha256_update(&h, body[i].iov_base, body[i].iov_len);
	br_sha256_out(&h, hash);
	buf_hex(&b, hash, sizeof hash);
}

void signing_key_mac(const unsigned char key[SIGV4_HASH_BYTES], str text, unsigned char mac[SIGV4_HASH_BYTES])
{
	hmac(key, SIGV4_HASH_BYTES, text, mac);
}
