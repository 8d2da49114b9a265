// SPDX-License-Identifier: MIT
#include "net/addr.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first line of the input is the name, the rest is the hosts file. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str text = { (const char *)data, size }, name, file;
	struct addr a = { 0 };

	str_cut(text, '\n', &name, &file);
	if (addr_literal(name, 80, &a) && a.n != sizeof a.sa.v4 && a.n != sizeof a.sa.v6)
		abort();
	if (!addr_in_hosts(file, name, 80, &a))
		return 0;
	if (!name.n || (a.sa.any.sa_family != AF_INET && a.sa.any.sa_family != AF_INET6))
		abort();
	return 0;
}
