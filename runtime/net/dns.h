// SPDX-License-Identifier: MIT
#pragma once

#include "base/err.h"
#include "net/dns_message.h"
#include "net/addr.h"

/*
 * A stub resolver: asks the name servers of resolv.conf for the addresses of a host, IPv6 and IPv4 at once, over UDP and where an answer
 * is truncated over TCP.
 *
 * A name with as many dots as ndots says (1 by default) is asked as it stands, then below each domain of the search list; one with fewer the
 * other way round; one that ends with a dot only as it stands. Servers are asked in turn, each for at most the time-out of
 * resolv.conf and its share of the time to the deadline; one that was slow is still listened to. Where IPv4 is there, IPv6 has 50 ms
 * more (RFC 8305 section 3).
 */
#define DNS_FOUND_MAX (2 * DNS_ADDRESSES_MAX)

struct dns {
	const char *conf; /* a resolv.conf: of its first 4096 bytes, the whole lines */
	uint16_t port;
};

extern struct dns dns_system; /* /etc/resolv.conf, port 53; in a file of its own, so that a test may link another one */

struct dns_found {
	size_t n;
	struct addr addr[DNS_FOUND_MAX]; /* families in turn, IPv6 first (RFC 8305 section 4), else in the server's order */
};

/*
 * Addresses are remembered as long as they live, a day at most, of the last few names. ERR_HOST: not a name that DNS has (RFC 1035, RFC 6761);
 * ERR_NAME: it does not exist, or has no address; ERR_RESOLVER: nobody could say before the deadline, a CLOCK_MONOTONIC time in nanoseconds.
 */
enum err dns_lookup(const struct dns *d, str host, uint16_t port, int64_t deadline, struct dns_found *out);

void dns_forget(str host); /* nobody was there */
