// SPDX-License-Identifier: MIT
#include "rapi.h"

#include "lambda.h"
#include "version.h"

#include "peer.h"

#define ATTEMPTS 6 /* one, and five more */

#define COMMON " HTTP/1.1\r\nHost: *\r\nUser-Agent: mote/" MOTE_VERSION "\r\n"
#define NEXT_AT(prefix) HEAD("GET " prefix "/2018-06-01/runtime/invocation/next" COMMON "\r\n")
#define NEXT NEXT_AT("")
#define EVENT_TEXT "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: 1\r\nContent-Length: 2\r\n\r\n{}"
#define EVENT SEND(EVENT_TEXT)
#define RESPONSE(id, type, n)                                                                                        \
	HEAD("POST /2018-06-01/runtime/invocation/" id "/response" COMMON "Content-Type: " type "\r\nContent-Length: " n \
	     "\r\n\r\n")
#define ACCEPTED SEND("HTTP/1.1 202 Accepted\r\nContent-Length: 16\r\n\r\n{\"status\":\"OK\"}\n")

static char room[HTTP_HEAD_MAX + LAMBDA_PAYLOAD_MAX + HTTP_HEAD_MAX], payload[LAMBDA_PAYLOAD_MAX];
static struct rapi api;
static char address[128];

static struct peer start_at(int family, const char *before, const char *behind, const struct act *acts)
{
	struct peer p = peer_start(family, acts);
	char host[64];

	peer_host(&p.addr, host);
	snprintf(address, sizeof address, "%s%s%s", before, host, behind);
	CHECK(rapi_start(&api, str_of(address)) == OK);
	return p;
}

static struct peer start(const struct act *acts)
{
	return start_at(AF_INET, "", "", acts);
}

static int end(struct peer *p)
{
	stream_close(&api.stream);
	return peer_end(p);
}

static bool gets_event(void)
{
	struct http_reply r;
	str rest, name, value;

	if (rapi_next(&api, room, sizeof room, LAMBDA_PAYLOAD_MAX, &r) != OK || r.head.status != 200 ||
	    !str_eq(r.body, S("{}")))
		return false;
	rest = r.head.fields;
	return http_field_next(&rest, &name, &value) && str_eq(value, S("1"));
}

static int status_of_post(str body)
{
	struct rapi_post post = { .id = S("1"), .content_type = S("text/plain"), .body = body };
	struct http_reply r;
	enum err e = rapi_post(&api, &post, room, sizeof room, &r);

	return e == OK ? r.head.status : -(int)e;
}

TEST(events_and_answers_go_over_one_connection)
{
	static const struct act acts[] = SCRIPT(ACCEPT, NEXT, EVENT, RESPONSE("1", "text/plain", "2"), EXPECT("ok"),
	                                        ACCEPTED, NEXT, EVENT, RESPONSE("1", "text/plain", "0"),
	                                        SEND("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), NEXT, EVENT,
	                                        END_OF_STREAM);
	struct peer p = start(acts);

	CHECK(api.stream.fd < 0); /* nothing is opened before it is needed */
	CHECK(gets_event() && status_of_post(S("ok")) == 202);
	CHECK(gets_event() && status_of_post(S("")) == 200);
	CHECK(gets_event());
	CHECK(end(&p) == 0);
}

TEST(the_address_may_be_a_url_with_a_path_and_ipv6)
{
	static const struct {
		int family;
		const char *before, *behind;
		struct act next;
	} t[] = {
		{ AF_INET, "http://", "", NEXT },
		{ AF_INET, "http://", "/", NEXT },
		{ AF_INET, "", "/.rt", NEXT_AT("/.rt") },
		{ AF_INET6, "", "", NEXT },
		{ AF_INET6, "http://", "/.rt/fn", NEXT_AT("/.rt/fn") },
		{ AF_INET6, "HTTP://", "/.rt/fn//", NEXT_AT("/.rt/fn") },
	};

	setenv("http_proxy", "http://192.0.2.1:1", 1); /* nobody may ask */
	setenv("HTTP_PROXY", "http://192.0.2.1:1", 1);
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		const struct act acts[] = SCRIPT(ACCEPT, t[i].next, EVENT, END_OF_STREAM);
		struct peer p = start_at(t[i].family, t[i].before, t[i].behind, acts);

		CHECK(gets_event());
		CHECK(end(&p) == 0);
	}
	unsetenv("http_proxy");
	unsetenv("HTTP_PROXY");
}

