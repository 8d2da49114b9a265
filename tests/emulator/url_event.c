// SPDX-License-Identifier: MIT
#include "url_event.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base64.h"
#include "json.h"
#include "percent.h"

// Names in lower case, in the order of their first appearance; values of the same name joined by a comma. Cookies are
// elsewhere.
static void add_headers(struct buf *to, const struct http_request *r, const struct url_caller *caller)
{
	char port[8];

	json_open(to, "headers", '{');
	for (size_t i = 0; i < r->header_count; i++) {
		struct buf name = { 0 }, value = { 0 };
		bool known = !strcasecmp(r->headers[i].name, "cookie") ||
		             !strncasecmp(r->headers[i].name, "x-forwarded-", 12) ||
		             !strcasecmp(r->headers[i].name, "x-amzn-trace-id");
		for (size_t j = 0; j < i; j++)
			known |= !strcasecmp(r->headers[i].name, r->headers[j].name);
		for (const char *p = r->headers[i].name; *p; p++)
			buf_add(&name, &(char){ (char)tolower((unsigned char)*p) }, 1);
		for (size_t j = i; j < r->header_count && !known; j++)
			if (!strcasecmp(r->headers[i].name, r->headers[j].name))
				buf_printf(&value, "%s%s", value.p ? "," : "", r->headers[j].value);
		if (!known)
			json_string(to, name.p, value.p, value.n);
		buf_free(&name);
		buf_free(&value);
	}
	snprintf(port, sizeof port, "%u", caller->port);
	json_cstr(to, "x-forwarded-for", caller->source_ip);
	json_cstr(to, "x-forwarded-port", port);
	json_cstr(to, "x-forwarded-proto", "http");
	json_cstr(to, "x-amzn-trace-id", caller->trace);
	json_close(to, '}');
}

static void add_cookies(struct buf *to, const struct http_request *r)
{
	bool any = false;

	for (size_t i = 0; i < r->header_count; i++) {
		const char *p = r->headers[i].value;
		if (strcasecmp(r->headers[i].name, "cookie") != 0)
			continue;
		while (*p) {
			size_t n = strcspn(p, ";");
			if (n && !any)
				json_open(to, "cookies", '[');
			any |= n > 0;
			if (n)
				json_string(to, NULL, p, n);
			p += n + (p[n] == ';');
			p += strspn(p, " ");
		}
	}
	if (any)
		json_close(to, ']');
}

struct pair {
	struct buf name, value;
};

static struct pair next_pair(const char **query)
{
	struct pair pair = { 0 };
	size_t n = strcspn(*query, "&"), name = strcspn(*query, "=&");

	percent_decode(&pair.name, *query, name, true);
	if (name < n)
		percent_decode(&pair.value, *query + name + 1, n - name - 1, true);
	*query += n + ((*query)[n] == '&');
	return pair;
}

static void free_pair(struct pair *pair)
{
	buf_free(&pair->name);
	buf_free(&pair->value);
}

static bool same_name(const struct pair *a, const struct pair *b)
{
	return a->name.n == b->name.n && (!a->name.n || !memcmp(a->name.p, b->name.p, a->name.n));
}

// Values of one name joined by a comma, as for headers.
static void add_query(struct buf *to, const char *query)
{
	if (!*query)
		return;
	json_open(to, "queryStringParameters", '{');
	for (const char *at = query; *at;) {
		const char *start = at;
		struct pair pair = next_pair(&at);
		bool known = !pair.name.n;
		for (const char *earlier = query; earlier < start && !known;) {
			struct pair e = next_pair(&earlier);
			known = same_name(&pair, &e);
			free_pair(&e);
		}
		for (const char *later = at; *later && !known;) {
			struct pair l = next_pair(&later);
			if (same_name(&pair, &l)) {
				buf_puts(&pair.value, ",");
				buf_add(&pair.value, l.value.p, l.value.n);
			}
			free_pair(&l);
		}
		if (!known)
			json_string(to, pair.name.p, pair.value.p, pair.value.n);
		free_pair(&pair);
	}
	json_close(to, '}');
}

// What reaches a function as text; all else, a form included, comes as base64.
static bool is_text(const struct http_request *r)
{
	static const char *const types[] = { "application/json", "application/javascript", "application/xml" };
	const char *type = http_header(r, "content-type"), *encoding = http_header(r, "content-encoding");
	size_t n = type ? strcspn(type, "; ") : 0;

	if (!type || (encoding && strcasecmp(encoding, "identity") != 0) || !utf8_valid(r->body, r->body_n))
		return false;
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (n == strlen(types[i]) && !strncasecmp(type, types[i], n))
			return true;
	return !strncasecmp(type, "text/", 5) || (n > 5 && !strncasecmp(type + n - 5, "+json", 5)) ||
	       (n > 4 && !strncasecmp(type + n - 4, "+xml", 4));
}

static void add_body(struct buf *to, const struct http_request *r)
{
	bool text = !r->body_n || is_text(r);

	if (r->body_n && text)
		json_string(to, "body", r->body, r->body_n);
	else if (r->body_n)
		json_base64(to, "body", r->body, r->body_n);
	json_bool(to, "isBase64Encoded", !text);
}

static void add_context(struct buf *to, const struct http_request *r, const struct url_caller *caller, const char *path)
{
	const char *host = http_header(r, "host"), *agent = http_header(r, "user-agent");
	time_t seconds = (time_t)(caller->wall_ms / 1000);
	char when[64];
	struct tm t;

	gmtime_r(&seconds, &t);
	strftime(when, sizeof when, "%d/%b/%Y:%H:%M:%S +0000", &t);
	json_open(to, "requestContext", '{');
	json_cstr(to, "accountId", "anonymous");
	json_cstr(to, "apiId", caller->function);
	json_cstr(to, "domainName", host ? host : "localhost");
	json_cstr(to, "domainPrefix", caller->function);
	json_open(to, "http", '{');
	json_cstr(to, "method", r->method);
	json_cstr(to, "path", path);
	json_cstr(to, "protocol", r->version);
	json_cstr(to, "sourceIp", caller->source_ip);
	json_cstr(to, "userAgent", agent ? agent : "");
	json_close(to, '}');
	json_cstr(to, "requestId", caller->request_id);
	json_cstr(to, "routeKey", "$default");
	json_cstr(to, "stage", "$default");
	json_cstr(to, "time", when);
	json_u64(to, "timeEpoch", caller->wall_ms);
	json_close(to, '}');
}

void url_event(struct buf *event, const struct http_request *r, const struct url_caller *caller)
{
	const char *target = *r->target == '/' ? r->target : "/"; // "OPTIONS *" and absolute forms have no path here
	const char *query = strchr(target, '?');
	char *path = must_copy(target, query ? (size_t)(query - target) : strlen(target));

	query = query ? query + 1 : "";
	json_open(event, NULL, '{');
	json_cstr(event, "version", "2.0");
	json_cstr(event, "routeKey", "$default");
	json_cstr(event, "rawPath", path);
	json_cstr(event, "rawQueryString", query);
	add_cookies(event, r);
	add_headers(event, r, caller);
	add_query(event, query);
	add_context(event, r, caller, path);
	add_body(event, r);
	json_close(event, '}');
	free(path);
}
