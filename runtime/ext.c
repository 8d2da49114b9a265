// SPDX-License-Identifier: MIT
#define _GNU_SOURCE /* ppoll */
#include "ext.h"

#include "base/clock.h"
#include "log.h"
#include "version.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#define REGISTER_NS 1000000000   /* of each try: the platform answers at once, or does not know the path */
#define SHUTDOWN_NS 250000000    /* of the 300 ms from SIGTERM to SIGKILL: the rest is for the way out */
#define UNDER_WAY_NS 80000000    /* of these, for what waits for a peer just then: others have something to send, too */
#define ID_BYTES_MAX 64          /* a UUID has 36 */
#define REQUEST_BYTES_MAX 1024   /* host and prefix are those of a head that fits struct rapi */
#define REPLY_BYTES_MAX 65536    /* of the registration's body */
#define EVENTS "{\"events\":[]}" /* SHUTDOWN is not for internal extensions; its signal comes all the same */

static struct {
	struct stream stream;
	sigset_t waiting; /* what is blocked while we wait */
	_Atomic int64_t deadline;
} ext = { .stream = { .fd = -1 }, .deadline = INT64_MAX };

/* Async-signal-safe. What waits for a peer is over soon, and comes again after the last event, by the deadline. */
static void on_term(int sig)
{
	int64_t now = clock_mono_ns();

	(void)sig;
	if (ext.deadline != INT64_MAX)
		return;
	ext.deadline = now + SHUTDOWN_NS;
	stream_end = now + UNDER_WAY_NS;
}

static void catch_term(void)
{
	struct sigaction a = { .sa_handler = on_term };
	sigset_t term;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, &ext.waiting);
	sigdelset(&ext.waiting, SIGTERM);
	sigaction(SIGTERM, &a, NULL);
	stream_signals = &ext.waiting;
}

/* ---- the Extensions API, version 2020-01-01 ---- */

static void put_line(struct buf *b, const struct rapi *r, str method, str path)
{
	buf_put(b, method);
	buf_put(b, r->prefix);
	buf_put(b, S("/2020-01-01/extension"));
	buf_put(b, path);
	buf_put(b, S(" HTTP/1.1\r\nHost: "));
	buf_put(b, r->host);
	buf_put(b, S("\r\nUser-Agent: mote/" MOTE_VERSION "\r\n"));
}

static enum err write_to(const struct rapi *r, str request, int64_t deadline)
{
	struct iovec iov = { (char *)(uintptr_t)request.p, request.n };
	enum err e = OK;

	/* An emulator may listen only after it has started us. */
	while (ext.stream.fd < 0 && (e = stream_connect(&ext.stream, &r->addr, deadline)) == ERR_CONNECT &&
	       clock_mono_ns() < deadline)
		poll(NULL, 0, 10);
	return e == OK ? stream_write(&ext.stream, &iov, 1, deadline) : e;
}

static enum err enroll(const struct rapi *r, char *room, size_t cap, int64_t deadline, struct http_reply *reply)
{
	char text[REQUEST_BYTES_MAX];
	struct buf request = BUF(text);
	enum err e;

	*reply = (struct http_reply){ 0 };
	put_line(&request, r, S("POST "), S("/register"));
	buf_put(&request, S("Lambda-Extension-Name: mote\r\nContent-Type: application/json\r\nContent-Length: "));
	buf_u64(&request, sizeof EVENTS - 1);
	buf_put(&request, S("\r\n\r\n" EVENTS));
	if (request.full)
		return ERR_TOO_LARGE;
	e = write_to(r, buf_str(&request), deadline);
	return e == OK ? http_read_reply(&ext.stream, room, cap, REPLY_BYTES_MAX, deadline, reply) : e;
}

/* Init is over once every extension has asked for its next event: this one does so for good. */
static enum err ask_for_none(const struct rapi *r, str id, int64_t deadline)
{
	char text[REQUEST_BYTES_MAX];
	struct buf request = BUF(text);

	put_line(&request, r, S("GET "), S("/event/next"));
	buf_put(&request, S("Lambda-Extension-Identifier: "));
	buf_put(&request, id);
	buf_put(&request, S("\r\n\r\n"));
	return request.full ? ERR_TOO_LARGE : write_to(r, buf_str(&request), deadline);
}

static str identifier(const struct http_reply *reply)
{
	str fields = reply->head.fields, name, value;

	while (http_field_next(&fields, &name, &value))
		if (str_ieq(name, S("Lambda-Extension-Identifier")) && value.n <= ID_BYTES_MAX)
			return value;
	return (str){ 0 };
}

static enum ext_started settle(const struct rapi *r, enum err e, const struct http_reply *reply, bool lost,
                               int64_t deadline)
{
	str id = identifier(reply);
	const char *why = "the reply has no identifier";

	if (e == OK && reply->head.status == 200 && id.n && (e = ask_for_none(r, id, deadline)) == OK) {
		catch_term();
		return EXT_GRANTED;
	}
	stream_close(&ext.stream);
	if (lost && reply->head.status == 403)
		return EXT_LOST;
	if (e != OK)
		why = err_text(e);
	else if (reply->head.status != 200)
		why = "refused";
	log_line(LOG_WARN, "extensions api: register: %s (status %d): the end of the sandbox will come unannounced", why,
	         reply->head.status);
	return EXT_REFUSED;
}

/* A reply that did not come need not mean that nothing was done. Whether it was, the second try shows: 403 is for a name that is there already. */
static bool is_lost(enum err e, const struct http_reply *reply)
{
	return !reply->head.status && (e == ERR_TIMEOUT || e == ERR_CLOSED);
}

static enum ext_started start(const struct rapi *r, char *room, size_t cap)
{
	int64_t deadline = clock_mono_ns() + REGISTER_NS;
	struct http_reply reply;
	enum err e = enroll(r, room, cap, deadline, &reply);
	bool lost = is_lost(e, &reply);

	if (lost) {
		stream_close(&ext.stream);
		deadline = clock_mono_ns() + REGISTER_NS;
		e = enroll(r, room, cap, deadline, &reply);
	}
	return settle(r, e, &reply, lost, deadline);
}

/* The signal is let in by the call that waits, and by it alone: a flag that is looked at before would miss one that comes in between. */
static bool wait_for(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	while (ext.deadline == INT64_MAX && ppoll(&p, 1, NULL, &ext.waiting) < 0 && errno == EINTR)
		;
	if (ext.deadline == INT64_MAX)
		return true;
	stream_end = ext.deadline;
	return false;
}

static int64_t deadline(void)
{
	return ext.deadline;
}

const struct ext ext_without_events = { start, wait_for, deadline };
