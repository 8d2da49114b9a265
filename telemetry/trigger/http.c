// SPDX-License-Identifier: MIT
#include "trigger/http.h"

#include "trigger/options.h"

/*
 * HTTP servers as the semantic conventions (1.44, HTTP spans) describe them. http.route is a template or
 * absent, never a path. What a client can make up, such as x-forwarded-for, is believed only where the sender
 * itself does not tell.
 */

/* RFC 9110 9.1, RFC 5789, and QUERY; a list of one's own replaces them. */
#define METHODS "CONNECT,DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT,QUERY,TRACE"

static bool method_known(str method)
{
	str list = trigger_options()->methods;

	return list_has(list.n ? list : S(METHODS), method);
}

/*
 * Method, route and path, and what the span is called: GET /users/{id}. A sender that knows no routes (a
 * balancer, a function URL) leaves only the path to name it by; a handler that knows better says so with
 * otel_route().
 */
static void request(struct trigger *t, str method, str route, str path)
{
	str target = route.n ? route : path;

	if (method_known(method)) {
		trigger_str(t, "http.request.method", method);
		trigger_name(t, method);
	} else {
		trigger_str(t, "http.request.method", S("_OTHER"));
		trigger_str(t, "http.request.method_original", method);
		trigger_name(t, S("HTTP"));
	}
	if (target.n) {
		trigger_name(t, S(" "));
		trigger_name(t, target);
	}
	trigger_str(t, "http.route", route);
	trigger_str(t, "url.path", path);
}

/* host, host:port, [address]:port */
static void server(struct trigger *t, str host, str port)
{
	size_t i = host.n;
	uint64_t number;

	while (i && host.p[i - 1] >= '0' && host.p[i - 1] <= '9')
		i--;
	if (i > 1 && i < host.n && host.p[i - 1] == ':') {
		port = (str){ host.p + i, host.n - i };
		host.n = i - 1;
	}
	trigger_str(t, "server.address", host);
	if (host.n && str_u64(port, 65535, &number) && number)
		trigger_int(t, "server.port", (int64_t)number);
}

/* HTTP/1.1 */
static void protocol(struct trigger *t, str text)
{
	str name, version;

	if (str_cut(text, '/', &name, &version) && str_ieq(name, S("HTTP")))
		trigger_str(t, "network.protocol.version", version);
}

static str scheme_of(struct trigger *t, str otherwise)
{
	str forwarded = trigger_header(t, S("x-forwarded-proto"));

	return str_ieq(forwarded, S("https")) ? S("https") : str_ieq(forwarded, S("http")) ? S("http") : otherwise;
}

static bool is(str value, enum lambda_json_kind kind)
{
	return lambda_json_kind_of(value) == kind;
}

static str any_query(const struct trigger *t)
{
	return t->part[is(t->part[PART_MULTI_QUERY], LAMBDA_JSON_OBJECT) ? PART_MULTI_QUERY : PART_QUERY];
}

/* Either the sender's word, or the header. */
static str said(struct trigger *t, str value, str header)
{
	str text = trigger_text(t, value);

	return text.n ? text : trigger_header(t, header);
}

bool read_http_api(struct trigger *t)
{
	enum { METHOD, SOURCE_IP, PROTOCOL, USER_AGENT, DOMAIN };
	static const char *const paths[] = { "http.method", "http.sourceIp", "http.protocol", "http.userAgent",
		                                 "domainName" };
	str found[5], route, head, tail;

	lambda_json_find_all(t->part[PART_REQUEST_CONTEXT], paths, found, 5);
	if (!is(found[METHOD], LAMBDA_JSON_STRING))
		return false;
	t->http = true;
	route = trigger_text(t, t->part[PART_ROUTE_KEY]); /* "GET /users/{id}", "ANY /users", "$default" */
	route = str_cut(route, ' ', &head, &tail) ? tail : (str){ 0 };
	request(t, trigger_text(t, found[METHOD]), route, trigger_text(t, t->part[PART_RAW_PATH]));
	trigger_str(t, "url.scheme", scheme_of(t, S("https")));
	trigger_str(t, "url.query", query_redacted(t, trigger_text(t, t->part[PART_RAW_QUERY])));
	protocol(t, trigger_text(t, found[PROTOCOL]));
	server(t, said(t, found[DOMAIN], S("host")), trigger_header(t, S("x-forwarded-port")));
	trigger_json(t, "client.address", found[SOURCE_IP]);
	trigger_str(t, "user_agent.original", said(t, found[USER_AGENT], S("user-agent")));
	return true;
}

