// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "api.h"

#include "loop.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_SIZE 65536
#define RUNTIME "/2018-06-01/runtime/"
#define EXTENSION "/2020-01-01/extension/"
#define IDENTIFIER "Lambda-Extension-Identifier"

bool api_open(struct api *a)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct epoll_event listening = { .events = EPOLLIN };
	socklen_t n = sizeof at;

	for (size_t i = 0; i < API_CONNECTIONS; i++) {
		a->conns[i].fd = -1;
		memset(buf_room(&a->conns[i].in, READ_SIZE), 0, READ_SIZE); /* our own page faults are not the candidate's */
	}
	a->epoll = epoll_create1(EPOLL_CLOEXEC);
	a->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (a->epoll < 0 || a->listener < 0 || bind(a->listener, (struct sockaddr *)&at, n) || listen(a->listener, 16) ||
	    getsockname(a->listener, (struct sockaddr *)&at, &n) ||
	    epoll_ctl(a->epoll, EPOLL_CTL_ADD, a->listener, &listening))
		return false;
	snprintf(a->address, sizeof a->address, "127.0.0.1:%u", ntohs(at.sin_port));
	return true;
}

static void forget(struct api *a, struct api_conn *c)
{
	if (a->next == c)
		a->next = NULL;
	if (a->answer == c)
		a->answer = NULL;
	for (unsigned i = 0; i < a->extension_count; i++)
		if (a->extensions[i].waiting == c)
			a->extensions[i].waiting = NULL;
	http_request_reset(&c->request);
	close(c->fd); /* and epoll forgets it */
	c->fd = -1;
	c->in.n = 0;
}

void api_begin(struct api *a)
{
	for (size_t i = 0; i < API_CONNECTIONS; i++)
		if (a->conns[i].fd >= 0)
			forget(a, &a->conns[i]);
	memset(a->extensions, 0, sizeof a->extensions);
	a->extension_count = a->expected = 0;
	a->connected_ns = a->next_ns = a->idle_ns = 0;
	a->id = "";
	a->complaint[0] = 0;
}

bool api_idle(const struct api *a)
{
	for (unsigned i = 0; i < a->extension_count; i++)
		if (!a->extensions[i].waiting)
			return false;
	return a->next && !a->answer;
}

bool api_send(struct api_conn *c, const char *p, size_t n)
{
	while (n) {
		ssize_t sent = send(c->fd, p, n, MSG_NOSIGNAL);

		if (sent <= 0)
			return false;
		p += sent;
		n -= (size_t)sent;
	}
	return true;
}

void api_reply(struct api_conn *c, const char *head, const char *body)
{
	char *text = must_print("HTTP/1.1 %sContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", head,
	                        strlen(body), body);

	api_send(c, text, strlen(text)); /* who is gone by now is missed elsewhere */
	free(text);
}

static bool complain(struct api *a, const char *what, const struct http_request *q)
{
	if (!a->complaint[0])
		snprintf(a->complaint, sizeof a->complaint, "%s: %s %.60s %.80s", what, q->method, q->target,
		         q->body_n ? q->body : "");
	return false;
}

static bool said(struct api *a, const char *what, const struct http_request *q)
{
	if (!a->complaint[0])
		snprintf(a->complaint, sizeof a->complaint, "%s: %.140s", what, q->body_n ? q->body : "");
	return false;
}

static void registered(struct api *a, struct api_conn *c)
{
	char head[100];

	if (a->extension_count == API_EXTENSIONS) {
		complain(a, "it has too many extensions", &c->request);
		return;
	}
	a->extensions[a->extension_count++].invoke = c->request.body_n && strstr(c->request.body, "INVOKE");
	snprintf(head, sizeof head, "200 OK\r\n" IDENTIFIER ": 7d3c52a1-0000-4000-8000-%012u\r\n", a->extension_count);
	api_reply(c, head,
	          "{\"functionName\":\"bench\",\"functionVersion\":\"$LATEST\",\"handler\":\"bootstrap\",\"accountId\":"
	          "\"123456789012\"}");
}

static void extension_waits(struct api *a, struct api_conn *c)
{
	const char *id = http_header(&c->request, IDENTIFIER), *number = id ? strrchr(id, '-') : NULL;
	unsigned long n = number ? strtoul(number + 1, NULL, 10) : 0;

	if (!n || n > a->extension_count)
		complain(a, "an extension without its identifier", &c->request);
	else
		a->extensions[n - 1].waiting = c;
}

