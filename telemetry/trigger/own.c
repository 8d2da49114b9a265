// SPDX-License-Identifier: MIT
#include "trigger/own.h"

#include <string.h>

/* otel_trigger.h: rows of one's own, in a list through the caller's memory. */

struct otel_source {
	struct trigger t;
};

static struct otel_trigger *rows;

void otel_add_trigger(struct otel_trigger *row)
{
	for (const struct otel_trigger *other = rows; other; other = other->next_)
		if (other == row)
			return;
	row->next_ = rows;
	rows = row;
}

bool own_any(void)
{
	return rows != NULL;
}

bool own_detect(struct trigger *t)
{
	for (const struct otel_trigger *row = rows; row; row = row->next_) {
		t->trigger = row->trigger ? row->trigger : "other";
		t->kind = row->kind ? row->kind : OTEL_SERVER;
		if (row->read((struct otel_source *)t, t->event))
			return true;
		t->attrs = t->headers = t->links = 0; /* a no takes everything back */
		t->name.n = t->room.n = 0;
		t->http = false;
	}
	return false;
}

void otel_source_name(struct otel_source *source, lambda_str name)
{
	trigger_name(&source->t, name);
}

void otel_source_str(struct otel_source *source, const char *key, lambda_str value)
{
	trigger_str(&source->t, key, value);
}

void otel_source_int(struct otel_source *source, const char *key, int64_t value)
{
	trigger_int(&source->t, key, value);
}

void otel_source_headers(struct otel_source *source, lambda_str object)
{
	trigger_headers(&source->t, object);
}

void otel_source_link(struct otel_source *source, lambda_str traceparent, lambda_str message_id)
{
	struct trigger *t = &source->t;

	if (t->links < TRIGGER_LINKS_MAX)
		t->link[t->links++] = (struct trigger_message){ .id = message_id, .traceparent = traceparent };
}

lambda_str otel_source_text(struct otel_source *source, lambda_str value)
{
	return trigger_text(&source->t, value);
}
