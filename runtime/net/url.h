// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"

/*
 * http://host[:port][/path], https://..., or without a scheme host:port[/path] as AWS_LAMBDA_RUNTIME_API has it.
 * Slices point into the text that was parsed. Host: a name, an IPv4 literal, or an IPv6 literal without its brackets.
 */
struct url {
	bool tls;  /* https */
	bool ipv6; /* host stood in brackets */
	str host;
	uint16_t port; /* given, else 80 or 443 */
	str authority; /* as written after the scheme, userinfo excluded: what a Host header carries */
	str path;      /* from the first '/', query included, fragment not; empty when absent */
};

/* False: empty host, port out of range, userinfo, spaces, control or non-ASCII bytes, unknown scheme. */
bool url_parse(str text, struct url *out);
