// SPDX-License-Identifier: MIT
#include "base/field.h"
#include "base/utf8.h"
#include "json/write.h"
#include "lambda.h"

/*
 * How the shapes want fields:
 *
 *   format 2.0    headers, repeated ones joined with commas (RFC 9110 5.3); cookies apart
 *   REST          headers, and multiValueHeaders for what is there more than once
 *   ALB           multiValueHeaders alone; when its target group does not have them switched on, headers
 *                 alone: then repeated ones are joined, and cookies, which must not be (RFC 6265 3), get names
 *                 that differ in case
 */

static void add(struct lambda_http_reply *reply, str name, str value)
{
	if (reply->count_ == LAMBDA_HTTP_HEADERS_MAX) {
		reply->bad_ = true;
		return;
	}
	reply->field_[reply->count_].name = name;
	reply->field_[reply->count_].value = value;
	reply->count_++;
}

void lambda_http_add_header(struct lambda_http_reply *reply, const char *name, str value)
{
	if (str_ieq(str_of(name), S("set-cookie")))
		lambda_http_add_cookie(reply, value);
	else
		add(reply, str_of(name ? name : ""), value);
}

void lambda_http_add_cookie(struct lambda_http_reply *reply, str set_cookie)
{
	add(reply, (str){ 0 }, set_cookie);
}

/* ---- what can be sent ---- */

static int status_of(const struct lambda_http_reply *reply)
{
	return reply->status ? reply->status : 200;
}

/* What is wrong with it, NULL when nothing is. */
static const char *flaw(const struct lambda_http_reply *reply)
{
	if (reply->bad_)
		return "more header fields and cookies than LAMBDA_HTTP_HEADERS_MAX";
	if (status_of(reply) < 100 || status_of(reply) > 599)
		return "the status is outside 100 to 599";
	for (size_t i = 0; i < reply->count_; i++) {
		if (reply->field_[i].name.p && !field_is_name(reply->field_[i].name))
			return "a header name is empty or has a byte that no header name can have";
		if (!field_is_value(reply->field_[i].value))
			return "a header value or cookie has a control character";
	}
	return NULL;
}

/* ---- fields ---- */

static bool same(const struct lambda_http_reply *reply, size_t a, size_t b)
{
	return str_ieq(reply->field_[a].name, reply->field_[b].name); /* all cookies are the same: their names are empty */
}

static bool first_of_name(const struct lambda_http_reply *reply, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (same(reply, i, j))
			return false;
	return true;
}

static bool repeated(const struct lambda_http_reply *reply, size_t i)
{
	for (size_t j = 0; j < reply->count_; j++)
		if (j != i && same(reply, i, j))
			return true;
	return false;
}

static bool is_cookie(const struct lambda_http_reply *reply, size_t i)
{
	return !reply->field_[i].name.p;
}

static void put_name(struct lambda_json_writer *w, const struct lambda_http_reply *reply, size_t i)
{
	lambda_json_put_key_n(w, is_cookie(reply, i) ? S("set-cookie") : reply->field_[i].name);
}

static void put_joined(struct lambda_json_writer *w, const struct lambda_http_reply *reply, size_t i)
{
	json_string_begin(w);
	json_string_piece(w, reply->field_[i].value);
	for (size_t j = i + 1; j < reply->count_; j++) {
		if (!same(reply, i, j))
			continue;
		json_string_piece(w, S(", "));
		json_string_piece(w, reply->field_[j].value);
	}
	json_string_end(w);
}

/* set-cookie, Set-cookie, sEt-cookie, SEt-cookie, ...: bit i of n is the case of letter i. */
static void put_cased_cookie(struct lambda_json_writer *w, unsigned n, str value)
{
	char name[] = "set-cookie";

	for (size_t i = 0; n > 0; i++) {
		if (name[i] == '-')
			continue;
		if (n & 1)
			name[i] = (char)(name[i] & ~0x20);
		n >>= 1;
	}
	lambda_json_put_key(w, name);
	lambda_json_put_str(w, value);
}

enum which { ALL, SINGLE, REPEATED };

static bool chosen(const struct lambda_http_reply *reply, size_t i, enum which which)
{
	return which == ALL || (which == REPEATED) == repeated(reply, i);
}

