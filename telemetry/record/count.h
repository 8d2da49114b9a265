// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"

/*
 * What became of every span: made = delivered + handed over + dropped for any reason + still here (open, or in the spool). Delivered: a receiver has
 * said so. Handed over: written where nobody acknowledges.
 */
enum drop {
	DROP_OPEN,     /* too many spans open at once */
	DROP_SIZE,     /* larger than what carries it */
	DROP_SPOOL,    /* no room among the finished spans */
	DROP_KEPT,     /* kept for a later flush, and what came after it needed the room */
	DROP_TAIL,     /* the rule of MOTE_TRACES_TAIL keeps no such trace */
	DROP_ADDRESS,  /* the endpoint cannot be used: not a URL, https, a name that cannot be resolved */
	DROP_CONNECT,  /* refused, unreachable */
	DROP_TIMEOUT,  /* the deadline or the configured time-out passed first */
	DROP_CLOSED,   /* the connection broke before a reply */
	DROP_TLS,      /* no encrypted connection: nothing in common, or a certificate that is not to be trusted */
	DROP_KEYS,     /* nothing to sign with */
	DROP_REPLY,    /* the reply is not HTTP, too large, or not what the protocol says */
	DROP_STATUS,   /* a status other than 2xx */
	DROP_REJECTED, /* by name: partial success */
	DROP_WRITE,    /* standard output takes no more, or the kernel refused something */
	DROP_FORMAT,   /* the exporter's format cannot say it */
	DROP_NOWHERE,  /* no exporter for this signal */
	DROP_REASONS
};

struct count {
	uint64_t made, delivered, handed_over, dropped[DROP_REASONS];
};

uint64_t count_dropped(const struct count *c); /* for any reason */
const char *count_reason(enum drop reason);    /* one word, as attributes of error.type have it */