TEST(an_address_that_cannot_be_used_is_refused_at_once)
{
	static const struct {
		const char *text;
		enum err e;
	} t[] = { { "", ERR_ADDRESS },
		      { "https://127.0.0.1:1", ERR_ADDRESS },
		      { "127.0.0.1:0", ERR_ADDRESS },
		      { "127.0.0.1:65536", ERR_ADDRESS },
		      { "user@127.0.0.1:1", ERR_ADDRESS },
		      { "127.0.0.1:1/?a=b", ERR_ADDRESS },
		      { "127.0.0.1:1?a", ERR_ADDRESS },
		      { "127.0.0.1:1\r\nX: y", ERR_ADDRESS },
		      { "no-such-host.invalid:1", ERR_HOST } };
	char text[2048];

	for (size_t i = 0; i < sizeof t / sizeof *t; i++)
		CHECK(rapi_start(&api, str_of(t[i].text)) == t[i].e && api.stream.fd < 0);
	/* The head of /next is built once, and has to fit. */
	memset(text, 'a', sizeof text);
	memcpy(text, "127.0.0.1:1/", 12);
	CHECK(rapi_start(&api, (str){ text, 800 }) == OK && api.next_n < sizeof api.next);
	CHECK(rapi_start(&api, (str){ text, sizeof text }) == ERR_ADDRESS);
}

TEST(a_post_says_what_it_has_and_leaves_out_what_it_has_not)
{
	static const struct act acts[] =
		SCRIPT(ACCEPT,
	           HEAD("POST /2018-06-01/runtime/invocation/a%2Fb%20%25%00%C3%A4-._~/error" COMMON
	                "Content-Type: application/json\r\n"
	                "Lambda-Runtime-Invocation-Id: attempt 7\r\nLambda-Runtime-Function-Error-Type: Runtime.X\r\n"
	                "Lambda-Runtime-Function-XRay-Error-Cause: {}\r\nContent-Length: 4\r\n\r\n"),
	           EXPECT("null"), ACCEPTED, HEAD("POST /2018-06-01/runtime/init/error" COMMON "Content-Length: 0\r\n\r\n"),
	           SEND("HTTP/1.1 202 Accepted\r\n\r\n"));
	struct rapi_post full = { .id = S("a/b %\0\xc3\xa4-._~"),
		                      .invocation_id = S("attempt 7"),
		                      .error = true,
		                      .content_type = S("application/json"),
		                      .body = S("null"),
		                      .error_type = S("Runtime.X"),
		                      .error_cause = S("{}") };
	struct rapi_post empty = { .error = true };
	struct peer p = start(acts);
	struct http_reply r;

	CHECK(rapi_post(&api, &full, room, sizeof room, &r) == OK && r.head.status == 202);
	CHECK(rapi_post(&api, &empty, room, sizeof room, &r) == OK && r.head.status == 202);
	CHECK(end(&p) == 0);
}

TEST(ids_beyond_any_measure_are_an_error_and_nothing_is_sent)
{
	static const struct act acts[] = SCRIPT(ACCEPT, NEXT, EVENT, NEXT, EVENT, END_OF_STREAM);
	static char id[RAPI_HEAD_MAX];
	struct peer p = start(acts);
	struct rapi_post post = { .id = { id, sizeof id }, .body = S("x") };
	struct http_reply r = { .head.status = 1 };

	memset(id, 'i', sizeof id);
	CHECK(gets_event());
	CHECK(rapi_post(&api, &post, room, sizeof room, &r) == ERR_TOO_LARGE && !r.head.status);
	post = (struct rapi_post){ .id = S("1"), .invocation_id = { id, sizeof id }, .body = S("x") };
	CHECK(rapi_post(&api, &post, room, sizeof room, &r) == ERR_TOO_LARGE && !r.head.status);
	CHECK(gets_event());
	CHECK(end(&p) == 0);
}

TEST(a_connection_that_breaks_in_next_is_replaced_wherever_it_broke)
{
	str event = S(EVENT_TEXT);

	for (int reset = 0; reset < 2; reset++)
		for (size_t n = 0; n < event.n; n++) {
			const struct act acts[] = SCRIPT(ACCEPT, NEXT, SEND_PART(event.p, n), BREAK(reset), ACCEPT, NEXT, EVENT,
			                                 END_OF_STREAM);
			struct peer p = start(acts);

			CHECK(gets_event() && api.failures == 0);
			CHECK(end(&p) == 0);
		}
}

