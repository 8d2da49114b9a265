// SPDX-License-Identifier: MIT
#include "conf.h"

#include "base/late.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

static const struct {
	str name;
	size_t offset;
} variables[] = {
#define VARIABLE(name, field) { { name, sizeof(name) - 1 }, offsetof(struct conf, field) }
	VARIABLE("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", memory),
	VARIABLE("AWS_LAMBDA_FUNCTION_NAME", function_name),
	VARIABLE("AWS_LAMBDA_FUNCTION_VERSION", function_version),
	VARIABLE("AWS_LAMBDA_INITIALIZATION_TYPE", initialization_type),
	VARIABLE("AWS_LAMBDA_LOG_FORMAT", log_format),
	VARIABLE("AWS_LAMBDA_LOG_GROUP_NAME", log_group),
	VARIABLE("AWS_LAMBDA_LOG_LEVEL", log_level),
	VARIABLE("AWS_LAMBDA_LOG_STREAM_NAME", log_stream),
	VARIABLE("AWS_LAMBDA_RUNTIME_API", runtime_api),
	VARIABLE("LAMBDA_TASK_ROOT", task_root),
	VARIABLE("_HANDLER", handler),
#undef VARIABLE
};

/* One pass over the environment block: every getenv() would be one more. Lengths are compared first: few names have the same. */
void conf_read(struct conf *c)
{
	uint64_t mb;

	*c = (struct conf){ 0 };
	for (char **e = environ; e && *e; e++) {
		const char *p = *e;
		size_t n = 0;

		if (*p != 'A' && *p != '_' && *p != 'L')
			continue;
		while (p[n] && p[n] != '=')
			n++;
		for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
			if (n == variables[i].name.n && p[n] && !memcmp(p, variables[i].name.p, n)) {
				str value = str_of(p + n + 1);

				memcpy((char *)c + variables[i].offset, &value, sizeof value);
			}
		}
	}
	if (str_u64(c->memory, 1 << 20, &mb))
		c->memory_mb = (int64_t)mb;
}

/*
 * setenv() would bring musl's allocator into every binary, so environ is replaced by a copy with room for one more pointer, to a text of our own. A
 * handler may have changed the environment in the meantime, or moved it where setenv() likes it: so the copy is made again for each event, in
 * place when it is still ours, without whatever trace variable there was.
 */
#define TRACE_NAME "_X_AMZN_TRACE_ID="
#define ENVIRON_MAX 1024 /* variables; Lambda allows 4 KB of them */
#define TRACE_MAX 1024   /* Root, Parent, Sampled and Lineage take under 200 bytes */

static bool is_trace(const char *variable)
{
	return !strncmp(variable, TRACE_NAME, sizeof TRACE_NAME - 1);
}

static bool inherited(void)
{
	for (char **e = environ; e && *e; e++)
		if (is_trace(*e))
			return true;
	return false;
}

/* How many there are now; more than ENVIRON_MAX: they are not all there, and losing one of them is worse than not setting this one. */
static size_t copy_environment(char **copy)
{
	size_t n = 0;

	for (char **e = environ; e && *e && n <= ENVIRON_MAX; e++)
		if (!is_trace(*e))
			copy[n++] = *e;
	return n;
}

void conf_trace_header(str value)
{
	static char text[sizeof TRACE_NAME + TRACE_MAX] LATE, *copy[ENVIRON_MAX + 2] LATE;
	static size_t slot; /* of ours in the copy */
	bool usable = value.n && value.n <= TRACE_MAX && !memchr(value.p, 0, value.n);
	/* Nobody has touched the environment since: only the text changes. */
	bool ours = environ == copy && copy[slot] == text && !copy[slot + 1];
	size_t n;

	/* A parent's variable is none of this invocation's: without a header it goes, too. */
	if (!usable && !inherited())
		return;
	n = ours ? slot : copy_environment(copy);
	if (n > ENVIRON_MAX)
		return;
	if (usable) {
		memcpy(text, TRACE_NAME, sizeof TRACE_NAME - 1);
		memcpy(text + sizeof TRACE_NAME - 1, value.p, value.n);
		text[sizeof TRACE_NAME - 1 + value.n] = 0;
		copy[slot = n++] = text;
	}
	copy[n] = NULL;
	environ = copy;
}
