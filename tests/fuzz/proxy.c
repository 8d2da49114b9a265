// SPDX-License-Identifier: MIT
#include "net/proxy.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Three lines: no_proxy, the proxy, and the URL to go to. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct proxy_settings set = { .http_name = "http_proxy", .https_name = "https_proxy" };
	str rest = { (const char *)data, size }, to;
	struct proxy p;
	struct url url;
	bool excluded;

	str_cut(rest, '\n', &set.none, &rest);
	str_cut(rest, '\n', &set.http, &to);
	set.https = set.http;
	if (!url_parse(to, &url))
		return 0;
	excluded = proxy_excludes(set.none, url.host, url.port);
	switch (proxy_choose(&p, &url, &set)) {
	case PROXY_NONE:
	case PROXY_BAD:  break;
	case PROXY_FORWARD:
	case PROXY_TUNNEL:
		if (excluded || !p.url.host.n || !p.url.port || p.secret_n > sizeof p.secret)
			abort();
		for (size_t i = 0; i < p.secret_n; i++) /* one line of a head */
			if (p.secret[i] < ' ' && i + 2 < p.secret_n)
				abort();
	}
	return 0;
}
