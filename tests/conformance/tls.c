// SPDX-License-Identifier: MIT
#include "base/clock.h"
#include "net/connect.h"
#include "net/http.h"
#include "tls/tls.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/*
 * An HTTP client over this TLS, for other people's servers:
 *
 *   tls --to ADDRESS:PORT [--name HOST] [--ca FILE]... [--cert FILE --key FILE] [--repeat N] [--fresh] [--post BYTES] [--seal] [--timeout MS]
 *       [--body]
 *
 * Each exchange is a line: "200 12" (status, bytes of the body) or "failed CODE: text"; the last line is what the handshakes were. --fresh closes
 * the connection after each, --seal encrypts before it sends, in two steps, --body prints what came.
 */
struct options {
	struct addr to;
	struct tls_settings tls;
	long repeat, post, timeout;
	bool fresh, seal, body;
};

static char room[1 << 20], sealed[2 << 20], content[1 << 20];

static void usage(void)
{
	fputs("tls --to ADDRESS:PORT [--name HOST] [--ca FILE]... [--cert FILE --key FILE] [--repeat N] [--fresh] [--post "
	      "BYTES]\n"
	      "    [--seal] [--timeout MS] [--body]\n",
	      stderr);
	exit(2);
}

static void read_address(struct options *o, char *text)
{
	char *colon = strrchr(text, ':');

	if (!colon || addr_resolve((str){ text, (size_t)(colon - text) }, (uint16_t)atoi(colon + 1), &o->to) != OK)
		usage();
}

static bool read_flag(struct options *o, const char *name)
{
	bool *flag = !strcmp(name, "--fresh")  ? &o->fresh
	             : !strcmp(name, "--seal") ? &o->seal
	             : !strcmp(name, "--body") ? &o->body
	                                       : NULL;

	if (flag)
		*flag = true;
	return flag != NULL;
}

static void read_options(struct options *o, int argc, char **argv)
{
	int roots = 0;

	for (int i = 1; i < argc; i++) {
		char *name = argv[i], *value = i + 1 < argc ? argv[i + 1] : "";

		if (read_flag(o, name))
			continue;
		i++;
		if (!strcmp(name, "--to"))
			read_address(o, value);
		else if (!strcmp(name, "--name"))
			o->tls.host = str_of(value);
		else if (!strcmp(name, "--ca") && roots < 2)
			o->tls.roots[roots++] = value;
		else if (!strcmp(name, "--cert"))
			o->tls.certificate = value;
		else if (!strcmp(name, "--key"))
			o->tls.key = value;
		else if (!strcmp(name, "--repeat"))
			o->repeat = atol(value);
		else if (!strcmp(name, "--post"))
			o->post = atol(value);
		else if (!strcmp(name, "--timeout"))
			o->timeout = atol(value);
		else
			usage();
	}
	if (!o->to.n || o->post < 0 || (size_t)o->post > sizeof content)
		usage();
}

static enum err send_sealed(struct stream *s, struct iovec *iov, int64_t deadline)
{
	struct buf out = BUF(sealed);
	str left;
	enum err e;

	if (!tls_seal(s, iov, 2, &out))
		return ERR_TOO_LARGE;
	left = buf_str(&out);
	e = stream_push(s, &left);
	return e == OK ? stream_push_rest(s, left, deadline) : e;
}

static enum err exchange(struct stream *s, const struct options *o, int64_t deadline, struct http_reply *reply)
{
	char head[512];
	struct iovec iov[2] = { { head, 0 }, { content, (size_t)o->post } };
	enum err e;

	iov[0].iov_len = (size_t)snprintf(head, sizeof head, "%s / HTTP/1.1\r\nHost: %.*s\r\nContent-Length: %ld\r\n\r\n",
	                                  o->post ? "POST" : "GET", (int)o->tls.host.n, o->tls.host.p, o->post);
	e = o->seal ? send_sealed(s, iov, deadline) : stream_write(s, iov, 2, deadline);
	if (e == OK || e == ERR_CLOSED)
		e = http_read_reply(s, room, sizeof room, sizeof room, deadline, reply);
	return e;
}

static enum err attempt(struct stream *s, const struct options *o, struct http_reply *reply)
{
	int64_t deadline = clock_mono_ns() + o->timeout * INT64_C(1000000);
	enum err e = OK;

	if (s->fd >= 0 && stream_stale(s))
		stream_close(s);
	if (s->fd < 0 && ((e = connect_any(s, &o->to, 1, deadline)) != OK || (e = tls_start(s, 0, deadline)) != OK))
		return e;
	e = exchange(s, o, deadline, reply);
	if (e != OK || o->fresh)
		stream_close(s);
	return e;
}

static int64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int main(int argc, char **argv)
{
	struct options o = { .tls.host = S("localhost"), .repeat = 1, .timeout = 5000 };
	struct stream s = { .fd = -1 };
	int failures = 0;
	int64_t start;
	enum err e;

	read_options(&o, argc, argv);
	memset(content, 'x', sizeof content);
	e = tls_configure(0, &o.tls);
	if (e != OK) {
		str why = tls_problem(0);
		printf("failed %d: %.*s\n", (int)e, (int)why.n, why.p);
		return 1;
	}
	start = cpu_ns();
	for (long i = 0; i < o.repeat; i++) {
		struct http_reply reply = { 0 };

		e = attempt(&s, &o, &reply);
		if (e == OK) {
			printf("%d %zu\n", reply.head.status, reply.body.n);
			if (o.body)
				fwrite(reply.body.p, 1, reply.body.n, stdout);
		} else {
			str said = tls_problem(0), why = said.n ? said : str_of(err_text(e));
			printf("failed %d: %.*s\n", (int)e, (int)why.n, why.p);
			failures++;
		}
	}
	stream_close(&s);
	printf("handshakes %u full %u resumed %u failed, %" PRId64 " us of CPU\n", tls_counts.full, tls_counts.resumed,
	       tls_counts.failed, (cpu_ns() - start) / 1000);
	return failures != 0;
}
