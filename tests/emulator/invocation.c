// SPDX-License-Identifier: MIT
#include "invocation.h"

#include <stdlib.h>

const char *invocation_outcome_name(enum invocation_outcome o)
{
	static const char *const names[] = {
		[INVOCATION_PENDING] = "pending",     [INVOCATION_ANSWERED] = "answered",
		[INVOCATION_FAILED] = "failed",       [INVOCATION_TOO_LARGE] = "too-large",
		[INVOCATION_REFUSED] = "refused",     [INVOCATION_TIMED_OUT] = "timed-out",
		[INVOCATION_CRASHED] = "crashed",     [INVOCATION_INIT_FAILED] = "init-failed",
		[INVOCATION_CANCELLED] = "cancelled",
	};

	return names[o];
}

void log_add(struct log_line **list, size_t *count, enum sandbox_stream stream, const char *text, size_t n)
{
	*list = must_grow(*list, *count + 1, sizeof **list);
	(*list)[(*count)++] = (struct log_line){ .ns = clock_ns(), .stream = stream, .text = must_copy(text, n), .n = n };
}

void log_free(struct log_line **list, size_t *count)
{
	for (size_t i = 0; i < *count; i++)
		free((*list)[i].text);
	free(*list);
	*list = NULL;
	*count = 0;
}

void invocation_free(struct invocation *inv)
{
	buf_free(&inv->response);
	free(inv->response_type);
	free(inv->error_type);
	free(inv->error_cause);
	log_free(&inv->logs, &inv->log_count);
}
