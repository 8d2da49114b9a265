// SPDX-License-Identifier: MIT

/*
 * httpapi: a small web service behind an HTTP API, a REST API, a load balancer or a function URL: it cannot
 * tell which. A route is a row in a table.
 *
 *   make run HANDLER=httpapi                                             GET /hello?name=mote
 *   make run HANDLER=httpapi EVENT=tests/data/events/function-url.json   POST /echo/caf%C3%A9: 404
 */
#include "lambda.h"
#include "otel.h"

#include <string.h>

#define GREETING_MAX 1024

static void hello(struct lambda_call *call, struct lambda_http *http, struct lambda_http_reply *reply)
{
	lambda_str name = lambda_http_query(http, "name"); /* empty when absent */
	char *room = lambda_alloc(call, GREETING_MAX);
	struct lambda_json_writer w;

	lambda_json_to_memory(&w, room, room ? GREETING_MAX : 0);
	lambda_json_open_object(&w);
	lambda_json_put_key(&w, "hello");
	lambda_json_put_str(&w, name.n ? name : LAMBDA_STR("world"));
	lambda_json_close(&w);
	if (!lambda_json_done(&w)) { /* the name did not fit */
		reply->status = 400;
		return;
	}
	lambda_http_add_header(reply, "content-type", LAMBDA_STR("application/json"));
	reply->body = lambda_json_written(&w);
}

/* The body back, text or bytes. */
static void echo(struct lambda_call *call, struct lambda_http *http, struct lambda_http_reply *reply)
{
	lambda_str type = lambda_http_header(http, "Content-Type");

	(void)call;
	if (type.n)
		lambda_http_add_header(reply, "content-type", type);
	reply->body = lambda_http_body(http);
	if (http->full)
		reply->status = 413;
}

/* Two cookies, as login and preference are set; what the browser sent comes back. */
static void cookies(struct lambda_call *call, struct lambda_http *http, struct lambda_http_reply *reply)
{
	(void)call;
	lambda_http_add_cookie(reply, LAMBDA_STR("session=7d1f; HttpOnly; Secure; SameSite=Lax"));
	lambda_http_add_cookie(reply, LAMBDA_STR("theme=dark; Max-Age=31536000"));
	reply->body = lambda_http_cookie(http, "session");
}

/* A transparent GIF: bytes that are no text travel as base64 by themselves. */
static void pixel(struct lambda_call *call, struct lambda_http *http, struct lambda_http_reply *reply)
{
	(void)call, (void)http;
	lambda_http_add_header(reply, "content-type", LAMBDA_STR("image/gif"));
	lambda_http_add_header(reply, "cache-control", LAMBDA_STR("max-age=86400"));
	reply->body = LAMBDA_STR("GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\4\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\1D\0;");
}

static const struct route {
	const char *path, *method;
	void (*answer)(struct lambda_call *, struct lambda_http *, struct lambda_http_reply *);
} routes[] = {
	{ "/hello", "GET", hello },
	{ "/echo", "POST", echo },
	{ "/cookies", "GET", cookies },
	{ "/pixel", "GET", pixel },
};

static bool is(lambda_str s, const char *text)
{
	return s.n == strlen(text) && (s.n == 0 || memcmp(s.p, text, s.n) == 0);
}

static int httpapi(struct lambda_call *call)
{
	struct lambda_http http;
	struct lambda_http_reply reply = { .status = 404 };

	if (!lambda_http_request(call, &http))
		return lambda_fail(call, "NotHttp",
		                   "the event is no HTTP request of API Gateway, a load balancer or a function URL");
	for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
		if (!is(lambda_http_path(&http), routes[i].path))
			continue;
		otel_route(routes[i].path); /* names the span where the sender knows no routes */
		if (is(http.method, routes[i].method)) {
			reply = (struct lambda_http_reply){ .status = 200 };
			routes[i].answer(call, &http, &reply);
			break;
		}
		reply.status = 405; /* unless another row has the method */
		lambda_http_add_header(&reply, "allow", lambda_text(routes[i].method));
	}
	if (reply.status >= 400) {
		const char *reason = lambda_http_reason(reply.status);

		reply.body = lambda_text(reason);
	}
	return lambda_http_send(&http, &reply);
}

int main(int argc, char **argv)
{
	static const struct lambda_function functions[] = { { "httpapi", httpapi }, { NULL, NULL } };
	static const struct lambda_app app = { .functions = functions, .hooks = OTEL_HOOKS };

	return lambda_run(&app, argc, argv);
}
