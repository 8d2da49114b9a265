// SPDX-License-Identifier: MIT
/* candidate.h: what is measured, read from a plain file of three lines each (README.md): name, build command, start command. The build is somebody
 * else's work. */
#pragma once

#include "buf.h"

#include <stdbool.h>
#include <stddef.h>

#define EXTENSIONS_MAX 4

struct command {
	char **env; /* "NAME=value", NULL-terminated like argv */
	char **argv;
};

struct candidate {
	char *name, *build, *start; /* as in the file */
	struct command bootstrap, extensions[EXTENSIONS_MAX];
	size_t extension_count;
	unsigned spans, init_spans; /* BENCH_SPANS, BENCH_INIT_SPANS */
};

struct replacement {
	const char *from, *to; /* "{otlp}", "127.0.0.1:4318"; to NULL: there is none here */
};

/* The n-th candidate of the text, false: there is none. What is wrong with it is in *why, else NULL. */
bool candidate_read(struct candidate *c, const char **text, const struct replacement *with, const char **why);

/* Makes paths of programs absolute, for they start in another folder. What is wrong, or NULL. */
const char *candidate_find(struct candidate *c, const char *top);

/* The environment of lambda.md A.1 with that of the command in it, NULL-terminated; free with candidate_env_free. */
char **candidate_env(const struct command *c, const char *runtime_api, unsigned memory_mb);
void candidate_env_free(char **env);
