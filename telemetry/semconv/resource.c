// SPDX-License-Identifier: MIT
#include "semconv/resource.h"

#include "base/late.h"
#include "diag.h"
#include "list.h"
#include "record/attr.h"
#include "settings.h"
#include "version.h"

#include "resource.pb.h"
#include "trace.pb.h"

#include <assert.h>
#include <errno.h>

#define SCHEMA_URL "https://opentelemetry.io/schemas/1.44.0"
#define SCOPE_NAME "mote"

#define PAIRS_MAX 128           /* in OTEL_RESOURCE_ATTRIBUTES */
#define HEAD_BYTES_MAX (1 + 3)  /* tag and length of a resource of up to RESOURCE_BYTES_MAX */
#define TAIL_BYTES_MAX 256      /* scope and two schema URLs */
#define COUNT_BYTES_MAX (1 + 5) /* dropped_attributes_count */

/* Attributes are written behind room for the head, which is put right before them once their size is known. */
struct writer {
	char *p;
	size_t n, cap;
	uint32_t dropped;
	const struct list_pair *pairs; /* OTEL_RESOURCE_ATTRIBUTES */
	size_t pair_count;
};

/* Of a detected attribute: does the user say otherwise? */
static bool overridden(const struct writer *w, str key)
{
	for (size_t i = 0; i < w->pair_count; i++)
		if (str_eq(w->pairs[i].key, key))
			return true;
	return false;
}

static void put(struct writer *w, const struct attr *a)
{
	if (a->key.size > w->cap || a->text.size > w->cap || attr_size(a, Resource_attributes_tag) > w->cap - w->n)
		w->dropped++;
	else
		w->n = (size_t)(attr_put(w->p + w->n, a, Resource_attributes_tag) - w->p);
}

static void put_str(struct writer *w, enum attr_type type, str key, str value)
{
	struct attr a = { .type = type };

	wire_text(&a.key, key.p, key.n);
	wire_text(&a.text, value.p, value.n);
	put(w, &a);
}

/* ---- what is said ---- */

/* The last of equal keys counts. service.name is said by service_name(). */
static void put_users(struct writer *w)
{
	for (size_t i = 0; i < w->pair_count; i++) {
		bool again = str_eq(w->pairs[i].key, S("service.name"));

		for (size_t j = i + 1; j < w->pair_count && !again; j++)
			again = str_eq(w->pairs[i].key, w->pairs[j].key);
		if (!again)
			put_str(w, ATTR_STR, w->pairs[i].key, w->pairs[i].value);
	}
}

static void put_service_name(struct writer *w, str name, str otherwise)
{
	char unknown[256];
	struct buf b = BUF(unknown);

	for (size_t i = w->pair_count; i-- && !name.n;)
		if (str_eq(w->pairs[i].key, S("service.name")))
			name = w->pairs[i].value;
	if (!name.n)
		name = otherwise;
	if (!name.n) {
		buf_put(&b, S("unknown_service:"));
		buf_put(&b, str_of(program_invocation_short_name));
		name = buf_str(&b);
	}
	put_str(w, ATTR_STR, S("service.name"), name);
}

static void detected(struct writer *w, enum attr_type type, const char *key, str value)
{
	if (value.n && !overridden(w, str_of(key)))
		put_str(w, type, str_of(key), value);
}

static void put_sdk(struct writer *w)
{
	detected(w, ATTR_STR, "telemetry.sdk.name", S("mote"));
	detected(w, ATTR_STR, "telemetry.sdk.language", S("c"));
	detected(w, ATTR_STR, "telemetry.sdk.version", S(MOTE_VERSION));
}

