// SPDX-License-Identifier: MIT

/*
 * resolve: the addresses of hosts, one line each, as the servers in a resolv.conf have them:
 *
 *   build/x86_64/drivers/resolve /etc/resolv.conf 53 localhost.example www.example
 *
 * A host that has none is a line that says why, and status 1 at the end. Each has five seconds.
 */
#include "base/clock.h"
#include "net/dns.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

static void print_address(const char *host, const struct addr *a)
{
	bool v4 = a->sa.any.sa_family == AF_INET;
	char text[INET6_ADDRSTRLEN];

	inet_ntop(a->sa.any.sa_family, v4 ? (const void *)&a->sa.v4.sin_addr : (const void *)&a->sa.v6.sin6_addr, text,
	          sizeof text);
	printf("%s %s\n", host, text);
}

int main(int argc, char **argv)
{
	struct dns d = { 0 };
	int status = 0;

	if (argc < 4) {
		fprintf(stderr, "usage: resolve CONF PORT HOST...\n");
		return 2;
	}
	d.conf = argv[1];
	d.port = (uint16_t)strtoul(argv[2], NULL, 10);
	for (int i = 3; i < argc; i++) {
		struct dns_found found;
		enum err e = dns_lookup(&d, str_of(argv[i]), 0, clock_mono_ns() + INT64_C(5000000000), &found);

		if (e != OK) {
			printf("%s: %s\n", argv[i], err_text(e));
			status = 1;
			continue;
		}
		for (size_t k = 0; k < found.n; k++)
			print_address(argv[i], &found.addr[k]);
	}
	return status;
}
