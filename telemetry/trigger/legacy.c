// SPDX-License-Identifier: MIT
#include "trigger/legacy.h"

static const struct {
	const char *now, *before;
} names[] = {
	{ "http.request.method", "http.method" },
	{ "http.response.status_code", "http.status_code" },
	{ "url.scheme", "http.scheme" },
	{ "server.address", "net.host.name" },
	{ "server.port", "net.host.port" },
	{ "client.address", "http.client_ip" },
	{ "network.protocol.version", "net.protocol.version" },
	{ "user_agent.original", "http.user_agent" },
};

const char *legacy_name(const char *key)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_eq(str_of(names[i].now), str_of(key)))
			return names[i].before;
	return NULL;
}

static str attr_of(const struct trigger *t, str key)
{
	for (unsigned i = 0; i < t->attrs; i++)
		if (str_eq(str_of(t->attr[i].key), key))
			return t->attr[i].text;
	return (str){ 0 };
}

void legacy_target(const struct trigger *t, struct otel_span *span)
{
	char room[2048];
	struct buf target = BUF(room);
	str path = attr_of(t, S("url.path")), query = attr_of(t, S("url.query"));

	buf_put(&target, path);
	if (query.n) {
		buf_putc(&target, '?');
		buf_put(&target, query);
	}
	if (path.n && !target.full)
		otel_set_str(span, "http.target", target.p, target.n);
}
