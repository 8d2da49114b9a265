// SPDX-License-Identifier: MIT
#include "trigger/trigger.h"

#include "base/percent.h"

#include <string.h>

/*
 * The keys whose values say who may do something: semantic conventions 1.44, url.query. They compare with case,
 * as the services that made them up do. Of such a pair the key is kept.
 */
static const char *const secrets[] = {
	"AWSAccessKeyId",       "Signature", "sig", "X-Goog-Signature", "X-Amz-Signature", "X-Amz-Credential",
	"X-Amz-Security-Token",
};

#define KEY_MAX 64 /* a longer one cannot be one of them, not even with every byte percent-encoded */

static bool secret(str key)
{
	char decoded[KEY_MAX];

	if (key.n <= KEY_MAX && key.n && memchr(key.p, '%', key.n))
		key = (str){ decoded, percent_decode(key, false, decoded, NULL) };
	for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
		if (str_eq(key, str_of(secrets[i])))
			return true;
	return false;
}

str query_redacted(struct trigger *t, str query)
{
	struct buf *b = &t->room;
	size_t start = b->n;
	bool found = false;
	str rest = query, pair, key, value;

	while (rest.n && !found) {
		str_cut(rest, '&', &pair, &rest);
		str_cut(pair, '=', &key, &value);
		found = secret(key);
	}
	if (!found)
		return query;
	for (rest = query; rest.n;) {
		bool more = str_cut(rest, '&', &pair, &rest), equals = str_cut(pair, '=', &key, &value);

		buf_put(b, key);
		if (equals)
			buf_putc(b, '=');
		buf_put(b, equals && secret(key) ? S("REDACTED") : value);
		if (more)
			buf_putc(b, '&');
	}
	if (!b->full)
		return (str){ b->p + start, b->n - start };
	b->n = start; /* a query that is not shown is better than one with its secrets */
	b->full = false;
	return (str){ 0 };
}

static void put(struct buf *b, str text, bool encode)
{
	if (encode)
		percent_encode(b, text);
	else
		buf_put(b, text);
}

/* The characters of a key or value; false when they are too many to be decoded. */
static bool plain(str *text, char *room, size_t size)
{
	return !text->n || !memchr(text->p, '\\', text->n) || lambda_json_unescape(*text, room, size, text);
}

static void put_pair(struct buf *b, size_t start, str key, str value, bool encode)
{
	char key_room[256], room[1024];

	if (lambda_json_kind_of(value) != LAMBDA_JSON_STRING)
		return;
	value = (str){ value.p + 1, value.n - 2 };
	if (!plain(&key, key_room, sizeof key_room) || !plain(&value, room, sizeof room)) {
		b->full = true;
		return;
	}
	if (b->n > start)
		buf_putc(b, '&');
	put(b, key, encode);
	buf_putc(b, '=');
	if (secret(key))
		buf_put(b, S("REDACTED"));
	else
		put(b, value, encode);
}

str query_of_members(struct trigger *t, str members, bool encode)
{
	struct buf *b = &t->room;
	size_t start = b->n;
	struct lambda_json json, list;
	str key, value, one;

	if (lambda_json_kind_of(members) != LAMBDA_JSON_OBJECT)
		return (str){ 0 };
	lambda_json_init(&json, members);
	while (!b->full && lambda_json_each(&json, &key, NULL, &value)) {
		if (lambda_json_kind_of(value) != LAMBDA_JSON_ARRAY) {
			put_pair(b, start, key, value, encode);
			continue;
		}
		lambda_json_init(&list, value);
		while (!b->full && lambda_json_each(&list, NULL, NULL, &one))
			put_pair(b, start, key, one, encode);
	}
	if (!b->full)
		return (str){ b->p + start, b->n - start };
	b->n = start;
	b->full = false;
	return (str){ 0 };
}
