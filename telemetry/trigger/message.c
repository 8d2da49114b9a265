// SPDX-License-Identifier: MIT
#include "trigger/link.h"
#include "trigger/trigger.h"

/* otel_trigger.h: what a handler adds to the invocation's span, and spans of its messages. */

static str attr_of(const struct trigger *t, str key)
{
	for (unsigned i = 0; i < t->attrs; i++)
		if (str_eq(str_of(t->attr[i].key), key))
			return t->attr[i].text;
	return (str){ 0 };
}

void otel_route_n(const char *route, size_t n)
{
	struct otel_span *span = otel_invocation();
	const struct trigger *t = otel_recording(span) ? trigger_last() : NULL;
	char room[TRIGGER_NAME_MAX];
	struct buf name = BUF(room);
	str method;

	if (!t || !t->http)
		return;
	method = attr_of(t, S("http.request.method"));
	buf_put(&name, str_eq(method, S("_OTHER")) ? S("HTTP") : method);
	buf_putc(&name, ' ');
	buf_put(&name, (str){ route, n });
	otel_set_str(span, "http.route", route, n);
	if (!name.full)
		otel_rename(span, name.p, name.n);
}

/* What the invocation's span says of all its messages is true of each. */
static void put_common(const struct trigger *t, struct otel_span *span)
{
	for (unsigned i = 0; i < t->attrs; i++) {
		const struct trigger_attr *a = &t->attr[i];
		str key = str_of(a->key);

		if (a->text.n && (str_starts(key, S("messaging.")) || str_starts(key, S("faas.document."))))
			otel_set_str(span, a->key, a->text.p, a->text.n);
	}
}

struct otel_span *otel_message_span(str record, str id)
{
	struct trigger *t = otel_recording(otel_invocation()) ? trigger_last() : NULL;
	struct trigger_message m = { .id = id };
	struct otel_opening opening = { .kind = OTEL_CONSUMER };
	struct otel_attr id_attr;
	struct otel_link link = { .attrs = &id_attr };
	struct lambda_json json;
	struct otel_span *span;
	size_t base;

	if (!t || !t->row || !t->row->message)
		return otel_start_with("process", &opening);
	base = t->room.n;
	lambda_json_init(&json, record);
	t->row->message(t, &json, &m);
	id_attr = otel_attr_str("messaging.message.id", m.id.p, m.id.n);
	link.attr_count = m.id.n > 0;
	if (link_context(&m, &link.to)) {
		opening.links = &link;
		opening.link_count = 1;
	}
	span = otel_start_with_n(t->name.p, t->name.n, &opening);
	put_common(t, span);
	change_describe(&m, span);
	message_describe(&m, t, span);
	t->room.n = base;
	return span;
}
