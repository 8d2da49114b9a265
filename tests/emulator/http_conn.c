// SPDX-License-Identifier: MIT
/* One connection: requests out of what is read, replies out of the queue of steps. */
#define _GNU_SOURCE
#include "http_server.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_SIZE (64u << 10)
#define BODY_MAX (64u << 20)

static void flush(struct http_conn *c);
static void process(struct http_conn *c);
static void check_limit(struct http_conn *c);

/* Callbacks may end the connection they are called for: everything that comes from outside is bracketed by enter and
 * leave, and the memory goes with the last leave. */
static void enter(struct http_conn *c)
{
	c->depth++;
}

static void leave(struct http_conn *c)
{
	struct http_conn **at = &c->server->conns;

	if (--c->depth || !c->dead)
		return;
	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	http_request_reset(&c->request);
	buf_free(&c->in);
	free(c);
}

static void end_now(struct http_conn *c, enum http_end end)
{
	struct linger reset = { .l_onoff = 1 };

	if (c->dead)
		return;
	c->dead = true;
	if (end == HTTP_END_RST)
		setsockopt(c->io.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	loop_remove(c->server->loop, &c->io);
	loop_cancel(c->server->loop, &c->timer);
	close(c->io.fd);
	http_steps_free(c);
	if (c->server->closed)
		c->server->closed(c);
}

void http_drop(struct http_conn *c, enum http_end end)
{
	enter(c);
	end_now(c, end);
	leave(c);
}

void http_finish(struct http_conn *c)
{
	enter(c);
	c->finished = true;
	flush(c);
	leave(c);
}

/* true: done with this step. */
static bool run_step(struct http_conn *c, struct http_step *s)
{
	ssize_t n;

	switch (s->kind) {
	case STEP_SEND:
		if (s->sent == s->n)
			return true;
		n = send(c->io.fd, s->bytes + s->sent, s->n - s->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno != EAGAIN && errno != EINTR) {
			end_now(c, HTTP_END_FIN);
			return false;
		}
		s->sent += n > 0 ? (size_t)n : 0;
		return s->sent == s->n;
	case STEP_PAUSE:
		c->paused = true;
		loop_after(c->server->loop, &c->timer, s->ns);
		s->kind = STEP_SEND; /* of nothing, once the pause is over */
		return false;
	case STEP_CALL: s->call(c, s->arg); return true;
	case STEP_END:  end_now(c, s->end); return false;
	}
	return true;
}

static void next_request(struct http_conn *c)
{
	size_t used = c->request.used;

	if (c->limited) { /* the rest of that body is nobody's request */
		end_now(c, HTTP_END_FIN);
		return;
	}
	c->finished = c->asked = false;
	c->served++;
	http_request_reset(&c->request);
	buf_cut(&c->in, used);
	if (c->in.n)
		c->request.first_ns = c->request.last_ns = clock_ns();
	process(c);
}

static void flush(struct http_conn *c)
{
	while (!c->dead && !c->paused && c->out) {
		struct http_step *s = c->out;

		if (!run_step(c, s))
			break;
		if (c->dead) /* the steps went with it */
			return;
		c->out = s->next;
		if (!c->out)
			c->out_end = &c->out;
		free(s->bytes);
		free(s);
	}
	if (c->dead)
		return;
	short events = (short)((c->limited ? 0 : POLLIN) | (c->out && !c->paused ? POLLOUT : 0));
	if (events != c->io.events)
		loop_events(c->server->loop, &c->io, events);
	if (!c->out && c->finished)
		next_request(c);
}

static void resume(struct loop_timer *t)
{
	struct http_conn *c = t->owner;

	enter(c);
	c->paused = false;
	flush(c);
	leave(c);
}

static void refuse(struct http_conn *c)
{
	struct http_server *s = c->server;

	c->asked = true;
	if (s->bad)
		s->bad(c);
	if (c->dead)
		return;
	c->limited = true; /* what follows is nobody's request */
	http_answer_text(c, 400, "text/plain", c->request.bad);
}

static void process(struct http_conn *c)
{
	struct http_server *s = c->server;
	size_t max = s->body_max ? s->body_max : BODY_MAX;

	while (!c->dead && !c->asked) {
		switch (http_parse(&c->request, &c->in)) {
		case HTTP_MORE:
			if (c->limited)
				return;
			if (c->request.body_n <= max && c->request.content_length <= max)
				return;
			c->request.bad = "the body is larger than this server takes";
			refuse(c);
			return;
		case HTTP_HEAD:
			if (s->head)
				s->head(c);
			check_limit(c); /* head and body often come in one piece */
			break;
		case HTTP_DONE:
			c->asked = true;
			c->read_limit = 0;
			c->pipelined = c->in.n > c->request.used;
			s->request(c);
			return;
		case HTTP_BAD: refuse(c); return;
		}
	}
	c->pipelined |= !c->dead && c->asked && c->in.n > c->request.used;
}

static size_t read_size(const struct http_conn *c)
{
	if (c->read_limit)
		return (size_t)(c->read_limit - c->in.n);
	/* the rest of an announced body at once */
	if (!c->asked && c->request.left > READ_SIZE && c->request.left < BODY_MAX)
		return (size_t)c->request.left;
	return READ_SIZE;
}

static void check_limit(struct http_conn *c)
{
	if (c->dead || c->asked || !c->read_limit || c->in.n < c->read_limit)
		return;
	c->read_limit = 0;
	c->limited = c->asked = true;
	loop_events(c->server->loop, &c->io, c->io.events & ~POLLIN);
	if (c->server->stopped)
		c->server->stopped(c);
}

static void read_some(struct http_conn *c)
{
	size_t room = read_size(c);
	ssize_t n;

	buf_room(&c->in, room);
	n = recv(c->io.fd, c->in.p + c->in.n, room, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		end_now(c, HTTP_END_FIN);
		return;
	}
	c->server->read += (uint64_t)n;
	uint64_t now = clock_ns();
	if (!c->asked) {
		if (!c->in.n)
			c->request.first_ns = now;
		c->request.last_ns = now;
	}
	c->in.n += (size_t)n;
	c->in.p[c->in.n] = 0;
	process(c);
	check_limit(c);
}

static void conn_ready(struct loop_fd *f, short revents)
{
	struct http_conn *c = f->owner;

	enter(c);
	if (revents & POLLOUT)
		flush(c);
	if (!c->dead && revents & (POLLIN | POLLHUP | POLLERR)) {
		if (c->limited && !(revents & POLLIN))
			end_now(c, HTTP_END_FIN);
		else if (!c->limited)
			read_some(c);
	}
	leave(c);
}

bool http_peer_gone(struct http_conn *c)
{
	char byte;
	ssize_t n = recv(c->io.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	return !n || (n < 0 && errno != EAGAIN && errno != EINTR);
}

void http_stop_reading(struct http_conn *c, uint64_t body_bytes)
{
	c->read_limit = c->request.used + body_bytes;
}

void http_conn_new(struct http_server *s, int fd)
{
	struct http_conn *c = must_alloc(1, sizeof *c);
	int one = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	c->server = s;
	c->accepted_ns = clock_ns();
	c->out_end = &c->out;
	c->timer = (struct loop_timer){ .fire = resume, .owner = c };
	c->io = (struct loop_fd){ .fd = fd, .events = POLLIN, .ready = conn_ready, .owner = c };
	c->next = s->conns;
	s->conns = c;
	loop_add(s->loop, &c->io);
	enter(c);
	if (s->accepted)
		s->accepted(c);
	if (!c->dead)
		read_some(c); /* what is there already saves a turn */
	leave(c);
}
