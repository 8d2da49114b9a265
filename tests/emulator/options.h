// SPDX-License-Identifier: MIT
/* options.h: the command line of whoever starts a function: what `run` and `serve` have in common. */
#pragma once

#include "function.h"
#include "otlp_fault.h"

#include <stdio.h>

struct options {
	struct function_config config; /* env, args and faults point into the rest */
	struct fault_plan faults;
	struct otlp_faults otlp_faults;
	bool xray;    /* an X-Ray daemon, and AWS_XRAY_DAEMON_ADDRESS */
	bool no_otlp; /* leave OTEL_EXPORTER_OTLP_ENDPOINT alone */
	char **env;
	size_t env_count;
};

enum option_result { OPTION_OTHER, OPTION_TAKEN, OPTION_BAD };

/* Looks at argv[*i], takes its value too where it has one, and leaves *i at the last word taken. Of OPTION_BAD the reader was
 * told. `--` and what follows become the bootstrap's arguments. */
enum option_result options_take(struct options *o, int argc, char **argv, int *i);
/* The value of an option of the caller's own; NULL after a message when it is missing. */
const char *option_value(int argc, char **argv, int *i);
bool option_number(const char *name, const char *value, unsigned max, unsigned *out);
void options_help(FILE *to);
void options_free(struct options *o);
