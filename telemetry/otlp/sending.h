// SPDX-License-Identifier: MIT
#pragma once

#include "otlp/exchange.h"
#include "otlp/outcome.h"
#include "otlp/retry.h"
#include "otlp/split.h"

/*
 * A batch on its way, run by run: each is tried until the receiver has taken it, refuses it for good, or there is no time, and is accounted for.
 *
 *   out:  | what does not go as it lies: resource, a part of a metric, JSON, gzip | EXCHANGE_BYTES: head, then reply |
 */
#define SENDING_ROOM_BYTES (REGION_OUT_BYTES - EXCHANGE_BYTES)

struct sending {
	const struct batch *batch;
	struct receiver *receiver;
	struct resource resource;
	struct split split;
	struct buf room;
	size_t room_kept; /* of room: for the whole batch */
	struct body body;
	struct exchange exchange;
	struct outcome outcome;
	struct retry retry;
};

enum sending_next { SENDING_TRY, SENDING_RUN, SENDING_STOP };

/* False: the receiver cannot be used, and the batch has been accounted for. */
bool sending_start(struct sending *s, const struct batch *batch, int64_t deadline);

bool sending_next(struct sending *s); /* the next run is in s->split */
bool sending_body(struct sending *s); /* false: no request can hold it */
enum sending_next sending_run(struct sending *s);

/* What exchange.reply means: accounted for, unless it is to be tried (again). Then the time to wait for that is over. */
enum sending_next sending_judge(struct sending *s);

/* The run and what is behind it: not now (passing: kept, if that may be), or never. */
void sending_leave(struct sending *s, enum drop reason, bool passing, str cause);