TEST(a_connection_that_breaks_in_a_post_is_replaced_wherever_it_broke)
{
	str accepted = S("HTTP/1.1 202 Accepted\r\nContent-Length: 16\r\n\r\n{\"status\":\"OK\"}\n");

	for (int reset = 0; reset < 2; reset++)
		for (size_t n = 0; n < accepted.n; n++) {
			const struct act acts[] = SCRIPT(ACCEPT, NEXT, EVENT, RESPONSE("1", "text/plain", "2"), EXPECT("ok"),
			                                 SEND_PART(accepted.p, n), BREAK(reset), ACCEPT,
			                                 RESPONSE("1", "text/plain", "2"), EXPECT("ok"),
			                                 SEND("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"), NEXT, EVENT,
			                                 END_OF_STREAM);
			struct peer p = start(acts);

			CHECK(gets_event() && status_of_post(S("ok")) == 403 && gets_event());
			CHECK(end(&p) == 0);
		}
}

TEST(a_connection_that_died_idle_is_replaced_for_get_and_post)
{
	static const struct act closed[] = SCRIPT(ACCEPT, NEXT, EVENT, CLOSE, ACCEPT, RESPONSE("1", "text/plain", "2"),
	                                          EXPECT("ok"), ACCEPTED, CLOSE, ACCEPT, NEXT, EVENT, END_OF_STREAM);
	static const struct act reset[] = SCRIPT(ACCEPT, NEXT, EVENT, RESET, ACCEPT, RESPONSE("1", "text/plain", "2"),
	                                         EXPECT("ok"), ACCEPTED, RESET, ACCEPT, NEXT, EVENT, END_OF_STREAM);

	for (int i = 0; i < 2; i++) {
		struct peer p = start(i ? reset : closed);

		CHECK(gets_event());
		usleep(2000); /* either way of the race is right; this one is what a thaw looks like */
		CHECK(status_of_post(S("ok")) == 202);
		usleep(2000);
		CHECK(gets_event() && api.failures == 0);
		CHECK(end(&p) == 0);
	}
}

TEST(a_large_answer_into_a_dead_connection_is_sent_again_whole)
{
	static const struct act acts[] = SCRIPT(ACCEPT, NEXT, EVENT, BODY(1000), RESET, ACCEPT,
	                                        RESPONSE("1", "text/plain", "6291556"), BODY(LAMBDA_PAYLOAD_MAX - 4),
	                                        EXPECT("tail"), ACCEPTED, NEXT, EVENT, END_OF_STREAM);
	struct peer p = start(acts);

	memcpy(payload + sizeof payload - 4, "tail", 4);
	CHECK(gets_event() && status_of_post((str){ payload, sizeof payload }) == 202 && gets_event());
	CHECK(end(&p) == 0);
}

#define REFUSAL SEND("HTTP/1.1 413 Request Entity Too Large\r\nContent-Length: 3\r\n\r\nbig")

TEST(an_early_413_is_read_whatever_becomes_of_the_connection)
{
	static const struct act closes[] = SCRIPT(ACCEPT, BODY(100), REFUSAL, CLOSE, ACCEPT, NEXT, EVENT, END_OF_STREAM);
	static const struct act half[] = SCRIPT(ACCEPT, BODY(100), REFUSAL, HALF, ACCEPT, NEXT, EVENT, END_OF_STREAM);
	static const struct act waits[] = SCRIPT(ACCEPT, BODY(100), REFUSAL, ACCEPT, NEXT, EVENT, END_OF_STREAM);
	static const struct act reads_on[] = SCRIPT(ACCEPT, RESPONSE("1", "text/plain", "6291556"), REFUSAL,
	                                            BODY(LAMBDA_PAYLOAD_MAX), NEXT, EVENT, END_OF_STREAM);
	static const struct act *const scripts[] = { closes, half, waits, reads_on };

	for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
		struct peer p = start(scripts[i]);

		CHECK(status_of_post((str){ payload, sizeof payload }) == 413);
		CHECK(gets_event());
		CHECK(end(&p) == 0);
	}
}

TEST(connection_close_is_honoured)
{
	static const struct act acts[] = SCRIPT(
		ACCEPT, NEXT,
		SEND("HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: 1\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"),
		ACCEPT, RESPONSE("1", "text/plain", "2"), EXPECT("ok"), SEND("HTTP/1.0 202 Accepted\r\n\r\n"), CLOSE, ACCEPT,
		NEXT, EVENT, END_OF_STREAM);
	struct peer p = start(acts);

	CHECK(gets_event() && api.stream.fd < 0);
	CHECK(status_of_post(S("ok")) == 202 && api.stream.fd < 0);
	CHECK(gets_event() && api.stream.fd >= 0);
	CHECK(end(&p) == 0);
}

