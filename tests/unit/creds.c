// SPDX-License-Identifier: MIT
#include "aws/creds.h"

#include "base/clock.h"

#include "peer.h"

#include <fcntl.h>

#define NOW 1764000000 /* 2025-11-24T16:00:00Z */

/* ---- places ---- */

static enum creds_status place(const char *relative, const char *full, struct url *url)
{
	return creds_place(str_of(relative), str_of(full), url);
}

TEST(a_relative_uri_is_of_the_container_agent_and_wins)
{
	struct url url;

	CHECK(place("/v2/credentials/1?a=b", "http://evil.example", &url) == CREDS_OK);
	CHECK(str_eq(url.host, S("169.254.170.2")) && url.port == 80 && str_eq(url.path, S("/v2/credentials/1?a=b")));
	CHECK(place("v2", NULL, &url) == CREDS_URI && place("@evil.example/", NULL, &url) == CREDS_URI);
	CHECK(place("/a\r\nX: y", NULL, &url) == CREDS_URI && place("/a b", NULL, &url) == CREDS_URI);
	CHECK(place(NULL, NULL, &url) == CREDS_NONE && place("", "", &url) == CREDS_NONE);
}

TEST(plain_http_goes_only_where_a_token_may_be_told)
{
	static const char *const allowed[] = { "http://localhost:1/x",
		                                   "http://LOCALHOST",
		                                   "http://127.0.0.1:80/",
		                                   "http://127.255.0.3",
		                                   "http://[::1]/",
		                                   "http://169.254.170.2/v2",
		                                   "http://169.254.170.23",
		                                   "http://[fd00:ec2::23]/v1",
		                                   "http://[fd00:0ec2:0:0::23]/v1" };
	static const char *const forbidden[] = { "http://169.254.170.20",       "http://169.254.169.254/latest",
		                                     "http://[fd00:ec2::254]/",     "http://example.com/",
		                                     "http://localhost.example",    "http://127.0.0.1.example/",
		                                     "http://169.254.170.2.nip.io", "http://[::ffff:10.0.0.1]/",
		                                     "http://2852039170/",          "http://0/" };
	static const char *const broken[] = { "ftp://localhost", "http://", "http://user:secret@localhost/",
		                                  "http://localhost:0", "http://127.0.0.1/ x" };
	struct url url;

	for (size_t i = 0; i < COUNT(allowed); i++)
		CHECK(place(NULL, allowed[i], &url) == CREDS_OK);
	for (size_t i = 0; i < COUNT(forbidden); i++)
		CHECK(place(NULL, forbidden[i], &url) == CREDS_HOST);
	for (size_t i = 0; i < COUNT(broken); i++)
		CHECK(place(NULL, broken[i], &url) == CREDS_URI);
	CHECK(place(NULL, "https://example.com/creds", &url) == CREDS_OK && url.tls && url.port == 443);
}

/* ---- answers ---- */

#define SET                                                                                                     \
	"{\"RoleArn\":\"arn\",\"AccessKeyId\":\"ASIA1\",\"SecretAccessKey\":\"s/e+cret\",\"Token\":\"tok\\/en==\"," \
	"\"Expiration\":\"2025-11-24T17:00:00Z\",\"AccountId\":\"1\"}"

static enum creds_status parse(str json, size_t size, struct creds *c)
{
	static char room[256];

	memset(room, 'x', sizeof room);
	*c = (struct creds){ .expires = -1 };
	return creds_parse((str){ test_guarded(json.p, json.n), json.n }, room, size, c);
}

TEST(a_set_of_credentials_is_read)
{
	struct creds c;

	CHECK(parse(S(SET), 256, &c) == CREDS_OK);
	CHECK(str_eq(c.id, S("ASIA1")) && str_eq(c.secret, S("s/e+cret")) && str_eq(c.token, S("tok/en==")));
	CHECK(c.expires == NOW + 3600);
	CHECK(parse(S("{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"b\"}"), 256, &c) == CREDS_OK);
	CHECK(!c.token.n && c.expires == CREDS_NEVER);
	CHECK(parse(S("{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"b\",\"Token\":null,\"Expiration\":null}"), 256, &c) ==
	      CREDS_OK);
}

