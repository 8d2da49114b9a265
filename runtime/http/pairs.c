// SPDX-License-Identifier: MIT
#include "http/request.h"

#include <string.h>

/* Where pairs come from. Each step leaves name and value as they stand; they are decoded when somebody wants them. */
enum source {
	SOURCE_MEMBERS, /* "name": "value", or "name": ["value", ...] */
	SOURCE_QUERY,   /* name=value&name=value */
	SOURCE_COOKIES, /* ["name=value", ...], or when there is no such list the cookie headers */
};

static struct lambda_http_pairs pairs(struct lambda_http *http, enum source source, str members)
{
	struct lambda_http_pairs p = { .http_ = http, .source_ = (unsigned char)source };

	lambda_json_init(&p.members_, members);
	return p;
}

struct lambda_http_pairs lambda_http_headers(struct lambda_http *http)
{
	return pairs(http, SOURCE_MEMBERS, http->multi_value ? http->multi_headers_ : http->headers_);
}

/*
 * Of payload format 2.0 the raw query is the truth: queryStringParameters joins repeated ones with commas.
 * REST APIs decode, balancers pass on what they got.
 */
struct lambda_http_pairs lambda_http_queries(struct lambda_http *http)
{
	bool multi = lambda_json_kind_of(http->multi_queries_) == LAMBDA_JSON_OBJECT;
	struct lambda_http_pairs p = pairs(http, http->raw_query.n ? SOURCE_QUERY : SOURCE_MEMBERS,
	                                   multi ? http->multi_queries_ : http->queries_);

	p.rest_ = http->raw_query;
	p.percent_ = http->raw_query.n || http->kind == LAMBDA_HTTP_ALB;
	return p;
}

struct lambda_http_pairs lambda_http_cookies(struct lambda_http *http)
{
	struct lambda_http_pairs p = lambda_http_headers(http);

	if (lambda_json_kind_of(http->cookies_) == LAMBDA_JSON_ARRAY)
		lambda_json_init(&p.members_, http->cookies_);
	p.source_ = SOURCE_COOKIES;
	return p;
}

/* To the next string below a member, or in an array: p->name_ is the member's, value the string with its quotes. */
static bool step_member(struct lambda_http_pairs *p, str *value)
{
	for (;;) {
		if (p->list_open_) {
			p->list_open_ = lambda_json_each(&p->list_, NULL, NULL, value);
			if (!p->list_open_)
				continue;
		} else if (!lambda_json_each(&p->members_, &p->name_, &p->name_escaped_, value)) {
			return false;
		} else if (lambda_json_kind_of(*value) == LAMBDA_JSON_ARRAY) {
			lambda_json_init(&p->list_, *value);
			p->list_open_ = true;
			continue;
		}
		if (lambda_json_kind_of(*value) == LAMBDA_JSON_STRING)
			return true;
	}
}

static str name_of(struct lambda_http_pairs *p)
{
	str name = p->name_escaped_ ? http_unescape(p->http_, p->name_) : p->name_;

	return p->percent_ ? http_percent(p->http_, name, true) : name;
}

static bool step_query(struct lambda_http_pairs *p, str *value)
{
	str pair;

	do {
		if (p->rest_.n == 0)
			return false;
		str_cut(p->rest_, '&', &pair, &p->rest_);
	} while (pair.n == 0);
	str_cut(pair, '=', &p->name_, value);
	return true;
}

/*
 * RFC 6265 4.2.1; the text of a Cookie header is in rest_. A cookie's name goes to name at once: name_ is
 * the header's.
 */
static bool step_cookie(struct lambda_http_pairs *p, str *value)
{
	bool list = lambda_json_kind_of(p->http_->cookies_) == LAMBDA_JSON_ARRAY;
	str pair;

	for (;;) {
		while (p->rest_.n > 0) {
			str_cut(p->rest_, ';', &pair, &p->rest_);
			pair = str_trim(pair);
			if (pair.n == 0)
				continue;
			str_cut(pair, '=', &p->name, value);
			return true;
		}
		do {
			if (!step_member(p, value))
				return false;
		} while (!list && !str_ieq(name_of(p), S("cookie")));
		p->rest_ = http_text(p->http_, *value);
	}
}

static bool step(struct lambda_http_pairs *p, str *value)
{
	switch ((enum source)p->source_) {
	case SOURCE_QUERY:   return step_query(p, value);
	case SOURCE_COOKIES: return step_cookie(p, value);
	case SOURCE_MEMBERS: break;
	}
	return step_member(p, value);
}

static str value_of(struct lambda_http_pairs *p, str value)
{
	if (p->source_ == SOURCE_MEMBERS)
		value = http_text(p->http_, value);
	return p->percent_ ? http_percent(p->http_, value, true) : value;
}

bool lambda_http_next(struct lambda_http_pairs *p)
{
	str value;

	if (!step(p, &value))
		return false;
	if (p->source_ != SOURCE_COOKIES)
		p->name = name_of(p);
	p->value = value_of(p, value);
	return true;
}

/* Only the value that is asked for is decoded, and a name that needs it. */
static str first(struct lambda_http_pairs p, const char *name, bool any_case)
{
	str wanted = str_of(name), value;

	while (step(&p, &value)) {
		str found = p.source_ == SOURCE_COOKIES ? p.name : name_of(&p);

		if (any_case ? str_ieq(found, wanted) : str_eq(found, wanted))
			return value_of(&p, value);
	}
	return (str){ 0 };
}

str lambda_http_header(struct lambda_http *http, const char *name)
{
	return first(lambda_http_headers(http), name, true);
}

str lambda_http_query(struct lambda_http *http, const char *name)
{
	return first(lambda_http_queries(http), name, false);
}

str lambda_http_cookie(struct lambda_http *http, const char *name)
{
	return first(lambda_http_cookies(http), name, false);
}

str lambda_http_path_parameter(struct lambda_http *http, const char *name)
{
	return first(pairs(http, SOURCE_MEMBERS, http->path_parameters_), name, false);
}
