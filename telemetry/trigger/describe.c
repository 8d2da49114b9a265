// SPDX-License-Identifier: MIT
#include "record/recorder.h"
#include "trigger/batch.h"
#include "trigger/capture.h"
#include "trigger/legacy.h"
#include "trigger/link.h"
#include "trigger/options.h"

/*
 * What is known about the event goes to its span: what the source has noted, then its messages, which are read
 * here for the first time. A span has room for some ninety links; those beyond are counted in it.
 */
#define LINK_BYTES 66 /* of the wire form of a link without its id and state */
#define LINKS_BYTES \
	(OTEL_SPAN_BYTES - 3072) /* the rest is for what a handler has said, and for what is said behind them */

static void put_attrs(const struct trigger *t, struct otel_span *span)
{
	bool legacy = t->http && trigger_options()->legacy;

	for (unsigned i = 0; i < t->attrs; i++) {
		const struct trigger_attr *a = &t->attr[i];
		const char *old = legacy ? legacy_name(a->key) : NULL;

		if (a->text.n) {
			otel_set_str(span, a->key, a->text.p, a->text.n);
			if (old)
				otel_set_str(span, old, a->text.p, a->text.n);
		} else {
			otel_set_int(span, a->key, a->number);
			if (old)
				otel_set_int(span, old, a->number);
		}
	}
	if (legacy)
		legacy_target(t, span);
}

static void put_text(struct otel_span *span, const char *key, str value)
{
	if (value.n)
		otel_set_str(span, key, value.p, value.n);
}

void message_describe(const struct trigger_message *m, const struct trigger *t, struct otel_span *span)
{
	int64_t offset;

	if (str_eq(str_of(t->trigger), S("datasource"))) {
		put_text(span, "faas.document.name", m->document);
		put_text(span, "aws.s3.key", m->document); /* only a bucket's changes have names */
		return;
	}
	put_text(span, "messaging.message.id", m->id);
	put_text(span, "messaging.destination.partition.id", m->partition);
	put_text(span, "aws.kinesis.partition_key", m->key);
	if (lambda_json_int(m->offset, &offset))
		otel_set_int(span, "messaging.kafka.offset", offset);
}

void change_describe(const struct trigger_message *m, struct otel_span *span)
{
	if (m->operation.n)
		otel_set_str(span, "faas.document.operation", m->operation.p, m->operation.n);
	if (m->time.n)
		otel_set_str(span, "faas.document.time", m->time.p, m->time.n);
}

/* True: there is a link, and no room for it. */
static bool put_link(struct otel_span *span, const struct trigger_message *m, size_t *room_left)
{
	size_t size = LINK_BYTES + m->id.n + m->tracestate.n;
	struct otel_context to;

	if (size > *room_left) {
		*room_left = 0; /* a shorter one is not better than this one */
		return link_context(m, &to);
	}
	if (link_put(span, m))
		*room_left -= size;
	return false;
}

static void put_batch(struct trigger *t, struct otel_span *span)
{
	struct trigger_message m = { 0 };
	struct batch_walk walk;
	char room[256];
	struct buf source = BUF(room);
	size_t base = t->room.n, room_left = LINKS_BYTES;
	uint32_t lost = 0;
	int64_t count = 0;
	bool mixed = false;

	batch_open(&walk, t);
	while (batch_next(&walk, &m)) {
		if (count++ == 0) {
			change_describe(&m, span); /* required of one, and has one value: the first speaks for all */
			buf_put(&source, m.source);
		}
		mixed |= !source.full && !str_eq(buf_str(&source), m.source);
		lost += put_link(span, &m, &room_left);
		t->room.n = base; /* what was decoded of this one stays until the next one is looked at */
	}
	if (count == 1)
		message_describe(&m, t, span);
	recorder_lose_links(span, lost);
	if (count > 1 && !str_eq(str_of(t->trigger), S("datasource")))
		otel_set_int(span, "messaging.batch.message_count", count);
	if (mixed)
		otel_rename(span, "process multiple_sources", 24);
}

void trigger_describe(struct trigger *t, struct otel_span *span)
{
	str trigger = str_of(t->trigger);

	if (!otel_recording(span))
		return;
	otel_set_str(span, "faas.trigger", trigger.p, trigger.n);
	put_attrs(t, span);
	if (t->http)
		capture_request(t, span);
	for (unsigned i = 0; i < t->links; i++)
		link_put(span, &t->link[i]);
	if (t->batch)
		put_batch(t, span);
}
