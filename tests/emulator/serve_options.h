// SPDX-License-Identifier: MIT
// The command line of `emulator serve`: what it has beyond options.h.
#pragma once
#include "options.h"

enum { FOLDERS_MAX = 32 };

struct serve_options {
	struct options common;
	const char *host, *command;
	unsigned port, otlp_port;
	const char *folders[FOLDERS_MAX];
	size_t n_folders;
};

bool serve_options_read(struct serve_options *o, int argc, char **argv); // false: said why on stderr
