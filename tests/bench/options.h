// SPDX-License-Identifier: MIT
/* options.h: what the command line of the bench's driver says. */
#pragma once

#include "report.h"

struct options {
	const char *candidates, *only, *copies, *event, *otlps, *ca, *top, *arch, *under;
	unsigned cores;
	uint16_t sink_port; /* 0: any */
};

void options_read(struct options *o, struct run *r, int argc,
                  char **argv); /* ends the program when they make no sense */
