// SPDX-License-Identifier: MIT
#pragma once

#include "base/buf.h"

#include <sys/uio.h>

/*
 * AWS Signature Version 4: proves to a service who sent a request, and that nobody changed it. Pure: no clock,
 * no environment, no I/O. The secret is nowhere in what comes out; the session token is, and so are canonical
 * and out: neither is for a log.
 */

#define SIGV4_FIELDS_MAX 100     /* header fields of one request */
#define SIGV4_PARAMS_MAX 256     /* parameters of one query, ours included */
#define SIGV4_EXPIRES_MAX 604800 /* seconds: a week, the longest that AWS takes */
#define SIGV4_HASH_BYTES 32      /* SHA-256 */
#define SIGV4_HEX_BYTES 64       /* the same, as text */
#define SIGV4_SERVICES 4         /* signing keys kept: xray, logs and monitoring are used in turn, and one more */
#define SIGV4_SECRET_MAX 256     /* bytes of a secret key; AWS's have 40 */

/* A header field. A value may be folded over lines: its white space is collapsed for signing. */
struct sigv4_field {
	str name, value;
};

enum {
	SIGV4_QUERY = 1, /* sign into the query (a presigned URL), not into header fields */
	SIGV4_S3 = 2,    /* path encoded once and not normalised, x-amz-content-sha256 sent, no payload hash in a query */
	SIGV4_AS_IS = 4, /* leave dot segments and empty ones in the path */
	SIGV4_SIGN_BODY = 8,   /* send x-amz-content-sha256 to any service; nothing in a query */
	SIGV4_TOKEN_AFTER = 16 /* add the session token unsigned: a few services want it so */
};

/*
 * Path and query as they will be sent, apart at the '?'. All fields are signed but those that sigv4_unsigned()
 * knows and those that signing sets itself, which must not be sent as well: sigv4_sets().
 */
struct sigv4_request {
	unsigned flags;
	str method, path, query;
	const struct sigv4_field *fields;
	size_t field_count;
	str payload;      /* sigv4_payload() of the body as sent, compressed if it is */
	uint32_t expires; /* seconds, with SIGV4_QUERY */
};

/*
 * Signing keys are good for one day, region and service: 4 of 5 HMACs are saved. Zeroed at first; wiped by its
 * owner.
 */
struct sigv4_keys {
	struct sigv4_key {
		unsigned char of[SIGV4_HASH_BYTES]; /* day, region, service and secret it was derived from, as a hash */
		unsigned char key[SIGV4_HASH_BYTES];
	} slot[SIGV4_SERVICES];
	unsigned used, next;
};

struct sigv4_signer {
	str id, secret, token; /* token is empty for a user's own keys */
	str region, service;
	int64_t at;              /* seconds since 1970, as the service's clock has it */
	struct sigv4_keys *keys; /* NULL: derive the key each time */
};

struct sigv4_signed {
	str canonical, to_sign; /* in the scratch */
	char signature[SIGV4_HEX_BYTES];
};

/*
 * Appends to out what the request still lacks: whole header lines with CRLF, or with SIGV4_QUERY parameters to
 * put behind its query. scratch takes about 3 times path and query, and all fields. False, and out is of no
 * use: scratch or out are full, too many fields or parameters, expires out of range, a line end or blank in a
 * field's name or in what identifies the signer, a secret that is too long.
 */
bool sigv4_sign(const struct sigv4_signer *signer, const struct sigv4_request *request, struct buf *scratch,
                struct buf *out, struct sigv4_signed *result);

bool sigv4_sets(const struct sigv4_signer *signer, unsigned flags,
                str field); /* signing drops such a field, or sends its own */
bool sigv4_sets_param(const struct sigv4_signer *signer, unsigned flags,
                      str param); /* the same for a parameter's name */
bool sigv4_unsigned(str field);   /* a proxy may change it, or the connection owns it */

void sigv4_payload(const struct iovec *body, int count, char hex[SIGV4_HEX_BYTES]);
void sigv4_derive(const struct sigv4_signer *signer,
                  unsigned char key[SIGV4_HASH_BYTES]); /* the signing key of at's day */
void sigv4_keys_wipe(struct sigv4_keys *keys);
