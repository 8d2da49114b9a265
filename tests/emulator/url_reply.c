// SPDX-License-Identifier: MIT
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base64.h"
#include "json.h"
#include "url_event.h"

static bool fail(struct url_reply *r, const char *why)
{
	if (!r->why)
		r->why = why;
	return false;
}

static bool is_field_name(const char *s)
{
	if (!*s)
		return false;
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr("!#$%&'*+-.^_`|~", *s)) // RFC 9110 5.6.2
			return false;
	return true;
}

static bool is_field_value(const struct json *v)
{
	for (size_t i = 0; i < v->n; i++)
		if ((unsigned char)v->text[i] < 0x20 && v->text[i] != '\t')
			return false;
	return true;
}

static const char *scalar(const struct json *v)
{
	switch (v->kind) {
	case JSON_TRUE:   return "true";
	case JSON_FALSE:  return "false";
	case JSON_STRING:
	case JSON_NUMBER: return v->text;
	default:          return NULL;
	}
}

// The connection is the server's own: what a function says about it arrives under another name, or not at all.
static bool add_field(struct url_reply *r, const struct json *v)
{
	static const char *const remapped[] = {
		"connection", "content-length", "date", "server", "keep-alive", "host", "te"
	};
	const char *value = scalar(v), *prefix = "";

	if (!is_field_name(v->key))
		return fail(r, "a name in headers is not a token");
	if (!value || (v->kind == JSON_STRING && !is_field_value(v)))
		return fail(r, "a value in headers is an array, an object, null, or has control characters");
	if (!strcasecmp(v->key, "transfer-encoding") || !strcasecmp(v->key, "upgrade") || !strcasecmp(v->key, "trailer"))
		return true;
	for (size_t i = 0; i < sizeof remapped / sizeof *remapped; i++)
		if (!strcasecmp(v->key, remapped[i]))
			prefix = "x-amzn-remapped-";
	buf_printf(&r->fields, "%s%s: %s\r\n", prefix, v->key, value);
	return true;
}

static bool add_headers(struct url_reply *r, const struct json *headers)
{
	bool typed = false;

	if (headers && headers->kind != JSON_OBJECT && headers->kind != JSON_NULL)
		return fail(r, "headers is not an object");
	for (const struct json *h = headers ? headers->child : NULL; h; h = h->next) {
		if (!add_field(r, h))
			return false;
		typed |= !strcasecmp(h->key, "content-type");
	}
	if (!typed)
		buf_puts(&r->fields, "Content-Type: application/json\r\n");
	return true;
}

static bool add_cookies(struct url_reply *r, const struct json *cookies)
{
	if (cookies && cookies->kind != JSON_ARRAY && cookies->kind != JSON_NULL)
		return fail(r, "cookies is not an array");
	for (const struct json *c = cookies ? cookies->child : NULL; c; c = c->next) {
		if (c->kind != JSON_STRING || !is_field_value(c))
			return fail(r, "a cookie is not a string, or has control characters");
		buf_printf(&r->fields, "Set-Cookie: %s\r\n", c->text);
	}
	return true;
}

static bool add_body(struct url_reply *r, const struct json *body, const struct json *encoded)
{
	if (!body || body->kind == JSON_NULL)
		return true;
	if (body->kind != JSON_STRING)
		return fail(r, "body is not a string");
	if (!encoded || encoded->kind != JSON_TRUE)
		buf_add(&r->body, body->text, body->n);
	else if (!base64_decode(&r->body, body->text, body->n))
		return fail(r, "isBase64Encoded is true and body is not base64");
	return true;
}

static bool set_status(struct url_reply *r, const struct json *status)
{
	char *end;
	long n;

	if (status->kind != JSON_NUMBER && status->kind != JSON_STRING)
		return fail(r, "statusCode is not a number");
	n = strtol(status->text, &end, 10);
	if (*end || n < 200 || n > 599)
		return fail(r, "statusCode is not between 200 and 599");
	r->status = (int)n;
	return true;
}

void url_reply_read(struct url_reply *r, const char *reply, size_t n)
{
	const char *why = "";
	struct json *j = json_parse(reply, n, &why);
	const struct json *status = j && j->kind == JSON_OBJECT ? json_get(j, "statusCode") : NULL;

	*r = (struct url_reply){ .status = 200 };
	if (!j) {
		fail(r, "the reply is not JSON");
	} else if (!status) {
		buf_puts(&r->fields, "Content-Type: application/json\r\n");
		buf_add(&r->body, reply, n);
	} else if (set_status(r, status) && add_headers(r, json_get(j, "headers")) &&
	           add_cookies(r, json_get(j, "cookies"))) {
		add_body(r, json_get(j, "body"), json_get(j, "isBase64Encoded"));
	}
	json_free(j);
}

void url_reply_free(struct url_reply *r)
{
	buf_free(&r->fields);
	buf_free(&r->body);
}
