// SPDX-License-Identifier: MIT
// One HTTP caller of `emulator serve` and the invocation made for it. Starts as an Invoke API request or as one to the
// function URL, which differ in how they make the event and read the reply; lives until the invocation is finished, also
// when the caller has hung up.
#pragma once
#include "function.h"
#include "http_server.h"

struct call {
	struct invocation inv;
	struct callers *callers;
	struct http_conn *conn; // NULL: answered, or nobody waits any more
	struct buf event;
	char *what; // for people: "GET /path?query", "invoke hello"
	char *client_context, *tenant_id;
	char id[37];     // the request id
	char trace[512]; // X-Amzn-Trace-Id: the caller's, else a new one
	void (*reply)(struct call *call, struct http_conn *conn);
	bool at_end;      // reply when finished, not when answered: the log tail has to be complete
	int status;       // as replied; 0: not
	const char *why;  // the function replied what cannot be an answer, NULL: it did not
	uint64_t wall_ms; // when it came
	bool hung_up;
	bool settling;                 // answered, not finished: its environment is about to be free
	struct call *next, *next_held; // private
};

struct callers { // filled by the owner, then callers_open
	struct http_server server;
	struct function *function;
	const char *function_name;
	const char *arn;
	void *owner;
	void (*done)(struct callers *c, struct call *call); // the invocation is finished; call is freed afterwards
	void (*noted)(struct callers *c, const char *what, int status, const char *why); // no invocation was made of it
	struct call *calls;                                                              // private from here on
	struct call *held, **held_end;
	struct loop_timer patience;
	unsigned settling, n_held;
};

bool callers_open(struct callers *c, struct loop *loop, const char *host, uint16_t port);
void callers_let_go(struct callers *c); // of the calls that were held back; due before function_close
void callers_close(struct callers *c);

struct call *call_new(struct http_conn *conn, const char *what, void (*reply)(struct call *, struct http_conn *));
void call_leave(struct call *call); // it is answered already, or will never be: nobody waits
// Where an environment has answered and is only flushing its trace, the call waits a moment for it: a caller who asks one
// thing after the other shall not see a cold start for that.
void call_start(struct call *call);
void call_free(struct call *call); // only one that was not started
void call_refuse(struct http_conn *conn, const char *what, int status, const char *type,
                 const char *why); // as AWS's APIs do

// The whole answer with a length, whatever its size; fields are complete lines. Closes where the request asked for it.
void call_answer(struct http_conn *conn, int status, const char *fields, const void *body, size_t n);

bool invoke_api_is(const struct http_request *r);
void invoke_api(struct http_conn *conn);
void function_url(struct http_conn *conn);
