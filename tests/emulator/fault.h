// SPDX-License-Identifier: MIT
/* fault.h: how the emulator misbehaves, by script. A plan is rules in the order given; each says at which step, for which
 * invocations, how often, and what. Rules that apply at the same time add up, later ones win. fault_help prints the
 * language. */
#pragma once

#include "loop.h"

#include <stdio.h>

enum fault_step {
	FAULT_CONNECT, /* a connection was accepted; counted by connection */
	FAULT_NEXT,    /* an event is about to be handed out */
	FAULT_RESPONSE,
	FAULT_ERROR,
	FAULT_INIT_ERROR,
	FAULT_REGISTER,
	FAULT_EVENT_NEXT,
	FAULT_IDLE, /* the answer was acknowledged, the next /next not yet asked */
	FAULT_STEPS,
};

#define FAULT_SPLITS_MAX 16
#define FAULT_FIELDS_MAX 16

enum fault_drop { DROP_NOT, DROP_AT, DROP_IN_HEAD, DROP_IN_BODY, DROP_AFTER };
enum fault_body { BODY_USUAL, BODY_NONE, BODY_TEXT, BODY_JSON };
enum fault_case { CASE_USUAL, CASE_LOWER, CASE_UPPER, CASE_ODD };
enum fault_framing { FRAMING_USUAL, FRAMING_LENGTH, FRAMING_CHUNKED };

struct fault { /* what to do now; all zero: behave */
	bool any;
	unsigned status;
	enum fault_body body;
	bool never, http10, close, rst, chunk_ext, trailers, split_all;
	enum fault_case letters;
	enum fault_framing framing;
	enum fault_drop drop;
	size_t drop_at, splits[FAULT_SPLITS_MAX], split_count, pieces, chunks, chunk_size, pad, event_size;
	bool limit_reading;
	uint64_t read_limit;
	uint64_t delay_ns, gap_ns, freeze_ns, freeze_mid_ns, freeze_after_ns;
	bool has_gap;
	char *add[FAULT_FIELDS_MAX], *without[FAULT_FIELDS_MAX], *empty[FAULT_FIELDS_MAX]; /* owned */
	size_t add_count, without_count, empty_count;
};

struct fault_rule {
	enum fault_step step;
	unsigned from, to; /* 0, 0: the first time that the step is reached */
	unsigned times;    /* at each of them; 0: always */
	char *actions;
	bool reading;        /* one of them is read= */
	unsigned last, used; /* how often at number `last` */
};

struct fault_plan {
	struct fault_rule *rules;
	size_t n;
};

/* One rule, as in --fault; false: `why` says what is wrong with it. */
bool fault_parse(struct fault_plan *plan, const char *text, char why[static 160]);
bool fault_parse_file(struct fault_plan *plan, const char *path, char why[static 160]);
void fault_plan_free(struct fault_plan *plan);
void fault_help(FILE *to);

/* What the plan says for this step now; counts it as done. fault_free afterwards. Rules with read= have a moment of their
 * own, when the head of a request is there and its body is not: the first passes over them, the second takes only them. */
void fault_take(struct fault_plan *plan, enum fault_step step, unsigned number, struct fault *f);
void fault_take_reading(struct fault_plan *plan, enum fault_step step, unsigned number, struct fault *f);
void fault_free(struct fault *f);
