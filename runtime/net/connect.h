// SPDX-License-Identifier: MIT
#pragma once

#include "net/dns.h"
#include "net/stream.h"

/*
 * Happy eyeballs (RFC 8305) in small: to[0..n), n up to DNS_FOUND_MAX, are tried in this order, each 250 ms after the one before or as soon as
 * that one failed; the first that answers is it. The socket never blocks. ERR_CONNECT: all of them failed; ERR_TIMEOUT: none has answered.
 */
enum err connect_any(struct stream *s, const struct addr *to, size_t n, int64_t deadline);

/*
 * To a host by name, first come: a literal address, localhost, what /etc/hosts says, what DNS says. When nobody is at what DNS said, it
 * is forgotten, and asked again the next time.
 */
enum err connect_host(struct stream *s, const struct dns *dns, str host, uint16_t port, int64_t deadline);
