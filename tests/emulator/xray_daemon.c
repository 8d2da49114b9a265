// SPDX-License-Identifier: MIT
#include "xray_daemon.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base64.h"
#include "json.h"

enum { DATAGRAM_MOST = 65536 };

static const char *judge_header(const char *p, size_t n)
{
	const char *why = NULL;
	struct json *header = json_parse(p, n, &why);

	if (!header)
		return "its first line is not JSON";
	const char *format = json_text(header, "format");
	const struct json *version = json_get(header, "version");
	if (!format || strcmp(format, "json") != 0 || !version || version->kind != JSON_NUMBER)
		why = "its first line does not say format json and a version";
	json_free(header);
	return why;
}

// A header line, T1S or T1U or M1, a request as base64 without line end.
static void take(struct collector *c, const char *p, size_t n)
{
	const char *body = memchr(p, '\n', n), *end = p + n, *why;
	struct buf request = { 0 };
	enum otlp_kind kind = OTLP_TRACES;

	if (!body)
		why = "it has no header line";
	else
		why = judge_header(p, (size_t)(body - p));
	if (!why && end - body > 4 && (!memcmp(body + 1, "T1S", 3) || !memcmp(body + 1, "T1U", 3))) {
		body += 4;
	} else if (!why && end - body > 3 && !memcmp(body + 1, "M1", 2)) {
		body += 3;
		kind = OTLP_METRICS;
	} else if (!why) {
		why = "it begins with none of T1S, T1U, M1";
	}
	if (!why && !base64_decode(&request, body, (size_t)(end - body)))
		why = "its request is not base64";
	if (why)
		collector_refuse(c, "a datagram", why);
	else
		collector_add(c, kind, request.p, request.n, "a datagram");
	buf_free(&request);
}

void xray_daemon_drain(struct xray_daemon *d)
{
	char *room = must_alloc(DATAGRAM_MOST, 1);
	ssize_t n;

	while (d->address[0] && (n = recv(d->fd.fd, room, DATAGRAM_MOST, MSG_DONTWAIT)) >= 0) {
		d->read += (uint64_t)n;
		take(d->collector, room, (size_t)n);
	}
	free(room);
}

static void on_ready(struct loop_fd *f, short revents)
{
	(void)revents;
	xray_daemon_drain(f->owner);
}

bool xray_daemon_open(struct xray_daemon *d, struct loop *l, struct collector *c)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof a;

	*d = (struct xray_daemon){ .fd = { .events = POLLIN, .ready = on_ready, .owner = d }, .collector = c };
	d->fd.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (d->fd.fd < 0 || bind(d->fd.fd, (struct sockaddr *)&a, n) || getsockname(d->fd.fd, (struct sockaddr *)&a, &n))
		return false;
	snprintf(d->address, sizeof d->address, "127.0.0.1:%u", ntohs(a.sin_port));
	loop_add(l, &d->fd);
	return true;
}

void xray_daemon_close(struct xray_daemon *d, struct loop *l)
{
	if (!d->address[0])
		return;
	xray_daemon_drain(d);
	loop_remove(l, &d->fd);
	close(d->fd.fd);
	d->address[0] = 0;
}