TEST(a_set_that_is_not_whole_is_refused)
{
	static const char *const t[] = {
		"",
		"null",
		"[]",
		"{}",
		"not json",
		"{\"AccessKeyId\":\"a\"}",
		"{\"SecretAccessKey\":\"b\"}",
		"{\"AccessKeyId\":\"\",\"SecretAccessKey\":\"b\"}",
		"{\"AccessKeyId\":null,\"SecretAccessKey\":\"b\"}",
		"{\"AccessKeyId\":1,\"SecretAccessKey\":\"b\"}",
		"{\"AccessKeyId\":\"a\",\"SecretAccessKey\":[\"b\"]}",
		"{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"b\",\"Token\":{}}",
		"{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"b\",\"Token\":\"x\\r\\ny: z\"}",
		"{\"AccessKeyId\":\"a b\",\"SecretAccessKey\":\"b\"}",
		"{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"b\",\"Expiration\":\"soon\"}",
		"{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"b\",\"Expiration\":1764000000}",
		"{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"b\"} x",
		"{\"Code\":\"AccessDenied\",\"Message\":\"no\"}",
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		struct creds c;

		CHECK(parse(str_of(t[i]), 256, &c) == CREDS_REPLY && c.expires == -1 && !c.id.n);
	}
	for (size_t n = 0; n < sizeof SET - 1; n++) {
		struct creds c;

		CHECK(parse((str){ SET, n }, 256, &c) == CREDS_REPLY);
	}
}

TEST(a_set_needs_room_for_its_strings)
{
	const size_t needed = sizeof "ASIA1" + sizeof "s/e+cret" + sizeof "tok/en==" + sizeof "2025-11-24T17:00:00Z" - 4;
	struct creds c;

	for (size_t n = 0; n < needed; n++)
		CHECK(parse(S(SET), n, &c) == CREDS_REPLY);
	CHECK(parse(S(SET), needed + 1, &c) == CREDS_OK); /* an escaped string is decoded in room for its text */
}

/* ---- environment, file, socket ---- */

static struct creds_cache cache;

static void clean(void)
{
	static const char *const names[] = { "AWS_ACCESS_KEY_ID",
		                                 "AWS_SECRET_ACCESS_KEY",
		                                 "AWS_SESSION_TOKEN",
		                                 "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
		                                 "AWS_CONTAINER_CREDENTIALS_FULL_URI",
		                                 "AWS_CONTAINER_AUTHORIZATION_TOKEN",
		                                 "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE" };

	for (size_t i = 0; i < COUNT(names); i++)
		unsetenv(names[i]);
	creds_wipe(&cache);
}

/* Plain, but for what it is asked for; or it fails. */
static struct {
	enum err fails;
	int count;
} by_tls;

static enum err tls(struct stream *s, const struct url *to, int64_t deadline)
{
	struct addr addr;

	by_tls.count++;
	CHECK(to->tls && str_eq(to->host, S("keys.example")));
	if (by_tls.fails)
		return by_tls.fails;
	CHECK(addr_literal(S("127.0.0.1"), to->port, &addr));
	return stream_connect(s, &addr, deadline);
}

static enum creds_status get(int64_t wall, struct creds *c)
{
	*c = (struct creds){ 0 };
	return creds_get(&cache, tls, wall, clock_mono_ns() + 10000000000, c);
}

static struct peer endpoint(const struct act *acts)
{
	struct peer p = peer_start(AF_INET, acts);
	char host[64], url[128];
	str at = peer_host(&p.addr, host);

	snprintf(url, sizeof url, "http://%.*s/get?x=y", (int)at.n, at.p);
	setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", url, 1);
	return p;
}

#define ANSWER(status, length, body) SEND("HTTP/1.1 " status "\r\nContent-Length: " length "\r\n\r\n" body)
#define KEYS(id, expires)                                                                                             \
	"{\"AccessKeyId\":\"" id "\",\"SecretAccessKey\":\"secret\",\"Token\":\"t\",\"Expiration\":\"2025-11-24T" expires \
	":00Z\"}"