static void put_multi(struct lambda_json_writer *w, const struct lambda_http_reply *reply, enum which which)
{
	lambda_json_put_key(w, "multiValueHeaders");
	lambda_json_open_object(w);
	for (size_t i = 0; i < reply->count_; i++) {
		if (!chosen(reply, i, which) || !first_of_name(reply, i))
			continue;
		put_name(w, reply, i);
		lambda_json_open_array(w);
		for (size_t j = i; j < reply->count_; j++)
			if (same(reply, i, j))
				lambda_json_put_str(w, reply->field_[j].value);
		lambda_json_close(w);
	}
	lambda_json_close(w);
}

static void put_headers(struct lambda_json_writer *w, const struct lambda_http_reply *reply, enum which which,
                        bool cookies)
{
	unsigned cookie = 0;

	lambda_json_put_key(w, "headers");
	lambda_json_open_object(w);
	for (size_t i = 0; i < reply->count_; i++) {
		if (!chosen(reply, i, which))
			continue;
		if (is_cookie(reply, i)) {
			if (cookies)
				put_cased_cookie(w, cookie++, reply->field_[i].value);
		} else if (first_of_name(reply, i)) {
			put_name(w, reply, i);
			put_joined(w, reply, i);
		}
	}
	lambda_json_close(w);
}

static void put_cookies(struct lambda_json_writer *w, const struct lambda_http_reply *reply)
{
	lambda_json_put_key(w, "cookies");
	lambda_json_open_array(w);
	for (size_t i = 0; i < reply->count_; i++)
		if (is_cookie(reply, i))
			lambda_json_put_str(w, reply->field_[i].value);
	lambda_json_close(w);
}

static void put_fields(struct lambda_json_writer *w, const struct lambda_http *http,
                       const struct lambda_http_reply *reply)
{
	switch (http->kind) {
	case LAMBDA_HTTP_REST:
		put_headers(w, reply, SINGLE, true);
		put_multi(w, reply, REPEATED);
		break;
	case LAMBDA_HTTP_ALB:
		if (http->multi_value)
			put_multi(w, reply, ALL);
		else
			put_headers(w, reply, ALL, true);
		break;
	default: put_headers(w, reply, ALL, false); put_cookies(w, reply);
	}
}

/* ---- the whole ---- */

/* "404 Not Found": a balancer refuses an answer without. */
static void put_description(struct lambda_json_writer *w, int status)
{
	char digits[] = { (char)('0' + status / 100), (char)('0' + status / 10 % 10), (char)('0' + status % 10), ' ' };

	lambda_json_put_key(w, "statusDescription");
	json_string_begin(w);
	json_string_piece(w, (str){ digits, sizeof digits });
	json_string_piece(w, str_of(lambda_http_reason(status)));
	json_string_end(w);
}

static bool has_content_type(const struct lambda_http_reply *reply)
{
	for (size_t i = 0; i < reply->count_; i++)
		if (str_ieq(reply->field_[i].name, S("content-type")))
			return true;
	return false;
}

bool lambda_http_write(struct lambda_json_writer *w, const struct lambda_http *http,
                       const struct lambda_http_reply *given)
{
	struct lambda_http_reply reply = *given;
	bool base64 = reply.binary || !utf8_valid(reply.body);

	if (reply.body.n > 0 && !has_content_type(given))
		lambda_http_add_header(&reply, "content-type",
		                       base64 ? S("application/octet-stream") : S("text/plain; charset=utf-8"));
	if (flaw(&reply))
		return false;
	lambda_json_open_object(w);
	lambda_json_put_key(w, "statusCode");
	lambda_json_put_int(w, status_of(&reply));
	if (http->kind == LAMBDA_HTTP_ALB)
		put_description(w, status_of(&reply));
	put_fields(w, http, &reply);
	lambda_json_put_key(w, "isBase64Encoded");
	lambda_json_put_bool(w, base64);
	lambda_json_put_key(w, "body");
	if (base64)
		lambda_json_put_base64(w, reply.body.p, reply.body.n);
	else
		lambda_json_put_str(w, reply.body);
	lambda_json_close(w);
	return true;
}

int lambda_http_send(const struct lambda_http *http, const struct lambda_http_reply *reply)
{
	struct lambda_json_writer w;
	const char *what = flaw(reply);

	lambda_json_to_call(&w, http->call_);
	if (!what && lambda_http_write(&w, http, reply))
		return 0;
	return lambda_fail(http->call_, "InvalidHttpReply", "the HTTP reply cannot be sent: %s",
	                   what ? what : "no room for its content-type among LAMBDA_HTTP_HEADERS_MAX");
}
