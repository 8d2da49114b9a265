// SPDX-License-Identifier: MIT
#include "event.h"

#include <stddef.h>
#include <string.h>

#define DEADLINE "Lambda-Runtime-Deadline-Ms"

/* A deadline beyond this many milliseconds (the year 2255) is absurd, and no sum with it wraps, in nanoseconds either. */
#define DEADLINE_MAX 9000000000000

static const struct {
	str name;
	size_t offset;
} fields[] = {
#define FIELD(name, member) { { name, sizeof(name) - 1 }, offsetof(struct invocation, member) }
	FIELD("Content-Type", call.content_type),
	FIELD("Lambda-Runtime-Aws-Request-Id", call.request_id),
	FIELD("Lambda-Runtime-Aws-Tenant-Id", call.tenant_id),
	FIELD("Lambda-Runtime-Client-Context", call.client_context),
	FIELD("Lambda-Runtime-Cognito-Identity", call.cognito_identity),
	FIELD("Lambda-Runtime-Invocation-Id", invocation_id),
	FIELD("Lambda-Runtime-Invoked-Function-Arn", call.invoked_function_arn),
	FIELD("Lambda-Runtime-Trace-Id", call.trace_header),
#undef FIELD
};

void event_read(struct invocation *inv, const struct http_reply *reply)
{
	str rest = reply->head.fields, name, value;
	uint64_t deadline = 0;

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		memset((char *)inv + fields[i].offset, 0, sizeof(str));
	while (http_field_next(&rest, &name, &value)) {
		for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
			if (name.n == fields[i].name.n && str_ieq(name, fields[i].name))
				memcpy((char *)inv + fields[i].offset, &value, sizeof value);
		if (name.n == sizeof DEADLINE - 1 && str_ieq(name, S(DEADLINE)))
			str_u64(value, DEADLINE_MAX, &deadline);
	}
	inv->call.deadline_ms = (int64_t)deadline;
	inv->call.event = reply->body;
}

void event_sandbox(struct lambda_call *call, const struct conf *conf)
{
	call->function_name = conf->function_name;
	call->function_version = conf->function_version;
	call->log_group = conf->log_group;
	call->log_stream = conf->log_stream;
	call->initialization_type = conf->initialization_type;
	call->memory_mb = conf->memory_mb;
}