#define GIVES(id, expires) SEND("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" KEYS(id, expires)), CLOSE
#define ASKS(within) ACCEPT, CALL("GET /get?x=y HTTP/1.1\r\nHost: 127.0.0.1:", within)

TEST(the_environments_keys_are_read_again_each_time)
{
	struct creds c;

	clean();
	CHECK(get(NOW, &c) == CREDS_NONE);
	setenv("AWS_ACCESS_KEY_ID", "AKID1", 1);
	CHECK(get(NOW, &c) == CREDS_NONE);
	setenv("AWS_SECRET_ACCESS_KEY", "s1", 1);
	CHECK(get(NOW, &c) == CREDS_OK && str_eq(c.id, S("AKID1")) && str_eq(c.secret, S("s1")) && !c.token.n);
	setenv("AWS_ACCESS_KEY_ID", "AKID2", 1);
	setenv("AWS_SESSION_TOKEN", "t2", 1);
	CHECK(get(NOW, &c) == CREDS_OK && str_eq(c.id, S("AKID2")) && str_eq(c.token, S("t2")) && c.expires == CREDS_NEVER);
	setenv("AWS_SESSION_TOKEN", "t2\r\nX: y", 1);
	CHECK(get(NOW, &c) == CREDS_KEYS && !c.id.n);
	clean();
}

TEST(an_endpoint_is_asked_once_and_again_before_expiry)
{
	static const struct act acts[] = SCRIPT(ASKS("Accept: application/json\r\nConnection: close\r\n\r\n"),
	                                        GIVES("A", "17:00"), ASKS("GET"), GIVES("B", "18:00"));
	struct peer p;
	struct creds c;

	clean();
	p = endpoint(acts);
	CHECK(get(NOW, &c) == CREDS_OK && str_eq(c.id, S("A")) && str_eq(c.secret, S("secret")) && str_eq(c.token, S("t")));
	CHECK(get(NOW + 3600 - CREDS_REFRESH_S - 1, &c) == CREDS_OK && str_eq(c.id, S("A")));
	CHECK(get(NOW + 3600 - CREDS_REFRESH_S, &c) == CREDS_OK && str_eq(c.id, S("B")));
	CHECK(get(NOW + 3600, &c) == CREDS_OK && str_eq(c.id, S("B")) && c.expires == NOW + 7200);
	CHECK(peer_end(&p) == 0);
	clean();
}

TEST(what_is_there_is_used_until_it_expires_when_a_refresh_fails)
{
	static const struct act acts[] = SCRIPT(ASKS("GET"), GIVES("A", "17:00"), ASKS("GET"),
	                                        ANSWER("403 Forbidden", "2", "no"), CLOSE, ASKS("GET"),
	                                        ANSWER("200 OK", "4", "null"), CLOSE, ASKS("GET"), GIVES("OLD", "15:59"),
	                                        ASKS("GET"), GIVES("OLD", "15:59"));
	struct peer p;
	struct creds c;

	clean();
	p = endpoint(acts);
	CHECK(get(NOW, &c) == CREDS_OK && cache.last == CREDS_OK);
	CHECK(get(NOW + 2700, &c) == CREDS_OK && str_eq(c.id, S("A")) && cache.last == CREDS_REFUSED);
	CHECK(get(NOW + 2701, &c) == CREDS_OK && cache.last == CREDS_REFUSED); /* not again so soon */
	CHECK(get(NOW + 2760, &c) == CREDS_OK && str_eq(c.id, S("A")) && cache.last == CREDS_REPLY);
	CHECK(get(NOW + 3599, &c) == CREDS_OK && str_eq(c.id, S("A")) && cache.last == CREDS_EXPIRED);
	CHECK(get(NOW + 3600, &c) == CREDS_EXPIRED && !c.id.n);
	CHECK(peer_end(&p) == 0);
	clean();
}

