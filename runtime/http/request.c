// SPDX-License-Identifier: MIT
#include "http/request.h"

#include "base/base64.h"
#include "base/percent.h"
#include "lambda.h"

#include <string.h>

char *http_take(struct lambda_http *http, size_t n)
{
	char *p = NULL;

	if (http->call_) {
		p = lambda_alloc(http->call_, n);
	} else if (n <= (size_t)(http->end_ - http->next_)) {
		p = http->next_;
		http->next_ += n;
	}
	http->full |= !p;
	return p;
}

str http_unescape(struct lambda_http *http, str text)
{
	char *room;

	if (text.n == 0 || !memchr(text.p, '\\', text.n))
		return text;
	if (!(room = http_take(http, text.n)) || !lambda_json_unescape(text, room, text.n, &text))
		return (str){ 0 };
	return text;
}

str http_text(struct lambda_http *http, str value)
{
	if (lambda_json_kind_of(value) != LAMBDA_JSON_STRING)
		return (str){ 0 };
	return http_unescape(http, (str){ value.p + 1, value.n - 2 });
}

str http_percent(struct lambda_http *http, str text, bool plus)
{
	char *room;

	if (text.n == 0 || (!memchr(text.p, '%', text.n) && !(plus && memchr(text.p, '+', text.n))))
		return text;
	if (!(room = http_take(http, text.n)))
		return (str){ 0 };
	return (str){ room, percent_decode(text, plus, room, NULL) };
}

/* What the four shapes call their parts; one pass over the event finds them all. */
enum part {
	ELB,
	V2_METHOD,
	V2_SOURCE,
	V2_PROTOCOL,
	V1_SOURCE,
	V1_PROTOCOL,
	DOMAIN,
	STAGE,
	METHOD,
	PATH,
	RAW_PATH,
	RAW_QUERY,
	ROUTE_KEY,
	RESOURCE,
	BASE64,
	BODY,
	HEADERS,
	MULTI_HEADERS,
	QUERIES,
	MULTI_QUERIES,
	COOKIES,
	PATH_PARAMETERS,
	METHOD_ARN,
	ROUTE_ARN,
	PARTS
};

static const char *const paths[PARTS] = {
	[ELB] = "requestContext.elb",
	[V2_METHOD] = "requestContext.http.method",
	[V2_SOURCE] = "requestContext.http.sourceIp",
	[V2_PROTOCOL] = "requestContext.http.protocol",
	[V1_SOURCE] = "requestContext.identity.sourceIp",
	[V1_PROTOCOL] = "requestContext.protocol",
	[DOMAIN] = "requestContext.domainName",
	[STAGE] = "requestContext.stage",
	[METHOD] = "httpMethod",
	[PATH] = "path",
	[RAW_PATH] = "rawPath",
	[RAW_QUERY] = "rawQueryString",
	[ROUTE_KEY] = "routeKey",
	[RESOURCE] = "resource",
	[BASE64] = "isBase64Encoded",
	[BODY] = "body",
	[HEADERS] = "headers",
	[MULTI_HEADERS] = "multiValueHeaders",
	[QUERIES] = "queryStringParameters",
	[MULTI_QUERIES] = "multiValueQueryStringParameters",
	[COOKIES] = "cookies",
	[PATH_PARAMETERS] = "pathParameters",
	[METHOD_ARN] = "methodArn",
	[ROUTE_ARN] = "routeArn",
};

_Static_assert(PARTS <= LAMBDA_JSON_PATHS_MAX, "one pass takes them all");

static bool is(str value, enum lambda_json_kind kind)
{
	return lambda_json_kind_of(value) == kind;
}

/* <id>.lambda-url.<region>.on.aws; other partitions end otherwise. */
static bool function_url_host(str host)
{
	str head, tail;

	return str_cut(host, '.', &head, &tail) && str_starts(tail, S("lambda-url."));
}

/* An authorizer gets the request with the ARN of what is asked for, and answers with a policy: no HTTP reply of its own. */
static enum lambda_http_kind kind_of(struct lambda_http *http, const str part[PARTS])
{
	if (is(part[METHOD_ARN], LAMBDA_JSON_STRING) || is(part[ROUTE_ARN], LAMBDA_JSON_STRING))
		return LAMBDA_HTTP_NONE;
	if (is(part[ELB], LAMBDA_JSON_OBJECT))
		return is(part[METHOD], LAMBDA_JSON_STRING) ? LAMBDA_HTTP_ALB : LAMBDA_HTTP_NONE;
	if (is(part[V2_METHOD], LAMBDA_JSON_STRING))
		return function_url_host(http_text(http, part[DOMAIN])) ? LAMBDA_HTTP_URL : LAMBDA_HTTP_API;
	return is(part[METHOD], LAMBDA_JSON_STRING) ? LAMBDA_HTTP_REST : LAMBDA_HTTP_NONE;
}

