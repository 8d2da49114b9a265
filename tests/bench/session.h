// SPDX-License-Identifier: MIT
/* session.h: one start while it runs. Private to start.c, which starts and ends it, and session.c, which speaks with it. */
#pragma once

#include "start.h"

struct session {
	struct bench *bench;
	const struct candidate *candidate;
	struct start *out;
	struct sandbox sandboxes[EXTENSIONS_MAX + 1], *bootstrap; /* the last of them, once it runs */
	size_t sandbox_count;
	struct buf event, last_words;
	char id[40];
	unsigned count;
};

bool session_failed(struct session *s, const char *what); /* false, with what it did and said last in out->why */

/* Until the condition holds; somebody who has died is looked for whenever nothing comes. False: it has failed, with these words. */
bool session_wait(struct session *s, bool (*held)(const struct api *a), const char *what);

/* Event, answer, acknowledgment, everybody waits. False: it has failed. */
bool session_invoke(struct session *s, uint64_t *answer_ns, uint64_t *begun_ns, uint64_t *turn_ns);
