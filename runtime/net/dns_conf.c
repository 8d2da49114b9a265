// SPDX-License-Identifier: MIT
#include "net/dns_conf.h"

#define SECOND 1000000000

/* Larger values are cut down to the most that resolv.conf(5) allows; what is no number is passed over. */
static bool number_after(str word, str name, uint64_t most, uint64_t *out)
{
	if (!str_starts(word, name) || !str_u64((str){ word.p + name.n, word.n - name.n }, UINT32_MAX, out))
		return false;
	if (*out > most)
		*out = most;
	return true;
}

static void read_options(str line, struct dns_conf *c)
{
	uint64_t v;
	str word;

	while ((word = str_word(&line)).n) {
		if (number_after(word, S("ndots:"), 15, &v))
			c->ndots = v;
		else if (number_after(word, S("timeout:"), 30, &v) && v)
			c->timeout_ns = (int64_t)v * SECOND;
		else if (number_after(word, S("attempts:"), 5, &v) && v)
			c->attempts = v;
	}
}

static void read_line(str line, uint16_t port, struct dns_conf *c)
{
	str key = str_word(&line);

	if (str_eq(key, S("nameserver"))) {
		if (c->servers < DNS_SERVERS_MAX && addr_literal(str_word(&line), port, &c->server[c->servers]))
			c->servers++;
	} else if (str_eq(key, S("search"))) {
		c->search = line;
	} else if (str_eq(key, S("domain"))) {
		c->search = str_word(&line);
	} else if (str_eq(key, S("options"))) {
		read_options(line, c);
	}
}

void dns_conf_read(str text, uint16_t port, struct dns_conf *out)
{
	str line;

	*out = (struct dns_conf){ .ndots = 1, .attempts = 2, .timeout_ns = (int64_t)5 * SECOND };
	while (text.n) {
		str_cut(text, '\n', &line, &text);
		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		read_line(line, port, out); /* a comment's # or ; begins no key */
	}
	if (!out->servers)
		out->servers = addr_literal(S("127.0.0.1"), port, &out->server[0]);
}
