// SPDX-License-Identifier: MIT
#pragma once

#include "base/err.h"
#include "base/str.h"

#include <netinet/in.h>
#include <sys/socket.h>

struct addr {
	socklen_t n;
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} sa;
};

/*
 * IPv4 and IPv6 literals, localhost (RFC 6761 6.3: loopback, never looked up elsewhere) and names in /etc/hosts
 * (hosts(5)), read without stdio. ERR_HOST: any other name.
 */
enum err addr_resolve(str host, uint16_t port, struct addr *out);

/* The pure part: text is the content of a hosts file, first match wins. */
bool addr_in_hosts(str text, str name, uint16_t port, struct addr *out);
bool addr_literal(str host, uint16_t port, struct addr *out);
