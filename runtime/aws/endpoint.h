// SPDX-License-Identifier: MIT
#pragma once

#include "net/url.h"

/*
 * Whose host it is, and so whether a request may be signed: a signature shows the session token to whoever gets
 * it, and a name is only AWS's as a whole. Slices point into the host, into the options or to constants.
 */
struct endpoint {
	str service; /* the name that signatures use */
	str region;
};

/*
 * SERVICE[-fips].REGION.SUFFIX, the same with the dual-stack suffix, or vpce-ID.SERVICE.REGION.vpce.SUFFIX, for
 * the services in endpoint.c and the suffix of the partition that the region is in. Capitals are the same,
 * except in the region.
 */
bool endpoint_of_host(str host, struct endpoint *out);

/* What the user has set; each may be empty. */
struct endpoint_options {
	str service;            /* sign any host, as this service */
	str region;             /* an explicit option of mote's own */
	str aws_region;         /* AWS_REGION */
	str aws_default_region; /* AWS_DEFAULT_REGION */
	bool authorized;        /* there is an authorization header already: it wins */
};

enum endpoint_signing {
	ENDPOINT_UNSIGNED,
	ENDPOINT_SIGNED,    /* as *out says */
	ENDPOINT_NO_REGION, /* a service is set, and nothing says the region */
	ENDPOINT_PLAIN,     /* a service is set for plain http to another machine: nothing is sent that way with a token */
};

enum endpoint_signing endpoint_choose(const struct url *url, const struct endpoint_options *options,
                                      struct endpoint *out);

bool endpoint_loopback(str host); /* localhost, 127.0.0.0/8, ::1 */
