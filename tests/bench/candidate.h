// SPDX-License-Identifier: MIT
/* candidate.h: what is measured. The first row is the floor, to which everything else is a ratio. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define CANDIDATE_ENV_MAX 4

struct candidate {
	const char *name;
	const char *path;                       /* of the bootstrap, from the folder of the build (--build) */
	const char *handler;                    /* _HANDLER */
	const char *env[CANDIDATE_ENV_MAX + 1]; /* besides what Lambda sets; %s stands for the OTLP sink's address */
};

extern const struct candidate candidates[];
extern const size_t candidate_count;

/* The environment of lambda.md A.1 for this candidate, NULL-terminated; free with candidate_env_free. */
char **candidate_env(const struct candidate *c, const char *runtime_api, const char *sink);
void candidate_env_free(char **env);
