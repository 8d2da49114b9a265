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

#define MEMORY_SIZE "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"

/* One pass over the environment block: every getenv() would be one more. */
void conf_read(struct conf *c)
{
	*c = (struct conf){ 0 };
	for (char **e = environ; e && *e; e++) {
		str name, value;
		uint64_t mb;

		if ((*e)[0] != 'A' && (*e)[0] != '_' && (*e)[0] != 'L')
			continue;
		str_cut(str_of(*e), '=', &name, &value);
		for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
			if (str_eq(name, variables[i].name))
				memcpy((char *)c + variables[i].offset, &value, sizeof value);
		if (str_eq(name, S(MEMORY_SIZE)) && str_u64(value, 1 << 20, &mb))
			c->memory_mb = (int64_t)mb;
	}
}

/*
 * setenv() would bring musl's allocator into every binary, so the variable has a slot of its own: environ is replaced once by a copy with room for one
 * more pointer, and afterwards only the text behind that pointer changes.
 */
#define TRACE_NAME "_X_AMZN_TRACE_ID="
#define ENVIRON_MAX 1024 /* variables; Lambda allows 4 KB of them */
#define TRACE_MAX 1024   /* Root, Parent, Sampled and Lineage take under 200 bytes */

/* False: more variables than the copy can hold, and losing one of them is worse than not setting this one. */
static bool copy_environment(char **copy, char ***slot)
{
	size_t n = 0;

	for (char **e = environ; e && *e; e++) {
		if (!strncmp(*e, TRACE_NAME, sizeof TRACE_NAME - 1))
			continue;
		if (n == ENVIRON_MAX)
			return false;
		copy[n++] = *e;
	}
	*slot = &copy[n];
	environ = copy;
	return true;
}

static bool inherited(void)
{
	for (char **e = environ; e && *e; e++)
		if (!strncmp(*e, TRACE_NAME, sizeof TRACE_NAME - 1))
			return true;
	return false;
}

void conf_trace_header(str value)
{
	static char text[sizeof TRACE_NAME + TRACE_MAX] LATE, *copy[ENVIRON_MAX + 2] LATE;
	static char **slot;

	/* A parent's variable is none of this invocation's: without a header it goes, too. */
	if (!slot && ((!value.n && !inherited()) || !copy_environment(copy, &slot)))
		return;
	*slot = NULL;
	if (!value.n || value.n > TRACE_MAX || memchr(value.p, 0, value.n))
		return;
	memcpy(text, TRACE_NAME, sizeof TRACE_NAME - 1);
	memcpy(text + sizeof TRACE_NAME - 1, value.p, value.n);
	text[sizeof TRACE_NAME - 1 + value.n] = 0;
	*slot = text;
}
