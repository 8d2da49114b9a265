// SPDX-License-Identifier: MIT
#include "net/addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define HOSTS_LINE_MAX 4096 /* of /etc/hosts, with its end; a longer line is passed over */

bool addr_literal(str host, uint16_t port, struct addr *out)
{
	char text[INET6_ADDRSTRLEN]; /* inet_pton wants its NUL */

	*out = (struct addr){ 0 };
	if (!host.n || host.n >= sizeof text || memchr(host.p, 0, host.n))
		return false;
	memcpy(text, host.p, host.n);
	text[host.n] = 0;
	if (inet_pton(AF_INET, text, &out->sa.v4.sin_addr) == 1) {
		out->sa.v4.sin_family = AF_INET;
		out->sa.v4.sin_port = htons(port);
		out->n = sizeof out->sa.v4;
		return true;
	}
	if (inet_pton(AF_INET6, text, &out->sa.v6.sin6_addr) == 1) {
		out->sa.v6.sin6_family = AF_INET6;
		out->sa.v6.sin6_port = htons(port);
		out->n = sizeof out->sa.v6;
		return true;
	}
	return false;
}

static bool line_names(str line, str name, uint16_t port, struct addr *out)
{
	str address, alias, comment;

	str_cut(line, '#', &line, &comment);
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	address = str_word(&line);
	while ((alias = str_word(&line)).n)
		if (str_ieq(alias, name))
			return addr_literal(address, port, out);
	return false;
}

bool addr_in_hosts(str text, str name, uint16_t port, struct addr *out)
{
	str line;

	while (text.n) {
		str_cut(text, '\n', &line, &text);
		if (line_names(line, name, port, out))
			return true;
	}
	return false;
}

/* The file comes in pieces that end at a line; a line that does not fit the buffer is dropped whole. */
static bool read_hosts(int fd, str name, uint16_t port, struct addr *out)
{
	char text[HOSTS_LINE_MAX];
	size_t have = 0;
	bool skipping = false;

	for (;;) {
		ssize_t got = read(fd, text + have, sizeof text - have);
		size_t whole;

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return have && !skipping && addr_in_hosts((str){ text, have }, name, port, out);
		have += (size_t)got;
		for (whole = have; whole && text[whole - 1] != '\n'; whole--)
			;
		if (!whole && have == sizeof text) {
			skipping = true;
			have = 0;
			continue;
		}
		if (whole && skipping) {
			const char *end = memchr(text, '\n', whole);
			size_t tail = (size_t)(end + 1 - text);

			memmove(text, end + 1, have - tail);
			have -= tail;
			whole -= tail;
			skipping = false;
		}
		if (whole && addr_in_hosts((str){ text, whole }, name, port, out))
			return true;
		memmove(text, text + whole, have - whole);
		have -= whole;
	}
}

enum err addr_resolve(str host, uint16_t port, struct addr *out)
{
	bool found;
	int fd;

	if (addr_literal(host, port, out))
		return OK;
	if (str_ieq(host, S("localhost")))
		return addr_literal(S("127.0.0.1"), port, out) ? OK : ERR_HOST;
	if (!host.n || (fd = open("/etc/hosts", O_RDONLY | O_CLOEXEC)) < 0)
		return ERR_HOST;
	found = read_hosts(fd, host, port, out);
	close(fd);
	return found ? OK : ERR_HOST;
}
