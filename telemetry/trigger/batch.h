// SPDX-License-Identifier: MIT
#pragma once

#include "trigger/trigger.h"

/*
 * The messages of a batch, one by one: elements of an array, or of the arrays in an object, as brokers send
 * them by topic or queue. One pass; of each message only what its source wants is kept.
 */
struct batch_walk {
	struct trigger *t;
	struct lambda_json json;
	bool keyed, open, done;
	str key; /* of the array that is open, when keyed */
};

void batch_open(struct batch_walk *w, struct trigger *t);
bool batch_next(struct batch_walk *w, struct trigger_message *message);