/* True when the connection now waits for us, false when its request has been answered. */
static bool runtime_asks(struct api *a, struct api_conn *c, const char *what)
{
	size_t n = strlen(a->id);

	if (!strcmp(what, "invocation/next") && !strcmp(c->request.method, "GET")) {
		a->next = c;
		a->next_ns = c->first_ns;
		return true;
	}
	if (n && !strncmp(what, "invocation/", 11) && !strncmp(what + 11, a->id, n) &&
	    !strcmp(what + 11 + n, "/response")) {
		a->answer = c;
		return true;
	}
	if (!strcmp(what, "init/error"))
		return said(a, "it says that its init failed", &c->request);
	if (!strncmp(what, "invocation/", 11) && strstr(what, "/error"))
		return said(a, "it answered the event with an error", &c->request);
	return complain(a, "it asked for something that a well-behaved bootstrap does not", &c->request);
}

static bool asked(struct api *a, struct api_conn *c)
{
	const char *target = c->request.target;
	bool waits = true;

	if (!strncmp(target, RUNTIME, sizeof RUNTIME - 1))
		waits = runtime_asks(a, c, target + sizeof RUNTIME - 1);
	else if (!strcmp(target, EXTENSION "event/next"))
		extension_waits(a, c);
	else if (!strcmp(target, EXTENSION "register"))
		registered(a, c), waits = false;
	else if (!strcmp(c->request.method, "PUT") &&
	         (!strcmp(target, "/2022-07-01/telemetry") || !strcmp(target, "/2020-08-15/logs")))
		api_reply(c, "200 OK\r\n", "\"OK\""), waits = false; /* accepted; nothing is ever delivered */
	else
		waits = complain(a, "it asked for what is not there", &c->request);
	if (waits)
		a->idle_ns = c->first_ns;
	return waits;
}

static void read_conn(struct api *a, struct api_conn *c)
{
	ssize_t n = recv(c->fd, buf_room(&c->in, READ_SIZE), READ_SIZE, MSG_DONTWAIT);
	uint64_t now = clock_ns();
	enum http_need need;

	if (n <= 0) {
		if (!n || errno != EAGAIN)
			forget(a, c);
		return;
	}
	if (!c->in.n) {
		http_request_reset(&c->request);
		c->first_ns = now;
		c->continued = false;
	}
	c->last_ns = now;
	c->in.n += (size_t)n;
	c->in.p[c->in.n] = 0;
	while ((need = http_parse(&c->request, &c->in)) == HTTP_HEAD) {
		const char *expect = http_header(&c->request, "expect");

		if (expect && !strcasecmp(expect, "100-continue"))
			api_send(c, "HTTP/1.1 100 Continue\r\n\r\n", 25);
	}
	if (need == HTTP_BAD)
		snprintf(a->complaint, sizeof a->complaint, "%s", c->request.bad);
	if (need != HTTP_DONE)
		return;
	c->in.n = 0; /* nobody sends a second request before the first is answered */
	asked(a, c);
}

static void accept_one(struct api *a)
{
	struct epoll_event reading = { .events = EPOLLIN };
	int fd = accept4(a->listener, NULL, NULL, SOCK_CLOEXEC);
	struct api_conn *c = a->conns;

	if (fd < 0)
		return;
	if (!a->connected_ns)
		a->connected_ns = clock_ns();
	while (c < a->conns + API_CONNECTIONS && c->fd >= 0)
		c++;
	if (c == a->conns + API_CONNECTIONS) {
		snprintf(a->complaint, sizeof a->complaint, "it opened more than %d connections", API_CONNECTIONS);
		close(fd);
		return;
	}
	c->fd = fd;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	reading.data.ptr = c;
	epoll_ctl(a->epoll, EPOLL_CTL_ADD, fd, &reading);
}

bool api_turn(struct api *a, int wait_ms)
{
	struct epoll_event ready[API_CONNECTIONS];
	int n = epoll_wait(a->epoll, ready, API_CONNECTIONS, wait_ms);

	for (int i = 0; i < n; i++) {
		struct api_conn *c = ready[i].data.ptr;

		if (!c)
			accept_one(a);
		else if (c->fd >= 0)
			read_conn(a, c);
	}
	return n > 0;
}