TEST(every_status_is_the_callers_to_judge)
{
	static const struct {
		struct act reply;
		int status;
	} t[] = { { SEND("HTTP/1.1 204 No Content\r\n\r\n"), 204 },
		      { SEND("HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"), 403 },
		      { SEND("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"), 410 },
		      { SEND("HTTP/1.1 500 Oh\r\nContent-Length: 4\r\n\r\noops"), 500 } };

	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		const struct act acts[] = SCRIPT(ACCEPT, NEXT, t[i].reply, NEXT, EVENT, END_OF_STREAM);
		struct peer p = start(acts);
		struct http_reply r;

		CHECK(rapi_next(&api, room, sizeof room, LAMBDA_PAYLOAD_MAX, &r) == OK && r.head.status == t[i].status);
		CHECK(gets_event());
		CHECK(end(&p) == 0);
	}
}

TEST(a_reply_may_drip)
{
	static const struct act acts[] =
		SCRIPT(ACCEPT, NEXT, DRIP(EVENT_TEXT), RESPONSE("1", "text/plain", "2"), EXPECT("ok"),
	           DRIP("HTTP/1.1 202 Accepted\r\ntransfer-encoding: chunked\r\n\r\n2;a=b\r\nok\r\n0\r\nT: u\r\n\r\n"),
	           NEXT, EVENT, END_OF_STREAM);
	struct peer p = start(acts);

	CHECK(gets_event() && status_of_post(S("ok")) == 202 && gets_event());
	CHECK(end(&p) == 0);
}

TEST(an_event_that_is_too_large_keeps_its_head_and_loses_its_connection)
{
	static const struct act acts[] = SCRIPT(
		ACCEPT, NEXT, SEND("HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: 9\r\nContent-Length: 6291557\r\n\r\n{"),
		ACCEPT, NEXT, EVENT, END_OF_STREAM);
	struct peer p = start(acts);
	struct http_reply r;
	str name, value;

	CHECK(rapi_next(&api, room, sizeof room, LAMBDA_PAYLOAD_MAX, &r) == ERR_TOO_LARGE && r.head.status == 200);
	CHECK(http_field_next(&r.head.fields, &name, &value) && str_eq(value, S("9")));
	CHECK(gets_event());
	CHECK(end(&p) == 0);
}

TEST(a_platform_that_only_breaks_is_given_up_after_six_attempts)
{
	static const struct act acts[] = SCRIPT(ACCEPT, CLOSE, ACCEPT, NEXT, RESET, ACCEPT, NEXT,
	                                        SEND("HTTP/1.1 200 OK\r\nConte"), CLOSE, ACCEPT, NEXT,
	                                        SEND("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"), CLOSE, ACCEPT, NEXT,
	                                        SEND("SSH-2.0-x\r\n"), ACCEPT, NEXT,
	                                        SEND("HTTP/1.1 200 OK\r\n folded\r\n\r\n"), END_OF_STREAM);
	struct peer p = start(acts);
	struct http_reply r;

	CHECK(rapi_next(&api, room, sizeof room, LAMBDA_PAYLOAD_MAX, &r) == ERR_SYNTAX); /* what the last one was */
	CHECK(api.failures == ATTEMPTS && api.stream.fd < 0);
	CHECK(end(&p) == 0); /* all six were made; a seventh would have found nobody */
}

TEST(a_platform_that_is_gone_is_given_up_after_six_attempts)
{
	static const struct act acts[] = SCRIPT(ACCEPT, NEXT, EVENT, DEAF, CLOSE);
	struct peer p = start(acts);

	CHECK(gets_event());
	CHECK(peer_end(&p) == 0);
	CHECK(status_of_post(S("ok")) == -ERR_CONNECT && api.failures == ATTEMPTS && api.stream.fd < 0);
}

TEST(five_failures_are_forgotten_after_a_reply)
{
	static const struct act acts[] = SCRIPT(ACCEPT, CLOSE, ACCEPT, CLOSE, ACCEPT, CLOSE, ACCEPT, CLOSE, ACCEPT, CLOSE,
	                                        ACCEPT, NEXT, EVENT, CLOSE, ACCEPT, CLOSE, ACCEPT, NEXT, EVENT,
	                                        END_OF_STREAM);
	struct peer p = start(acts);

	CHECK(gets_event() && api.failures == 0);
	CHECK(gets_event() && api.failures == 0);
	CHECK(end(&p) == 0);
}