TEST(shortly_before_expiry_the_endpoint_is_asked_each_time)
{
	static const struct act acts[] = SCRIPT(ASKS("GET"), GIVES("A", "17:00"), ASKS("GET"), ANSWER("403 No", "0", ""),
	                                        CLOSE, ASKS("GET"), ANSWER("403 No", "0", ""), CLOSE, ASKS("GET"),
	                                        GIVES("B", "17:00"));
	struct peer p;
	struct creds c;

	clean();
	p = endpoint(acts);
	CHECK(get(NOW, &c) == CREDS_OK);
	CHECK(get(NOW + 3600 - CREDS_REFRESH_NOW_S - 1, &c) == CREDS_OK && cache.last == CREDS_REFUSED);
	cache.last = CREDS_OK;
	CHECK(get(NOW + 3600 - CREDS_REFRESH_NOW_S, &c) == CREDS_OK && cache.last == CREDS_REFUSED);
	CHECK(get(NOW + 3600, &c) == CREDS_EXPIRED &&
	      !c.id.n); /* the second of expiry is too late, for what came as well */
	CHECK(peer_end(&p) == 0);
	clean();
}

TEST(stale_keys_are_asked_for_at_once)
{
	static const struct act acts[] = SCRIPT(ASKS("GET"), GIVES("A", "17:00"), ASKS("GET"), GIVES("B", "17:00"));
	struct peer p;
	struct creds c;

	clean();
	p = endpoint(acts);
	CHECK(get(NOW, &c) == CREDS_OK);
	cache.stale = true;
	CHECK(get(NOW, &c) == CREDS_OK && str_eq(c.id, S("B")) && !cache.stale);
	CHECK(peer_end(&p) == 0);
	clean();
}

TEST(an_endpoint_that_fails_is_tried_three_times_and_one_that_refuses_once)
{
	static const struct act fails[] = SCRIPT(ASKS("GET"), CLOSE, ASKS("GET"), ANSWER("500 Oops", "0", ""), CLOSE,
	                                         ASKS("GET"), GIVES("A", "17:00"));
	static const struct act never[] = SCRIPT(ASKS("GET"), RESET, ASKS("GET"), SEND("garbage\n\n"), CLOSE, ASKS("GET"),
	                                         ANSWER("503 Busy", "0", ""), CLOSE, DEAF);
	static const struct act refuses[] = SCRIPT(ASKS("GET"), ANSWER("404 Not Found", "0", ""), CLOSE, DEAF);
	static const struct act floods[] = SCRIPT(ASKS("GET"), SEND("HTTP/1.1 200 OK\r\n\r\n"),
	                                          FLOOD("x", 2 * CREDS_REPLY_BYTES), ASKS("GET"), CLOSE, ASKS("GET"), CLOSE,
	                                          DEAF);
	const struct {
		const struct act *acts;
		enum creds_status status;
	} t[] = { { fails, CREDS_OK }, { never, CREDS_REFUSED }, { refuses, CREDS_REFUSED }, { floods, CREDS_FETCH } };

	for (size_t i = 0; i < COUNT(t); i++) {
		struct peer p;
		struct creds c;

		clean();
		p = endpoint(t[i].acts);
		CHECK(get(NOW, &c) == t[i].status && cache.last == t[i].status);
		CHECK(peer_end(&p) == 0);
	}
	clean();
}

TEST(an_endpoint_of_https_is_reached_by_who_knows_tls)
{
	static const struct act acts[] = SCRIPT(ACCEPT, CALL("GET /x HTTP/1.1\r\nHost: keys.example:", "GET"),
	                                        GIVES("A", "17:00"));
	static const enum err fails[] = { ERR_CERTIFICATE, ERR_TLS, ERR_CONNECT, ERR_NAME, ERR_RECORD };
	struct peer p;
	struct creds c;
	char url[64];

	clean();
	p = peer_start(AF_INET, acts);
	snprintf(url, sizeof url, "https://keys.example:%d/x", ntohs(p.addr.sa.v4.sin_port));
	setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", url, 1);
	by_tls.count = 0;
	for (size_t i = 0; i < COUNT(fails); i++) {
		int before = by_tls.count;

		by_tls.fails = fails[i];
		CHECK(get(NOW, &c) == (i < 2 ? CREDS_TLS : CREDS_FETCH) && by_tls.count - before == (i < 2 ? 1 : CREDS_TRIES));
	}
	by_tls.fails = OK;
	CHECK(get(NOW, &c) == CREDS_OK && str_eq(c.id, S("A")) && peer_end(&p) == 0);
	clean();
}

