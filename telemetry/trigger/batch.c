// SPDX-License-Identifier: MIT
#include "trigger/batch.h"

void batch_open(struct batch_walk *w, struct trigger *t)
{
	enum lambda_json_kind kind;

	*w = (struct batch_walk){ .t = t };
	lambda_json_init(&w->json, t->messages);
	kind = lambda_json_next(&w->json);
	w->keyed = kind == LAMBDA_JSON_OBJECT;
	w->open = kind == LAMBDA_JSON_ARRAY;
	w->done = !w->keyed && !w->open;
}

/* To where an element comes next; false behind the last one. */
static bool element(struct batch_walk *w)
{
	const struct lambda_json *json = &w->json;

	while (!w->done) {
		if (w->open) {
			const char *p = json->p_;

			while (p < json->end_ && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r' || *p == ','))
				p++;
			if (p < json->end_ && *p != ']')
				return true;
			w->open = false;
			w->done = lambda_json_next(&w->json) != LAMBDA_JSON_ARRAY_END || !w->keyed;
			continue;
		}
		if (lambda_json_next(&w->json) != LAMBDA_JSON_KEY) {
			w->done = true;
			break;
		}
		w->key = json->text;
		if (lambda_json_next(&w->json) == LAMBDA_JSON_ARRAY)
			w->open = true;
		else
			w->done = true; /* not what a broker sends */
	}
	return false;
}

bool batch_next(struct batch_walk *w, struct trigger_message *message)
{
	unsigned depth = w->json.depth_;

	if (!element(w))
		return false;
	depth = w->json.depth_;
	*message = (struct trigger_message){ 0 };
	message->source = w->key;
	w->t->row->message(w->t, &w->json, message);
	while (w->json.depth_ > depth &&
	       lambda_json_next(&w->json) > LAMBDA_JSON_END) /* an array where an object should be */
		;
	w->done = w->json.depth_ != depth || !w->json.text.p; /* a bad token has no text */
	return !w->done;
}
