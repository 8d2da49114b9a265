// SPDX-License-Identifier: MIT
#include "aws/creds.h"
#include "aws/endpoint.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char room[512];

static bool kept(str s, size_t n)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~') /* it goes into header lines */
			return false;
	return !s.n || (s.p >= room && s.p + s.n <= room + n);
}

/* The first byte is how much room there is; the rest is an answer, and for the other reader a URI of either kind. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct creds c;
	struct url url;
	size_t n = size ? 2 * (size_t)data[0] : 0;
	str text = size ? (str){ (const char *)data + 1, size - 1 } : (str){ 0 };

	if (creds_parse(text, room, n, &c) == CREDS_OK &&
	    (!c.id.n || !c.secret.n || !kept(c.id, n) || !kept(c.secret, n) || !kept(c.token, n)))
		abort();
	if (creds_place(text, (str){ 0 }, &url) == CREDS_OK && (!str_eq(url.host, S("169.254.170.2")) || url.tls))
		abort();
	if (creds_place((str){ 0 }, text, &url) == CREDS_OK && !url.tls && !endpoint_loopback(url.host) &&
	    !memmem(url.host.p, url.host.n, "169.254.170.2", 13) && !memchr(url.host.p, ':', url.host.n))
		abort();
	return 0;
}
