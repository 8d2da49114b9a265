// SPDX-License-Identifier: MIT
#pragma once

/* What a caller can act on. err_text() says it to a person. */
enum err {
	OK,
	ERR_ADDRESS,     /* not a host:port or URL that can be used */
	ERR_HOST,        /* a name that is neither a literal, localhost nor in /etc/hosts, where DNS is not asked */
	ERR_NAME,        /* DNS has no such name, or no address for it */
	ERR_RESOLVER,    /* no name server gave an answer */
	ERR_CONNECT,     /* refused, unreachable: no connection came about */
	ERR_TIMEOUT,     /* the deadline passed first */
	ERR_CLOSED,      /* the peer closed or reset the connection before the reply was complete */
	ERR_SYNTAX,      /* what arrived is not HTTP/1.x */
	ERR_TOO_LARGE,   /* a head or body beyond its limit */
	ERR_TLS,         /* no TLS came about: what the two have in common, or a broken handshake */
	ERR_CERTIFICATE, /* TLS: the peer's certificate is not one to trust, or ours is of no use */
	ERR_RECORD,      /* TLS: what arrived was changed on the way, or is not TLS any more */
	ERR_PROXY,       /* the proxy does not carry this on */
	ERR_STOPPED,     /* this process is asked to end */
	ERR_SYSTEM,      /* the kernel refused something it normally grants: no more descriptors, memory */
};

const char *err_text(enum err e);
