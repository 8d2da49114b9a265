// SPDX-License-Identifier: MIT
#include "net/retry_after.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW 1764000000

/* As a value, and as the fields of a reply. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_head head = { .fields = { (const char *)data, size } };
	int64_t seconds = -1;

	if (retry_after_read(head.fields, NOW, 600, &seconds) ? seconds < 0 || seconds > 600 : seconds != -1)
		abort();
	seconds = -1;
	if (retry_after(&head, NOW, 600, &seconds) ? seconds < 0 || seconds > 600 : seconds != -1)
		abort();
	return 0;
}