bool read_rest(struct trigger *t)
{
	enum { ELB, CONNECTION, SOURCE_IP, USER_AGENT, PROTOCOL, DOMAIN };
	static const char *const paths[] = {
		"elb", "connectionId", "identity.sourceIp", "identity.userAgent", "protocol", "domainName",
	};
	str found[6], route, host;

	if (!is(t->part[PART_METHOD], LAMBDA_JSON_STRING) ||
	    (t->seen & (BIT(PART_METHOD_ARN) | BIT(PART_ROUTE_ARN) | BIT(PART_RAW_PATH))))
		return false;
	lambda_json_find_all(t->part[PART_REQUEST_CONTEXT], paths, found, 6);
	if (found[ELB].n || found[CONNECTION].n)
		return false;
	t->http = true;
	route = trigger_text(t, t->part[PART_RESOURCE]);
	if (str_eq(route, S("$default")))
		route = (str){ 0 };
	request(t, trigger_text(t, t->part[PART_METHOD]), route, trigger_text(t, t->part[PART_PATH]));
	trigger_str(t, "url.scheme", scheme_of(t, S("https")));
	trigger_str(t, "url.query", query_of_members(t, any_query(t), true));
	protocol(t, trigger_text(t, found[PROTOCOL]));
	host = trigger_header(t, S("host"));
	server(t, host.n ? host : trigger_text(t, found[DOMAIN]), trigger_header(t, S("x-forwarded-port")));
	trigger_json(t, "client.address", found[SOURCE_IP]);
	trigger_str(t, "user_agent.original", said(t, found[USER_AGENT], S("user-agent")));
	return true;
}

/* A balancer knows no routes, and passes queries on as they were sent. */
bool read_balancer(struct trigger *t)
{
	str arn, path, client;

	if (!is(t->part[PART_METHOD], LAMBDA_JSON_STRING) ||
	    !lambda_json_find(t->part[PART_REQUEST_CONTEXT], "elb.targetGroupArn", &arn))
		return false;
	t->http = true;
	path = trigger_text(t, t->part[PART_PATH]);
	request(t, trigger_text(t, t->part[PART_METHOD]), (str){ 0 }, path.n ? path : S("/"));
	trigger_str(t, "url.scheme", scheme_of(t, S("http")));
	trigger_str(t, "url.query", query_of_members(t, any_query(t), false));
	trigger_str(t, "network.protocol.version",
	            S("1.1")); /* what a balancer speaks to a function, whatever its client does */
	server(t, trigger_header(t, S("host")), trigger_header(t, S("x-forwarded-port")));
	str_cut(trigger_header(t, S("x-forwarded-for")), ',', &client, &path);
	trigger_str(t, "client.address", str_trim(client));
	trigger_str(t, "user_agent.original", trigger_header(t, S("user-agent")));
	trigger_json(t, "alb.target_group_arn", arn);
	return true;
}

/*
 * Only the handshake is a request with headers; messages come without. The route is a key of the API: $connect,
 * $default, sendMessage.
 */
bool read_websocket(struct trigger *t)
{
	enum { CONNECTION, ROUTE, EVENT_TYPE, DOMAIN, SOURCE_IP, USER_AGENT };
	static const char *const paths[] = {
		"connectionId", "routeKey", "eventType", "domainName", "identity.sourceIp", "identity.userAgent",
	};
	str found[6], route;

	lambda_json_find_all(t->part[PART_REQUEST_CONTEXT], paths, found, 6);
	if (!is(found[CONNECTION], LAMBDA_JSON_STRING) || !is(found[ROUTE], LAMBDA_JSON_STRING))
		return false;
	t->http = true;
	route = trigger_text(t, found[ROUTE]);
	trigger_name(t, route);
	trigger_str(t, "http.route", route);
	trigger_str(t, "url.scheme", S("wss"));
	trigger_str(t, "network.protocol.name", S("websocket"));
	server(t, trigger_text(t, found[DOMAIN]), trigger_header(t, S("x-forwarded-port")));
	trigger_json(t, "client.address", found[SOURCE_IP]);
	trigger_str(t, "user_agent.original", said(t, found[USER_AGENT], S("user-agent")));
	trigger_json(t, "aws.api_gateway.connection_id", found[CONNECTION]);
	trigger_json(t, "aws.api_gateway.event_type", found[EVENT_TYPE]);
	return true;
}