/* A balancer appends the peer it sees; what stands before came from the peer, and may be made up. */
static str last_hop(str forwarded)
{
	str hop;

	while (str_cut(forwarded, ',', &hop, &forwarded))
		;
	return str_trim(hop);
}

static void fill(struct lambda_http *http, const str part[PARTS])
{
	bool v2 = http->kind == LAMBDA_HTTP_API || http->kind == LAMBDA_HTTP_URL;

	http->method = http_text(http, part[v2 ? V2_METHOD : METHOD]);
	http->raw_path = http_text(http, part[v2 ? RAW_PATH : PATH]);
	http->raw_query = v2 ? http_text(http, part[RAW_QUERY]) : (str){ 0 };
	http->route = http_text(http, part[v2 ? ROUTE_KEY : RESOURCE]);
	http->stage = http_text(http, part[STAGE]);
	http->domain = http_text(http, part[DOMAIN]);
	http->source_ip = http_text(http, part[v2 ? V2_SOURCE : V1_SOURCE]);
	http->protocol = http_text(http, part[v2 ? V2_PROTOCOL : V1_PROTOCOL]);
	http->multi_value = is(part[MULTI_HEADERS], LAMBDA_JSON_OBJECT);
	lambda_json_bool(part[BASE64], &http->base64_);
	http->headers_ = part[HEADERS];
	http->multi_headers_ = part[MULTI_HEADERS];
	http->queries_ = part[QUERIES];
	http->multi_queries_ = part[MULTI_QUERIES];
	http->cookies_ = part[COOKIES];
	http->path_parameters_ = part[PATH_PARAMETERS];
	http->body_ = part[BODY];
	if (http->kind == LAMBDA_HTTP_ALB) {
		http->domain = lambda_http_header(http, "host");
		http->source_ip = last_hop(lambda_http_header(http, "x-forwarded-for"));
	}
}

static bool parse(str event, struct lambda_http *http)
{
	str part[PARTS];

	lambda_json_find_all(event, paths, part, PARTS);
	http->kind = kind_of(http, part);
	if (http->kind != LAMBDA_HTTP_NONE)
		fill(http, part);
	return http->kind != LAMBDA_HTTP_NONE;
}

bool lambda_http_request(struct lambda_call *call, struct lambda_http *http)
{
	*http = (struct lambda_http){ .call_ = call };
	return parse(call->event, http);
}

bool lambda_http_parse(str event, void *room, size_t size, struct lambda_http *http)
{
	*http = (struct lambda_http){ .next_ = room, .end_ = room ? (char *)room + size : room };
	return parse(event, http);
}

str lambda_http_path(struct lambda_http *http)
{
	str path = http->raw_path, stage = http->stage;

	/*
	 * "/prod/users" of the stage "prod"; "/production" is not. Only payload format 2.0 has it there, and
	 * not for "$default".
	 */
	if (http->kind == LAMBDA_HTTP_API && stage.n > 0 && path.n > stage.n && path.p[0] == '/' &&
	    str_eq((str){ path.p + 1, stage.n }, stage) && (path.n == stage.n + 1 || path.p[stage.n + 1] == '/'))
		path = (str){ path.p + stage.n + 1, path.n - stage.n - 1 };
	path = http_percent(http, path, false);
	return path.n > 0 ? path : S("/");
}

/* Escapes first, base64 then where they were decoded to: a large body needs room once. */
static str decode_body(struct lambda_http *http)
{
	str text = { http->body_.p + 1, http->body_.n - 2 };
	bool escaped = text.n > 0 && memchr(text.p, '\\', text.n);
	size_t size = escaped ? text.n : text.n / 4 * 3, n;
	char *room;

	if (text.n == 0 || (!escaped && !http->base64_))
		return text;
	if (!(room = http_take(http, size)) || (escaped && !lambda_json_unescape(text, room, size, &text)))
		return (str){ 0 };
	if (!http->base64_)
		return text;
	return base64_decode(text, room, size, &n) ? (str){ room, n } : (str){ 0 };
}

str lambda_http_body(struct lambda_http *http)
{
	if (!http->body_ready_)
		http->body_ = is(http->body_, LAMBDA_JSON_STRING) ? decode_body(http) : (str){ 0 };
	http->body_ready_ = true;
	return http->body_;
}

bool lambda_base64_decode(str text, void *room, size_t size, size_t *n)
{
	return base64_decode(text, room, size, n);
}

bool lambda_percent_decode(str text, bool plus_is_space, char *room, size_t size, size_t *n)
{
	if (text.n > size)
		return false;
	*n = percent_decode(text, plus_is_space, room, NULL);
	return true;
}
