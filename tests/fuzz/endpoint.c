// SPDX-License-Identifier: MIT
#include "aws/endpoint.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool ends(str host, str tail)
{
	return host.n > tail.n && str_ieq((str){ host.p + host.n - tail.n, tail.n }, tail);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const str tails[] = { { ".amazonaws.com", 14 },
		                         { ".api.aws", 8 },
		                         { ".amazonaws.com.cn", 17 },
		                         { ".api.amazonwebservices.com.cn", 29 },
		                         { ".amazonaws.eu", 13 },
		                         { ".api.amazonwebservices.eu", 25 },
		                         { ".ic.gov", 7 },
		                         { ".sgov.gov", 9 },
		                         { ".scloud", 7 },
		                         { ".adc-e.uk", 9 } };
	str host = { (const char *)data, size };
	struct endpoint e;
	bool theirs = false;

	endpoint_loopback(host);
	if (!endpoint_of_host(host, &e))
		return 0;
	for (size_t i = 0; i < sizeof tails / sizeof *tails; i++)
		theirs = theirs || ends(host, tails[i]);
	if (!theirs || !e.service.n || e.region.p < host.p || e.region.p + e.region.n > host.p + host.n)
		abort();
	for (size_t i = 0; i < host.n; i++) /* nothing but labels: a host that is signed for goes into a header */
		if (!str_starts(host, S("vpce-")) && (host.p[i] <= ' ' || host.p[i] > 'z'))
			abort();
	return 0;
}
