// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"

/*
 * DNS messages (RFC 1035 section 4), as a stub resolver writes and reads them: one question for addresses, no EDNS. Pure: no sockets, no clock,
 * no randomness.
 */
#define DNS_NAME_MAX 255                      /* bytes of a name on the wire (3.1) */
#define DNS_QUERY_MAX (12 + DNS_NAME_MAX + 4) /* header, name, type and class */
#define DNS_ADDRESSES_MAX 4                   /* that are kept of one answer, the first ones */

struct dns_name {
	size_t n;
	unsigned char wire[DNS_NAME_MAX]; /* labels with their lengths, in lower case, never compressed */
};

enum dns_type { DNS_A = 1, DNS_AAAA = 28 };

struct dns_question {
	uint16_t id;
	enum dns_type type;
	struct dns_name name;
};

struct dns_answer {
	size_t count;
	uint32_t ttl;                                 /* seconds, of the record that lives shortest */
	unsigned char address[DNS_ADDRESSES_MAX][16]; /* A: the first four bytes */
};

enum dns_verdict {
	DNS_FOREIGN,   /* no answer to this question: not ours, or a lie */
	DNS_REFUSED,   /* the server cannot say (SERVFAIL, REFUSED, ...), or says nonsense: another may know */
	DNS_TRUNCATED, /* to be asked again over TCP */
	DNS_ADDRESSES, /* out->count of them, at least one */
	DNS_NO_DATA,   /* the name has no address of this type */
	DNS_NO_NAME,   /* NXDOMAIN */
};

/* host and, when it is not empty, "." and domain; one dot at the end of either is allowed. False: no name that DNS can have. */
bool dns_name_make(str host, str domain, struct dns_name *out);

size_t dns_query_write(const struct dns_question *q, unsigned char out[DNS_QUERY_MAX]);

/* Aliases (CNAME) are followed through the answer, in whatever order its records come. */
enum dns_verdict dns_answer_read(const unsigned char *p, size_t n, const struct dns_question *q,
                                 struct dns_answer *out);
