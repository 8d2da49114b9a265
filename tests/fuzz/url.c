// SPDX-License-Identifier: MIT
#include "fuzz/fuzz.h"
#include "net/url.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data;
	struct url u, again;

	if (!url_parse((str){ p, size }, &u))
		return 0;
	if (!u.host.n || !u.port || !within(u.host, p, size) || !within(u.authority, p, size) || !within(u.path, p, size))
		abort();
	for (size_t i = 0; i < u.authority.n; i++) /* it goes into a Host header, and into logs */
		if (u.authority.p[i] <= ' ' || u.authority.p[i] > '~' || u.authority.p[i] == '@')
			abort();
	if (!url_parse(u.authority, &again) || !str_eq(again.host, u.host) || (again.port != u.port && !u.tls))
		abort();
	return 0;
}
