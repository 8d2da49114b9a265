// SPDX-License-Identifier: MIT
#include "aws/creds.h"

#include "base/clock.h"
#include "net/http.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MS 1000000

static str variable(const char *name)
{
	return str_of(getenv(name));
}

static bool one_line(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return false;
	return true;
}

static bool one_word(str s)
{
	return one_line(s) && (!s.n || !memchr(s.p, ' ', s.n));
}

static enum creds_status from_environment(struct creds *out)
{
	struct creds c = { .id = variable("AWS_ACCESS_KEY_ID"),
		               .secret = variable("AWS_SECRET_ACCESS_KEY"),
		               .token = variable("AWS_SESSION_TOKEN"),
		               .expires = CREDS_NEVER };

	if (!c.id.n || !c.secret.n)
		return CREDS_NONE;
	if (!one_word(c.id) || !one_word(c.token))
		return CREDS_KEYS;
	*out = c;
	return CREDS_OK;
}

/* All of a file, which must fit with a byte to spare: more than that was not expected. */
static bool read_file(const char *path, char *room, size_t cap, size_t *n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = 0;

	*n = 0;
	if (fd < 0)
		return false;
	while (*n < cap && (got = read(fd, room + *n, cap - *n)) != 0) {
		if (got < 0 && errno != EINTR)
			break;
		if (got > 0)
			*n += (size_t)got;
	}
	close(fd);
	return got == 0 && *n < cap;
}

/* The file is read each time, as whoever writes it does so before the token in it expires. */
static bool read_bearer(struct creds_cache *cache, str *out)
{
	const char *path = getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");

	*out = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN");
	if (path && *path) {
		size_t n;

		if (!read_file(path, cache->bearer, sizeof cache->bearer, &n))
			return false;
		*out = (str){ cache->bearer, n };
	}
	return out->n <= CREDS_BEARER_BYTES && one_line(*out);
}

static struct iovec piece(str s)
{
	return (struct iovec){ (void *)(uintptr_t)s.p, s.n };
}

static enum err plainly(struct stream *s, const struct url *url, int64_t deadline)
{
	struct addr to;
	enum err e = addr_resolve(url->host, url->port, &to);

	return e == OK ? stream_connect(s, &to, deadline) : e;
}

static enum err ask(const struct url *url, creds_tls *tls, str bearer, char *room, size_t cap, int64_t deadline,
                    struct http_reply *reply)
{
	str path = url->path.n && url->path.p[0] == '/' ? (str){ 0 } : S("/");
	struct iovec request[] = {
		piece(S("GET ")),
		piece(path),
		piece(url->path),
		piece(S(" HTTP/1.1\r\nHost: ")),
		piece(url->authority),
		piece(S("\r\nAccept: application/json\r\nConnection: close\r\n")),
		piece(bearer.n ? S("Authorization: ") : (str){ 0 }),
		piece(bearer),
		piece(bearer.n ? S("\r\n\r\n") : S("\r\n")),
	};
	struct stream s = { .fd = -1 };
	enum err e = (url->tls ? tls : plainly)(&s, url, deadline);

	if (e != OK)
		return e;
	e = stream_write(&s, request, sizeof request / sizeof *request, deadline);
	if (e == OK || e == ERR_CLOSED) /* it may have answered without reading all */
		e = http_read_reply(&s, room, cap, cap, deadline, reply);
	stream_close(&s);
	return e;
}

/* No answer, or one that blames the server, is worth another try; a refusal is not, nor who cannot be trusted. */
static enum creds_status fetch(struct creds_cache *cache, creds_tls *tls, int64_t deadline, str *body)
{
	struct http_reply reply = { 0 };
	struct url url;
	enum creds_status place = creds_place(variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
	                                      variable("AWS_CONTAINER_CREDENTIALS_FULL_URI"), &url);
	enum err e = ERR_TIMEOUT;
	str bearer;

	if (place != CREDS_OK)
		return place;
	if (!read_bearer(cache, &bearer))
		return CREDS_TOKEN;
	for (int i = 0; i < CREDS_TRIES; i++) {
		int64_t now = clock_mono_ns(), end = now + (int64_t)CREDS_TRY_MS * MS;

		if (now >= deadline)
			break;
		e = ask(&url, tls, bearer, cache->reply, sizeof cache->reply, end < deadline ? end : deadline, &reply);
		if ((e == OK && reply.head.status < 500) || e == ERR_TLS || e == ERR_CERTIFICATE)
			break;
	}
	if (e == ERR_TLS || e == ERR_CERTIFICATE)
		return CREDS_TLS;
	if (e != OK)
		return CREDS_FETCH;
	*body = reply.body;
	return reply.head.status == 200 ? CREDS_OK : CREDS_REFUSED;
}

static enum creds_status refresh(struct creds_cache *cache, creds_tls *tls, int64_t wall, int64_t deadline)
{
	unsigned next = 1 - cache->which;
	struct creds fresh;
	str body = { 0 };
	enum creds_status status = fetch(cache, tls, deadline, &body);

	if (status == CREDS_OK)
		status = creds_parse(body, cache->kept[next], sizeof cache->kept[next], &fresh);
	if (status == CREDS_OK && fresh.expires <= wall)
		status = CREDS_EXPIRED;
	if (status == CREDS_OK) {
		explicit_bzero(cache->kept[cache->which], sizeof cache->kept[cache->which]);
		cache->which = next;
		cache->now = fresh;
		cache->stale = false;
	} else {
		explicit_bzero(cache->kept[next], sizeof cache->kept[next]);
	}
	explicit_bzero(cache->reply, sizeof cache->reply);
	explicit_bzero(cache->bearer, sizeof cache->bearer);
	cache->asked = wall;
	return cache->last = status;
}

static bool is_due(const struct creds_cache *cache, int64_t wall)
{
	int64_t expires = cache->now.expires;

	if (!cache->now.id.n || cache->stale || expires <= wall)
		return true;
	if (expires == CREDS_NEVER || expires - wall > CREDS_REFRESH_S)
		return false;
	/* A clock that was set back must not keep us from asking. */
	return expires - wall <= CREDS_REFRESH_NOW_S || wall < cache->asked || wall - cache->asked >= CREDS_REFRESH_PAUSE_S;
}

enum creds_status creds_get(struct creds_cache *cache, creds_tls *tls, int64_t wall, int64_t deadline,
                            struct creds *out)
{
	enum creds_status status = from_environment(out);

	if (status != CREDS_NONE)
		return status;
	if (is_due(cache, wall))
		status = refresh(cache, tls, wall, deadline);
	if (!cache->now.id.n || cache->now.expires <= wall)
		return status;
	*out = cache->now;
	return CREDS_OK;
}

void creds_wipe(struct creds_cache *cache)
{
	explicit_bzero(cache, sizeof *cache);
}
