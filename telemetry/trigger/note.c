// SPDX-License-Identifier: MIT
#include "trigger/trigger.h"

#include <string.h>

/* What sources say about an event, kept until its span is there. */

static struct trigger_attr *attr_new(struct trigger *t, const char *key)
{
	struct trigger_attr *a;

	if (t->attrs == TRIGGER_ATTRS_MAX)
		return NULL;
	a = &t->attr[t->attrs++];
	*a = (struct trigger_attr){ .key = key };
	return a;
}

void trigger_str(struct trigger *t, const char *key, str value)
{
	struct trigger_attr *a;

	if (value.n && (a = attr_new(t, key)))
		a->text = value;
}

void trigger_int(struct trigger *t, const char *key, int64_t value)
{
	struct trigger_attr *a = attr_new(t, key);

	if (a)
		a->number = value;
}

str trigger_text(struct trigger *t, str value)
{
	str text;

	if (lambda_json_kind_of(value) != LAMBDA_JSON_STRING || value.n < 2)
		return (str){ 0 };
	text = (str){ value.p + 1, value.n - 2 };
	if (!text.n || !memchr(text.p, '\\', text.n))
		return text;
	if (!lambda_json_unescape(text, t->room.p + t->room.n, t->room.cap - t->room.n, &text))
		return (str){ 0 };
	t->room.n += text.n;
	return text;
}

void trigger_json(struct trigger *t, const char *key, str value)
{
	trigger_str(t, key, trigger_text(t, value));
}

str trigger_keep(struct trigger *t, str text)
{
	char *p = t->room.p + t->room.n;

	if (!text.n || text.n > t->room.cap - t->room.n)
		return (str){ 0 };
	memmove(p, text.p, text.n); /* it may have been decoded to there */
	t->room.n += text.n;
	return (str){ p, text.n };
}

void trigger_name(struct trigger *t, str name)
{
	size_t left = t->name.cap - t->name.n;

	if (name.n > left)
		name.n = left;
	buf_put(&t->name, name);
}

void trigger_messaging(struct trigger *t, const char *system, str destination)
{
	trigger_name(t, S("process "));
	trigger_name(t, destination.n ? destination : S("unknown"));
	trigger_str(t, "messaging.system", str_of(system));
	trigger_str(t, "messaging.operation.name", S("process"));
	trigger_str(t, "messaging.operation.type", S("process"));
	trigger_str(t, "messaging.destination.name", destination);
}

bool json_members(struct lambda_json *json, const char *const *names, str *values, size_t count)
{
	for (size_t i = 0; i < count; i++)
		values[i] = (str){ 0 };
	if (lambda_json_next(json) != LAMBDA_JSON_OBJECT)
		return false;
	while (lambda_json_next(json) == LAMBDA_JSON_KEY) {
		str key = json->text;
		bool escaped = json->escaped;

		if (!lambda_json_skip(json))
			return false;
		for (size_t i = 0; i < count && !escaped; i++)
			if (!values[i].p && strlen(names[i]) == key.n && memcmp(names[i], key.p, key.n) == 0)
				values[i] = json->text;
	}
	return json->text.n && json->text.p[0] == '}';
}

str arn_field(str arn, int i)
{
	str field = arn, rest = arn;

	if (!str_starts(arn, S("arn:")))
		return (str){ 0 };
	for (int at = 0; at < i; at++)
		if (!str_cut(rest, ':', &field, &rest))
			return (str){ 0 };
	if (i < 5)
		str_cut(rest, ':', &field, &rest);
	else
		field = rest;
	return field;
}
