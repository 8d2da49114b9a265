// SPDX-License-Identifier: MIT
#pragma once

#include "net/stream.h"
#include "net/url.h"

/*
 * The keys that requests are signed with: from the environment, else from the endpoint that a container is
 * given for them. Neither keys nor tokens are in any text that comes out of here.
 */
struct creds {
	str id, secret, token; /* token is empty for a user's own keys */
	int64_t expires;       /* seconds since 1970; CREDS_NEVER */
};

#define CREDS_NEVER INT64_MAX

enum creds_status {
	CREDS_OK,
	CREDS_NONE,    /* nothing in the environment says where keys are */
	CREDS_KEYS,    /* the environment's keys hold a line end or a blank */
	CREDS_URI,     /* no URL */
	CREDS_HOST,    /* plain http to a host that must not be told the token */
	CREDS_TOKEN,   /* token file cannot be read, or the token is too long or has a line end in it */
	CREDS_FETCH,   /* no answer, or no HTTP */
	CREDS_TLS,     /* https, and the endpoint is not to be trusted, or speaks no TLS */
	CREDS_REFUSED, /* any status but 200 */
	CREDS_REPLY,   /* not the JSON that it should be */
	CREDS_EXPIRED, /* what came is of the past */
};

const char *creds_text(enum creds_status status); /* the cause, and what to do about it */

/* ---- the pure part ---- */

/* Of the two variables' values; the relative one wins. Slices point into them. */
enum creds_status creds_place(str relative, str full, struct url *out);

/*
 * {"AccessKeyId": ..., "SecretAccessKey": ..., "Token": ..., "Expiration": ...}, the last two optional; the
 * strings go to room.
 */
enum creds_status creds_parse(str json, char *room, size_t size, struct creds *out);

/* ---- with the environment, a file and a socket ---- */

#define CREDS_REFRESH_S 900     /* before expiry: from here on new ones are asked for, once a minute */
#define CREDS_REFRESH_NOW_S 600 /* from here on each time; those that are there are good until they expire */
#define CREDS_REFRESH_PAUSE_S 60
#define CREDS_TRIES 3 /* to get an answer, each in */
#define CREDS_TRY_MS 2000
#define CREDS_KEPT_BYTES 16384  /* strings of one set; tokens have 1 to 2 kB, and no limit */
#define CREDS_REPLY_BYTES 24576 /* an answer with its head: strings above with JSON around them */
#define CREDS_BEARER_BYTES 8192 /* of AWS_CONTAINER_AUTHORIZATION_TOKEN or its file: a JWT has 1 to 2 kB */

/*
 * What the endpoint gave, with room for the next: zeroed at first, its pages are untouched until the endpoint
 * is asked.
 */
struct creds_cache {
	struct creds now;       /* id is empty: none yet */
	bool stale;             /* set by the owner: a service said that they expired, so ask at once */
	enum creds_status last; /* of the last time the endpoint was asked, for one line in the log */
	int64_t asked;
	unsigned which;
	char kept[2][CREDS_KEPT_BYTES];
	char reply[CREDS_REPLY_BYTES];
	char bearer[CREDS_BEARER_BYTES + 1];
};

/*
 * The keys to sign with at wall (seconds since 1970): the environment, read again each time, else the cache,
 * which is filled from the endpoint until deadline (CLOCK_MONOTONIC, ns). Slices live until the next call, or
 * as long as the environment. tls: connects to an endpoint of https, the handshake included.
 */
typedef enum err creds_tls(struct stream *s, const struct url *to, int64_t deadline);
enum creds_status creds_get(struct creds_cache *cache, creds_tls *tls, int64_t wall, int64_t deadline,
                            struct creds *out);

void creds_wipe(struct creds_cache *cache);
