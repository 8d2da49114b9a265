// SPDX-License-Identifier: MIT
// The command line of `emulator serve`.
#pragma once
#include "function.h"
#include "otlp_fault.h"

enum { FOLDERS_MAX = 32, VARIABLES_MAX = 64 };

struct serve_options {
	const char *bootstrap, *host, *command;
	char folder[128];  // of the bootstrap, its last part: the handler unless one is named
	uint16_t port, otlp_port;
	bool no_otlp;
	struct otlp_faults otlp_faults;
	const char *folders[FOLDERS_MAX];
	size_t n_folders;
	char *variables[VARIABLES_MAX + 1];
	size_t n_variables;
	struct function_config config;  // what of it the command line sets
};

bool serve_options_read(struct serve_options *o, int argc, char **argv);  // false: said why on stderr
