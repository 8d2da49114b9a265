// SPDX-License-Identifier: MIT
#include "aws/creds.h"

#include "base/date.h"
#include "aws/endpoint.h"
#include "lambda_json.h"
#include "net/addr.h"

#include <string.h>

#define ECS_HOST "169.254.170.2" /* what a relative URI is relative to */

const char *creds_text(enum creds_status status)
{
	switch (status) {
	case CREDS_OK: return "no error";
	case CREDS_NONE:
		return "no keys: neither AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY nor "
			   "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or AWS_CONTAINER_CREDENTIALS_FULL_URI is set";
	case CREDS_KEYS: return "AWS_ACCESS_KEY_ID or AWS_SESSION_TOKEN has a line end or a blank in it: set it again";
	case CREDS_URI:
		return "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI must begin with /, and AWS_CONTAINER_CREDENTIALS_FULL_URI be a "
			   "URL";
	case CREDS_HOST:
		return "AWS_CONTAINER_CREDENTIALS_FULL_URI: plain http is allowed to loopback, 169.254.170.2, 169.254.170.23 "
			   "and "
			   "[fd00:ec2::23] only, so that nobody else is told the token";
	case CREDS_TOKEN:
		return "the file of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE cannot be read, or the token in it (or in "
			   "AWS_CONTAINER_AUTHORIZATION_TOKEN) is too long or has a line end";
	case CREDS_FETCH: return "the container's credential endpoint did not answer";
	case CREDS_TLS:
		return "AWS_CONTAINER_CREDENTIALS_FULL_URI: no TLS with this endpoint: its certificate must name the host, and "
			   "a "
			   "root that is not a public one be in SSL_CERT_FILE";
	case CREDS_REFUSED:
		return "the container's credential endpoint refused: check the role and the authorization token";
	case CREDS_REPLY: return "the container's credential endpoint answered something that is no set of credentials";
	case CREDS_EXPIRED:
		return "the container's credential endpoint gave credentials that have expired: check the clock";
	}
	return "unknown error";
}

/* ---- where from ---- */

static bool link_local_endpoint(str host)
{
	static const str hosts[] = { { ECS_HOST, 13 }, { "169.254.170.23", 14 }, { "fd00:ec2::23", 12 } };
	struct addr a, b;

	if (!addr_literal(host, 0, &a))
		return false;
	for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
		if (addr_literal(hosts[i], 0, &b) && a.n == b.n && !memcmp(&a.sa, &b.sa, a.n))
			return true;
	return false;
}

static bool visible(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return false;
	return true;
}

enum creds_status creds_place(str relative, str full, struct url *out)
{
	if (relative.n) {
		if (relative.p[0] != '/' || !visible(relative) || !url_parse(S("http://" ECS_HOST), out))
			return CREDS_URI;
		out->path = relative;
		return CREDS_OK;
	}
	if (!full.n)
		return CREDS_NONE;
	if (!url_parse(full, out))
		return CREDS_URI;
	return out->tls || endpoint_loopback(out->host) || link_local_endpoint(out->host) ? CREDS_OK : CREDS_HOST;
}

/* ---- what came ---- */

/* Always a copy, as the answer does not stay. Null is as good as absent. */
static bool keep_string(str value, char **room, size_t *size, str *out)
{
	str text;

	*out = (str){ 0 };
	if (!value.n || lambda_json_kind_of(value) == LAMBDA_JSON_NULL)
		return true;
	if (!lambda_json_string(value, *room, *size, &text) || text.n > *size || !visible(text))
		return false;
	memmove(*room, text.p, text.n);
	*out = (str){ *room, text.n };
	*room += text.n;
	*size -= text.n;
	return true;
}

enum creds_status creds_parse(str json, char *room, size_t size, struct creds *out)
{
	static const char *const paths[] = { "AccessKeyId", "SecretAccessKey", "Token", "Expiration" };
	struct creds c = { .expires = CREDS_NEVER };
	str found[4], expires;

	if (!lambda_json_valid(json))
		return CREDS_REPLY;
	lambda_json_find_all(json, paths, found, 4);
	if (!keep_string(found[0], &room, &size, &c.id) || !keep_string(found[1], &room, &size, &c.secret) ||
	    !keep_string(found[2], &room, &size, &c.token) || !keep_string(found[3], &room, &size, &expires))
		return CREDS_REPLY;
	if (!c.id.n || !c.secret.n || (expires.n && !date_read_rfc3339(expires, &c.expires)))
		return CREDS_REPLY;
	*out = c;
	return CREDS_OK;
}
