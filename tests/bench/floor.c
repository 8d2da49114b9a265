// SPDX-License-Identifier: MIT
/*
 * floor: the least that a static musl program can do as a Lambda bootstrap, and what every figure of the bench is a ratio to. One
 * connection, four system calls an invocation, 15 bytes of answer. No reconnecting, no error is handled, no header but two is
 * looked at, and an event fits the buffer: a bound, not a peer.
 *
 * With -DREGISTERS it is the floor for what hears of the sandbox's end: it first registers an extension without events on another connection.
 * With -DPOSTS it is the floor for what exports: after each answer it posts as many bytes as hello's spans are, and waits for the reply. With -DWAITS
 * it does nothing for as long as an export over TLS may take: a CPU that has been idle answers the next event later, whoever it was idle for.
 */
#include "base/late.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ID "Lambda-Runtime-Aws-Request-Id: "
#define LENGTH "Content-Length: "

static const char next[] = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: lambda\r\n\r\n";
static const char post[] = "POST /2018-06-01/runtime/invocation/";
static const char answer[] = "/response HTTP/1.1\r\nHost: lambda\r\nContent-Length: 15\r\n\r\n\"Hello, floor!\"";
static char in[65536] LATE, out[512], *id; /* the buffer behind the rest, which then is in one page with .data */

/* True when the n bytes of `in` are a whole reply: by its length, or by the last chunk (data that ends like one would deceive it). */
static int whole(size_t n)
{
	size_t length = 0;
	char *line = in, *end = in + n, *lf;

	for (; (lf = memchr(line, '\n', (size_t)(end - line))); line = lf + 1) {
		if (*line == '\r')
			return length ? (size_t)(end - lf - 1) >= length : !memcmp(end - 5, "0\r\n\r\n", 5);
		if (!memcmp(line, LENGTH, sizeof LENGTH - 1))
			length = (size_t)atol(line + sizeof LENGTH - 1);
		else if (!memcmp(line, ID, sizeof ID - 1))
			id = line + sizeof ID - 1;
	}
	return 0;
}

static void exchange(int fd, const char *request, size_t size)
{
	size_t n = 0;
	ssize_t got;

	if (write(fd, request, size) != (ssize_t)size)
		_exit(1);
	do {
		got = read(fd, in + n, sizeof in - n);
		if (got <= 0)
			_exit(1);
		n += (size_t)got;
	} while (!whole(n));
}

/* host:port, the host an IPv4 address */
static struct sockaddr_in address(char *text)
{
	char *colon = strchr(text, ':');
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(colon + 1)) };

	*colon = 0;
	if (!inet_aton(text, &to.sin_addr))
		_exit(1);
	return to;
}

static int reach(const struct sockaddr_in *to)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (connect(fd, (const struct sockaddr *)to, sizeof *to))
		_exit(1);
	return fd;
}

#ifdef REGISTERS
#define IDENTIFIER "Lambda-Extension-Identifier: "

static const char enroll[] = "POST /2020-01-01/extension/register HTTP/1.1\r\nHost: lambda\r\n"
							 "Lambda-Extension-Name: floor\r\nContent-Length: 13\r\n\r\n{\"events\":[]}";
static const char wait_on[] = "GET /2020-01-01/extension/event/next HTTP/1.1\r\nHost: lambda\r\n" IDENTIFIER;

static void enter(const struct sockaddr_in *to)
{
	int fd = reach(to);
	size_t n = sizeof wait_on - 1;
	char *line;

	exchange(fd, enroll, sizeof enroll - 1);
	line = strstr(in, IDENTIFIER);
	if (!line)
		_exit(1);
	memcpy(out, wait_on, n);
	memcpy(out + n, line + sizeof IDENTIFIER - 1, 36); /* a UUID */
	memcpy(out + n + 36, "\r\n\r\n", 4);
	if (write(fd, out, n + 40) != (ssize_t)n + 40)
		_exit(1);
}
#else
static void enter(const struct sockaddr_in *to)
{
	(void)to;
}
#endif

#if defined POSTS
static void after_answer(void)
{
	static char request[1024] = "POST / HTTP/1.1\r\nHost: receiver\r\nContent-Length: 700\r\n\r\n";
	static int fd = -1;

	if (fd < 0) {
		struct sockaddr_in to = address(getenv("OTEL_EXPORTER_OTLP_ENDPOINT") + sizeof "http://" - 1);

		fd = reach(&to);
	}
	exchange(fd, request, strlen(request) + 700);
}
#elif defined WAITS
static void after_answer(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 100000 }, NULL);
}
#else
static void after_answer(void)
{
}
#endif

int main(void)
{
	struct sockaddr_in to = address(getenv("AWS_LAMBDA_RUNTIME_API"));
	int fd;

	enter(&to);
	fd = reach(&to);
	memcpy(out, post, sizeof post - 1);
	for (;;) {
		exchange(fd, next, sizeof next - 1);
		size_t n = (size_t)((char *)memchr(id, '\r', 64) - id);
		memcpy(out + sizeof post - 1, id, n);
		memcpy(out + sizeof post - 1 + n, answer, sizeof answer - 1);
		exchange(fd, out, sizeof post - 1 + n + sizeof answer - 1);
		after_answer();
	}
}
