// SPDX-License-Identifier: MIT
#include "candidate.h"

#include "buf.h"

#include <stdlib.h>
#include <string.h>

/*
 * floor-again is the floor a second time: what differs there is the machine's noise, and the order, and nothing else.
 * Log lines of the functions themselves are off everywhere: the floor writes none.
 */
const struct candidate candidates[] = {
	{ "floor", "floor/bootstrap", "floor", { NULL } },
	{ "floor-again", "floor/bootstrap", "floor", { NULL } },
	{ "hello-otlp", "hello/bootstrap", "hello", { "OTEL_EXPORTER_OTLP_ENDPOINT=http://%s" } },
	{ "hello-stdout", "hello/bootstrap", "hello", { "OTEL_TRACES_EXPORTER=otlpstdout" } },
	{ "hello-disabled", "hello/bootstrap", "hello", { "OTEL_SDK_DISABLED=true" } },
	{ "hello-minimal", "hello-minimal/bootstrap", "hello", { NULL } },
	{ "echo", "echo/bootstrap", "echo", { "OTEL_TRACES_EXPORTER=otlpstdout" } },
};
const size_t candidate_count = sizeof candidates / sizeof *candidates;

/* As many and as long as on Lambda: every process pays for copying and searching them. */
static const char *const platform[] = {
	"AWS_LAMBDA_FUNCTION_NAME=bench",
	"AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
	"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=128",
	"AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/bench",
	"AWS_LAMBDA_LOG_STREAM_NAME=2026/11/21/[$LATEST]0123456789abcdef0123456789abcdef",
	"AWS_LAMBDA_LOG_FORMAT=Text",
	"AWS_LAMBDA_LOG_LEVEL=WARN",
	"AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
	"AWS_REGION=eu-central-1",
	"AWS_DEFAULT_REGION=eu-central-1",
	"AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE",
	"AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
	"AWS_XRAY_DAEMON_ADDRESS=169.254.79.129:2000",
	"_AWS_XRAY_DAEMON_ADDRESS=169.254.79.129",
	"_AWS_XRAY_DAEMON_PORT=2000",
	"AWS_XRAY_CONTEXT_MISSING=LOG_ERROR",
	"LAMBDA_TASK_ROOT=/var/task",
	"LAMBDA_RUNTIME_DIR=/var/runtime",
	"LANG=en_US.UTF-8",
	"TZ=:UTC",
	"PATH=/usr/local/bin:/usr/bin/:/bin:/opt/bin",
	"LD_LIBRARY_PATH=/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib",
};

#define PLATFORM_COUNT (sizeof platform / sizeof *platform)
#define SESSION_TOKEN_BYTES 800 /* a real one */

char **candidate_env(const struct candidate *c, const char *runtime_api, const char *sink)
{
	char **env = must_alloc(PLATFORM_COUNT + CANDIDATE_ENV_MAX + 4, sizeof *env), token[SESSION_TOKEN_BYTES + 1];
	size_t n = 0;

	memset(token, 'x', SESSION_TOKEN_BYTES);
	token[SESSION_TOKEN_BYTES] = 0;
	env[n++] = must_print("AWS_LAMBDA_RUNTIME_API=%s", runtime_api);
	env[n++] = must_print("_HANDLER=%s", c->handler);
	env[n++] = must_print("AWS_SESSION_TOKEN=%s", token);
	for (size_t i = 0; i < PLATFORM_COUNT; i++)
		env[n++] = must_copy(platform[i], strlen(platform[i]));
	for (const char *const *e = c->env; *e; e++) {
		const char *at = strstr(*e, "%s");

		env[n++] = at ? must_print("%.*s%s%s", (int)(at - *e), *e, sink, at + 2) : must_copy(*e, strlen(*e));
	}
	return env;
}

void candidate_env_free(char **env)
{
	for (char **e = env; *e; e++)
		free(*e);
	free(env);
}
