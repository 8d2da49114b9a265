// SPDX-License-Identifier: MIT
/* fault.h: how the emulator misbehaves, by script. A plan is rules in the order given; each says at which step, for which
 * occurrences, and what. `emulator help faults` prints the language. */
#pragma once

#include "loop.h"

#include <stdio.h>

enum fault_step {
	FAULT_CONNECT,                                  /* a connection was accepted */
	FAULT_NEXT, FAULT_RESPONSE, FAULT_ERROR, FAULT_INIT_ERROR,
	FAULT_REGISTER, FAULT_EVENT_NEXT,
	FAULT_IDLE,                                     /* the answer was acknowledged, the next /next not yet asked */
	FAULT_STEPS,
};

struct fault_rule;

struct fault_plan {
	struct fault_rule *rules;
	size_t n;
};

/* One rule, as in --fault; false: `why` says what is wrong with it. */
bool fault_parse(struct fault_plan *plan, const char *text, char why[static 160]);
bool fault_parse_file(struct fault_plan *plan, const char *path, char why[static 160]);
void fault_plan_free(struct fault_plan *plan);
void fault_help(FILE *to);
