// SPDX-License-Identifier: MIT
#include "otlp/reply.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a receiver may answer: any bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *room = malloc(16);
	struct export_reply reply = { .message = { .p = room, .cap = 16 } };

	if (export_reply_read((str){ (const char *)data, size }, &reply) &&
	    (reply.rejected > INT64_MAX || reply.message.n > 16))
		abort();
	if (export_reply_read_json((str){ (const char *)data, size }, &reply) &&
	    (reply.rejected > INT64_MAX || reply.message.n > 16))
		abort();
	free(room);
	return 0;
}
