// SPDX-License-Identifier: MIT
#include "http_server.h"

#include <stdlib.h>
#include <sys/socket.h>

static struct http_step *add_step(struct http_conn *c)
{
	struct http_step *s = must_alloc(1, sizeof *s);

	*c->out_end = s;
	c->out_end = &s->next;
	return s;
}

void http_send(struct http_conn *c, const void *p, size_t n)
{
	struct http_step *s = add_step(c);

	s->kind = STEP_SEND;
	s->bytes = must_copy(p, n);
	s->n = n;
}

void http_pause(struct http_conn *c, uint64_t ns)
{
	struct http_step *s = add_step(c);

	s->kind = STEP_PAUSE;
	s->ns = ns;
}

void http_call(struct http_conn *c, void (*call)(struct http_conn *, void *), void *arg)
{
	struct http_step *s = add_step(c);

	s->kind = STEP_CALL;
	s->call = call;
	s->arg = arg;
}

void http_end(struct http_conn *c, enum http_end end)
{
	struct http_step *s = add_step(c);

	s->kind = STEP_END;
	s->end = end;
}

static void half_close(struct http_conn *c, void *arg)
{
	(void)arg;
	shutdown(c->io.fd, SHUT_WR);
}

void http_half_close(struct http_conn *c)
{
	http_call(c, half_close, NULL);
}

void http_steps_free(struct http_conn *c)
{
	while (c->out) {
		struct http_step *s = c->out;

		c->out = s->next;
		free(s->bytes);
		free(s);
	}
	c->out_end = &c->out;
}
