// SPDX-License-Identifier: MIT
/* http_server.h: a listening socket and its connections on the loop, keep-alive, one request at a time each. Connections
 * belong to the server and are freed after `closed`. A reply is a queue of steps (bytes, pauses, calls, ends), so that a
 * well-behaved answer is one step and a misbehaving one is more of them; nothing about faults is known here. */
#pragma once

#include "http_parse.h"
#include "loop.h"

struct http_server;
struct http_conn;

enum http_end { HTTP_END_NONE, HTTP_END_FIN, HTTP_END_RST };

struct http_step {
	enum { STEP_SEND, STEP_PAUSE, STEP_CALL, STEP_END } kind;
	char *bytes; /* STEP_SEND: owned */
	size_t n, sent;
	uint64_t ns;                                  /* STEP_PAUSE */
	void (*call)(struct http_conn *c, void *arg); /* STEP_CALL */
	void *arg;
	enum http_end end; /* STEP_END */
	struct http_step *next;
};

struct http_conn {
	struct http_server *server;
	struct http_request request; /* the one being read, or being answered */
	bool asked;                  /* a request is complete and not answered yet */
	bool pipelined;              /* bytes came behind it before it was answered */
	uint64_t accepted_ns;
	unsigned served; /* requests answered on this connection */
	void *data;      /* the server's owner keeps what it likes here */

	struct loop_fd io; /* private from here on */
	struct loop_timer timer;
	struct buf in;
	struct http_step *out, **out_end;
	uint64_t read_limit;
	bool finished, limited, paused, dead;
	unsigned depth;
	struct http_conn *next;
};

struct http_server {
	struct loop *loop; /* filled by the owner, then http_listen */
	void *owner;
	void (*request)(struct http_conn *c);  /* c->request is complete; answer now or later */
	void (*accepted)(struct http_conn *c); /* the rest is optional */
	void (*head)(struct http_conn *c);     /* head fields are there, the body not yet: http_stop_reading */
	void (*stopped)(struct http_conn *c);  /* the limit of http_stop_reading is reached */
	void (*bad)(struct http_conn *c);      /* c->request.bad says why; afterwards 400 and close */
	void (*closed)(struct http_conn *c);   /* the peer or we ended it; do not touch c afterwards */
	uint64_t read;                         /* bytes of all connections so far */
	size_t body_max;                       /* larger bodies are bad; 0: 64 MiB */
	uint16_t port;                         /* the real one after http_listen */

	struct loop_fd listener; /* private from here on */
	struct http_conn *conns;
};

/* host is an IPv4 or IPv6 literal without brackets, port 0 picks one. false: errno says why. */
bool http_listen(struct http_server *s, const char *host, uint16_t port);
void http_server_close(struct http_server *s);

/* Bytes that have arrived so far, read or not: a connection that waits is accepted for it. */
uint64_t http_arrived(struct http_server *s);

/* The whole answer as Go's server (and so Lambda) writes it: Date, Content-Length up to 2048 bytes and one chunk above, no
 * Connection field. `fields` is zero or more complete "Name: value\r\n" lines. HEAD and 204 and 304 go without a body. */
void http_answer(struct http_conn *c, int status, const char *fields, const void *body, size_t n);
void http_answer_text(struct http_conn *c, int status, const char *content_type, const char *text);
const char *http_reason(int status);
void http_date(char out[static 32]); /* "Sat, 21 Nov 2026 09:24:25 GMT" */

/* The pieces. http_finish ends an answer: what is queued goes out, then the next request is looked at. */
void http_send(struct http_conn *c, const void *p, size_t n);
void http_pause(struct http_conn *c, uint64_t ns);
void http_call(struct http_conn *c, void (*call)(struct http_conn *c, void *arg), void *arg);
void http_end(struct http_conn *c, enum http_end end); /* queued like the others */
void http_half_close(struct http_conn *c); /* a FIN, while what the peer still sends is neither read nor refused */
void http_finish(struct http_conn *c);
void http_drop(struct http_conn *c, enum http_end end);           /* now, whatever is queued */
bool http_peer_gone(struct http_conn *c);                         /* it closed, and the loop has not come to that yet */
void http_stop_reading(struct http_conn *c, uint64_t body_bytes); /* from head(): no more than this of the body */

/* For http_server.c and http_conn.c alone. */
void http_conn_new(struct http_server *s, int fd); /* takes the socket over */
void http_steps_free(struct http_conn *c);
