// SPDX-License-Identifier: MIT
#pragma once

#include "context/carrier.h"

/*
 * The header fields of an HTTP event that propagators know, in whatever case, several of a name where the sender says so: members of headers and of
 * multiValueHeaders. Nothing when either is not what it should be. Values with escapes are decoded into room, and left out when it is full.
 */
#define HEADER_CARRIER_MAX 64

struct header_carrier {
	struct carrier carrier;
	size_t n;
	struct header {
		str name, value;
		bool multi;
	} header[HEADER_CARRIER_MAX];
	char *room;
	size_t room_n;
};

void header_carrier(struct header_carrier *c, str event, char *room, size_t size);
