// SPDX-License-Identifier: MIT
#include "otlp/sign.h"

#include "base/clock.h"
#include "base/late.h"
#include "net/http.h"
#include "otlp/connection.h"

#include <string.h>

#define SECOND 1000000000

static struct creds_cache cache LATE;
static struct sigv4_keys keys LATE;
static bool used; /* not in those pages */

void sign_forget(void)
{
	if (!used)
		return;
	creds_wipe(&cache);
	sigv4_keys_wipe(&keys);
	used = false;
}

/* To tell one set of keys from another and for nothing else; their ends count, so that no byte of one can be the other's. */
static uint64_t identity(const struct creds *c)
{
	const str parts[] = { c->id, c->secret, c->token };
	uint64_t h = STR_HASH_START;

	for (size_t i = 0; i < 3; i++)
		h = str_hash(str_hash(h, parts[i]), S("\xff"));
	return h;
}

static enum creds_status ask(int64_t deadline, struct creds *out)
{
	used = true;
	return creds_get(&cache, connection_to_keys, clock_wall_ns() / SECOND, deadline, out);
}

bool sign_renew(const struct sign_state *state, int64_t deadline)
{
	struct creds c;

	cache.stale = true;
	return ask(deadline, &c) == CREDS_OK && identity(&c) != state->keys;
}

/* Of "POST target HTTP/1.1" and the lines behind it. */
static size_t read_fields(str head, struct sigv4_field *fields)
{
	str line, rest;
	size_t n = 0;

	str_cut(head, '\n', &line, &rest);
	while (n < SIGV4_FIELDS_MAX && http_field_next(&rest, &fields[n].name, &fields[n].value))
		n++;
	return n;
}

enum sign sign_put(struct receiver *r, struct body *b, struct buf *head, struct buf scratch, int64_t deadline,
                   struct sign_state *state, const char **why)
{
	struct sigv4_field fields[SIGV4_FIELDS_MAX];
	struct sigv4_request request = { .method = S("POST"), .fields = fields };
	struct sigv4_signer signer = { .region = r->as.region, .service = r->as.service, .keys = &keys };
	struct sigv4_signed made;
	struct creds c;
	enum creds_status status = ask(deadline, &c);
	bool good;

	state->wall_ns = clock_wall_ns();
	state->skew_ns = r->skew.ns;
	state->keys = 0;
	state->token = (str){ 0 };
	*why = creds_text(status);
	if (status != CREDS_OK)
		return status == CREDS_NONE && !r->insists ? SIGN_WITHOUT : SIGN_CREDS;
	state->keys = identity(&c);
	state->token = c.token;
	signer.id = c.id;
	signer.secret = c.secret;
	signer.token = c.token;
	signer.at = (state->wall_ns + r->skew.ns) / SECOND;
	str_cut(r->target, '?', &request.path, &request.query);
	request.field_count = read_fields(buf_str(head), fields);
	request.payload = body_hash(b);
	good = sigv4_sign(&signer, &request, &scratch, head, &made);
	explicit_bzero(scratch.p, scratch.n); /* the token is in it */
	return good ? SIGN_DONE : SIGN_LARGE;
}
