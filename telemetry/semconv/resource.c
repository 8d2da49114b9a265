// SPDX-License-Identifier: MIT
#include "semconv/resource.h"

#include "base/late.h"
#include "diag.h"
#include "list.h"
#include "record/attr.h"
#include "version.h"

#include "resource.pb.h"
#include "trace.pb.h"

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
	struct attr a = { type, .key = wire_text(key.p, key.n), .text = wire_text(value.p, value.n) };

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

static void put_service_name(struct writer *w, const struct settings *env, const struct lambda_hook_sandbox *sandbox)
{
	char unknown[256];
	struct buf b = BUF(unknown);
	str name = env->service_name;

	for (size_t i = w->pair_count; i-- && !name.n;)
		if (str_eq(w->pairs[i].key, S("service.name")))
			name = w->pairs[i].value;
	if (!name.n)
		name = sandbox->function_name;
	if (!name.n) {
		buf_put(&b, S("unknown_service:"));
		buf_put(&b, str_of(program_invocation_short_name));
		name = buf_str(&b);
	}
	put_str(w, ATTR_STR, S("service.name"), name);
}

static void put_detected(struct writer *w, const struct settings *env, const struct lambda_hook_sandbox *sandbox)
{
	const struct {
		str key, value;
		enum attr_type type;
	} rows[] = {
		{ S("telemetry.sdk.name"), S("mote"), ATTR_STR },
		{ S("telemetry.sdk.language"), S("c"), ATTR_STR },
		{ S("telemetry.sdk.version"), S(MOTE_VERSION), ATTR_STR },
		{ S("cloud.provider"), S("aws"), ATTR_STR },
		{ S("cloud.platform"), S("aws_lambda"), ATTR_STR },
		{ S("cloud.region"), env->region, ATTR_STR },
		{ S("faas.name"), sandbox->function_name, ATTR_STR },
		{ S("faas.version"), sandbox->function_version, ATTR_STR },
		{ S("faas.instance"), sandbox->log_stream, ATTR_STR },
		{ S("aws.log.group.names"), sandbox->log_group,
		  ATTR_STR_ARRAY }, /* there might be several, the conventions say */
		{ S("aws.log.stream.names"), sandbox->log_stream, ATTR_STR_ARRAY },
	};
	struct attr memory = { ATTR_INT, .key = wire_text("faas.max_memory", 15) };

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].value.n && !overridden(w, rows[i].key))
			put_str(w, rows[i].type, rows[i].key, rows[i].value);
	if (sandbox->memory_mb > 0 && sandbox->memory_mb < INT64_MAX >> 20 && !overridden(w, memory.key.text)) {
		memory.bits = (uint64_t)sandbox->memory_mb << 20; /* bytes */
		put(w, &memory);
	}
}

static char *put_scope_and_urls(char *p, struct resource *r)
{
	struct wire_text name = wire_text(SCOPE_NAME, sizeof SCOPE_NAME - 1);
	struct wire_text version = wire_text(MOTE_VERSION, sizeof MOTE_VERSION - 1);
	struct wire_text url = wire_text(SCHEMA_URL, sizeof SCHEMA_URL - 1);
	size_t scope = wire_bytes_size(InstrumentationScope_name_tag, name.size) +
	               wire_bytes_size(InstrumentationScope_version_tag, version.size);
	char *start = p;

	p = wire_length(p, ScopeSpans_scope_tag, scope);
	p = wire_string(p, InstrumentationScope_name_tag, &name);
	p = wire_string(p, InstrumentationScope_version_tag, &version);
	r->scope = (str){ start, (size_t)(p - start) };
	start = p;
	p = wire_string(p, ScopeSpans_schema_url_tag, &url);
	r->scope_url = (str){ start, (size_t)(p - start) };
	start = p;
	p = wire_string(p, ResourceSpans_schema_url_tag, &url);
	r->url = (str){ start, (size_t)(p - start) };
	return p;
}

size_t resource_encode(struct resource *r, const struct settings *env, const struct lambda_hook_sandbox *sandbox,
                       char *room, char *scratch, size_t scratch_n)
{
	static struct list_pair pairs[PAIRS_MAX] LATE; /* on the stack they would be a page more to fault in, seldom used */
	struct writer w;
	char *p;
	size_t head;

	w.p = room + HEAD_BYTES_MAX;
	w.cap = RESOURCE_BYTES_MAX - HEAD_BYTES_MAX - COUNT_BYTES_MAX - TAIL_BYTES_MAX;
	w.n = w.pair_count = w.dropped = 0;
	w.pairs = pairs;
	if (env->resource_attributes.n > scratch_n ||
	    !list_parse(env->resource_attributes, scratch, pairs, PAIRS_MAX, &w.pair_count))
		diag_variable(S("OTEL_RESOURCE_ATTRIBUTES"), (str){ 0 },
		              S("is not a list of at most 128 key=value with percent-encoded values: all of it is ignored"));
	put_service_name(&w, env, sandbox);
	put_detected(&w, env, sandbox);
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
