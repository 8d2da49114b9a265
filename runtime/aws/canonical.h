// SPDX-License-Identifier: MIT
#pragma once

#include "aws/sigv4.h"

/*
 * The canonical form of a request: the text that signer and service both make of it, each on its own. Only
 * sigv4.c needs this.
 */

#define CANONICAL_OWN_FIELDS 3 /* x-amz-date, x-amz-security-token, x-amz-content-sha256 */

/* The fields to sign, sorted by name without case; those of equal names stay in order. */
struct canonical_fields {
	struct sigv4_field at[SIGV4_FIELDS_MAX + CANONICAL_OWN_FIELDS];
	size_t n;
};

bool canonical_fields_add(struct canonical_fields *fields, str name, str value);  /* false: too many */
void canonical_put_names(struct buf *out, const struct canonical_fields *fields); /* the SignedHeaders list */

void canonical_put_path(struct buf *out, str path, unsigned flags);

/* Names and values of a query in encoded form, which lies in out: escapes are kept, all other bytes encoded. */
struct canonical_params {
	struct canonical_param {
		str name, value;
	} at[SIGV4_PARAMS_MAX];
	size_t n;
};

bool canonical_params_add(struct canonical_params *params, struct buf *out, str name, str value); /* false: too many */
void canonical_put_params(struct buf *out, struct canonical_params *params);                      /* sorts them */

void canonical_put_fields(struct buf *out, const struct canonical_fields *fields); /* a line each */