TEST(a_silent_endpoint_costs_no_more_than_the_deadline)
{
	static const struct act acts[] = SCRIPT(ASKS("GET"), END_OF_STREAM);
	struct peer p;
	struct creds c;
	int64_t before, after;

	clean();
	p = endpoint(acts);
	before = clock_mono_ns();
	CHECK(creds_get(&cache, tls, NOW, before + 100000000, &c) == CREDS_FETCH);
	after = clock_mono_ns();
	CHECK(after - before >= 100000000 && after - before < 1500000000);
	CHECK(creds_get(&cache, tls, NOW, after - 1, &c) == CREDS_FETCH);
	CHECK(peer_end(&p) == 0);
	clean();
}

static void write_file(const char *path, const void *bytes, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CHECK(fd >= 0 && write(fd, bytes, n) == (ssize_t)n && !close(fd));
}

TEST(the_token_comes_from_its_file_else_from_its_variable)
{
	static const struct act acts[] = SCRIPT(ASKS("\r\nAuthorization: by variable\r\n\r\n"), GIVES("A", "15:00"),
	                                        ASKS("\r\nAuthorization: by file\r\n\r\n"), GIVES("A", "15:00"),
	                                        ASKS("\r\nAuthorization: rotated\r\n\r\n"), GIVES("A", "15:00"));
	char path[] = "/tmp/mote-creds-XXXXXX";
	static char large[CREDS_BEARER_BYTES + 1];
	struct peer p;
	struct creds c;
	int fd = mkstemp(path);

	CHECK(fd >= 0 && !close(fd));
	clean();
	p = endpoint(acts);
	setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "by variable", 1);
	CHECK(get(NOW, &c) == CREDS_EXPIRED);
	setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", path, 1);
	write_file(path, "by file", 7);
	CHECK(get(NOW, &c) == CREDS_EXPIRED);
	write_file(path, "rotated", 7);
	CHECK(get(NOW, &c) == CREDS_EXPIRED);

	write_file(path, "two\nlines", 9);
	CHECK(get(NOW, &c) == CREDS_TOKEN);
	write_file(path, "end\r\n", 5);
	CHECK(get(NOW, &c) == CREDS_TOKEN);
	memset(large, 'a', sizeof large);
	write_file(path, large, sizeof large);
	CHECK(get(NOW, &c) == CREDS_TOKEN);
	unlink(path);
	CHECK(get(NOW, &c) == CREDS_TOKEN);
	setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/", 1); /* opens, and cannot be read */
	CHECK(get(NOW, &c) == CREDS_TOKEN);
	unsetenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "a\r\nHost: evil", 1);
	CHECK(get(NOW, &c) == CREDS_TOKEN);
	CHECK(peer_end(&p) == 0);
	clean();
}

static bool holds(str secret)
{
	return memmem(&cache, sizeof cache, secret.p, secret.n);
}

TEST(nothing_secret_stays_behind_what_is_replaced)
{
	static const struct act acts[] = SCRIPT(ASKS("Authorization: bearer-1"), GIVES("FIRST", "17:00"), ASKS("GET"),
	                                        GIVES("SECOND", "18:00"));
	struct peer p;
	struct creds c;

	clean();
	p = endpoint(acts);
	setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "bearer-1", 1);
	CHECK(get(NOW, &c) == CREDS_OK && holds(S("FIRST")) && !holds(S("bearer-1")) && !holds(S("SecretAccessKey")));
	CHECK(get(NOW + 3000, &c) == CREDS_OK && holds(S("SECOND")) && !holds(S("FIRST")));
	creds_wipe(&cache);
	CHECK(!holds(S("SECOND")));
	CHECK(peer_end(&p) == 0);
	clean();
}

TEST(each_failure_is_told_in_words_of_its_own)
{
	for (int i = CREDS_OK; i <= CREDS_EXPIRED; i++)
		for (int k = CREDS_OK; k < i; k++)
			CHECK(strcmp(creds_text((enum creds_status)i), creds_text((enum creds_status)k)) != 0);
}
