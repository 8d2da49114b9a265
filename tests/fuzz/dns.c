// SPDX-License-Identifier: MIT
#include "net/dns_conf.h"
#include "net/dns_message.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One query's own words are an answer without records, once they say so. */
static void answer_to_itself(const struct dns_question *q)
{
	unsigned char message[DNS_QUERY_MAX];
	size_t n = dns_query_write(q, message);
	struct dns_answer a;

	if (n > sizeof message || dns_answer_read(message, n, q, &a) != DNS_FOREIGN)
		abort();
	message[2] |= 0x80;
	if (dns_answer_read(message, n, q, &a) != DNS_NO_DATA)
		abort();
}

/* The first line is the host that was asked for; the rest is the message, and then a resolv.conf. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str text = { (const char *)data, size }, host, rest, domain;
	struct dns_question q = { .type = DNS_A };
	struct dns_conf conf;
	struct dns_answer a;

	str_cut(text, '\n', &host, &rest);
	dns_conf_read(rest, 53, &conf);
	if (!conf.servers || conf.servers > DNS_SERVERS_MAX || !conf.attempts || conf.timeout_ns <= 0 || conf.ndots > 15)
		abort();
	domain = str_word(&conf.search);
	if (!dns_name_make(host, domain, &q.name) && !dns_name_make(host, S(""), &q.name))
		return 0;
	if (rest.n > 1) /* ours, so that what follows is read */
		q.id = (uint16_t)((unsigned char)rest.p[0] << 8 | (unsigned char)rest.p[1]);
	for (int type = 0; type < 2; type++) {
		q.type = type ? DNS_AAAA : DNS_A;
		answer_to_itself(&q);
		if (dns_answer_read((const unsigned char *)rest.p, rest.n, &q, &a) == DNS_ADDRESSES &&
		    (!a.count || a.count > DNS_ADDRESSES_MAX || a.ttl > INT32_MAX))
			abort();
	}
	return 0;
}
