// SPDX-License-Identifier: MIT
#pragma once

#include "net/addr.h"

/*
 * resolv.conf(5). Of its options ndots, timeout and attempts count; an address with a scope (fe80::1%eth0), sortlist and the rest are
 * passed over.
 */
#define DNS_SERVERS_MAX 3 /* more are ignored, as everywhere */

struct dns_conf {
	size_t servers;
	struct addr server[DNS_SERVERS_MAX]; /* 127.0.0.1 when the file names none */
	str search; /* domains with white space between them, in the text; the last search or domain line wins */
	uint64_t ndots, attempts;
	int64_t timeout_ns; /* of one server, each time */
};

void dns_conf_read(str text, uint16_t port, struct dns_conf *out);