static void put_lambda(struct writer *w, const struct lambda_hook_sandbox *sandbox)
{
	struct attr memory = { .type = ATTR_INT, .bits = (uint64_t)sandbox->memory_mb << 20 }; /* bytes */

	detected(w, ATTR_STR, "cloud.provider", S("aws"));
	detected(w, ATTR_STR, "cloud.platform", S("aws_lambda"));
	detected(w, ATTR_STR, "cloud.region", setting("AWS_REGION"));
	detected(w, ATTR_STR, "faas.name", sandbox->function_name);
	detected(w, ATTR_STR, "faas.version", sandbox->function_version);
	detected(w, ATTR_STR, "faas.instance", sandbox->log_stream);
	detected(w, ATTR_STR_ARRAY, "aws.log.group.names",
	         sandbox->log_group); /* there might be several, the conventions say */
	detected(w, ATTR_STR_ARRAY, "aws.log.stream.names", sandbox->log_stream);
	wire_text(&memory.key, "faas.max_memory", 15);
	if (sandbox->memory_mb > 0 && sandbox->memory_mb < INT64_MAX >> 20 && !overridden(w, memory.key.text))
		put(w, &memory);
}

static char *put_literal(char *p, unsigned field, str literal)
{
	struct wire_text t;

	wire_text(&t, literal.p, literal.n);
	return wire_string(p, field, &t);
}

static char *put_scope_and_urls(char *p, struct resource *r)
{
	str name = S(SCOPE_NAME), version = S(MOTE_VERSION), url = S(SCHEMA_URL);
	char *start = p;

	p = wire_length(p, ScopeSpans_scope_tag,
	                wire_bytes_size(InstrumentationScope_name_tag, name.n) +
	                    wire_bytes_size(InstrumentationScope_version_tag, version.n));
	p = put_literal(p, InstrumentationScope_name_tag, name);
	p = put_literal(p, InstrumentationScope_version_tag, version);
	r->scope = (str){ start, (size_t)(p - start) };
	start = p;
	p = put_literal(p, ScopeSpans_schema_url_tag, url);
	r->scope_url = r->url = (str){ start, (size_t)(p - start) };
	r->head = (str){ r->scope.p, r->scope.n + r->url.n };
	return p;
}

static_assert((int)ScopeSpans_schema_url_tag == (int)ResourceSpans_schema_url_tag, "one encoding serves both");

static void read_users(struct writer *w, char *scratch, size_t n)
{
	static struct list_pair pairs[PAIRS_MAX] LATE; /* on the stack they would be a page more to fault in, seldom used */
	str list = setting("OTEL_RESOURCE_ATTRIBUTES");

	w->pairs = pairs;
	w->pair_count = 0;
	if (list.n > n || !list_parse(list, scratch, pairs, PAIRS_MAX, &w->pair_count))
		setting_warn(S("OTEL_RESOURCE_ATTRIBUTES"), (str){ 0 },
		             "is not a list of at most 128 key=value with percent-encoded values: all of it is ignored");
}

size_t resource_encode(struct resource *r, const struct lambda_hook_sandbox *sandbox, str service_name, str name,
                       char *room, char *scratch, size_t scratch_n)
{
	struct writer w;
	char *p;
	size_t head;

	w.p = room + HEAD_BYTES_MAX;
	w.cap = RESOURCE_BYTES_MAX - HEAD_BYTES_MAX - COUNT_BYTES_MAX - TAIL_BYTES_MAX;
	w.n = w.dropped = 0;
	read_users(&w, scratch, scratch_n);
	put_service_name(&w, service_name, name);
	put_sdk(&w);
	if (sandbox)
		put_lambda(&w, sandbox);
	put_users(&w);
	p = w.p + w.n;
	if (w.dropped)
		p = wire_int(p, Resource_dropped_attributes_count_tag, w.dropped);
	w.n = (size_t)(p - w.p);
	head = wire_bytes_size(ResourceSpans_resource_tag, w.n) - w.n;
	wire_length(w.p - head, ResourceSpans_resource_tag, w.n);
	r->resource = (str){ w.p - head, w.n + head };
	return (size_t)(put_scope_and_urls(p, r) - room);
}
