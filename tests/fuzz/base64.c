// SPDX-License-Identifier: MIT
#include "base/base64.h"
#include "fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

/* Whatever decodes is the one encoding of what it decodes to; whatever is encoded decodes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	size_t text_n = base64_size(n), got;
	char *text = malloc(text_n + 1), *bytes = malloc(n + 1), *back = malloc(base64_size(n) + 4);

	base64_encode(text, data, n);
	require(base64_decode((str){ text, text_n }, bytes, n, &got) && got == n && memcmp(bytes, data, n) == 0);
	require(n == 0 || !base64_decode((str){ text, text_n }, bytes, n - 1, &got));

	if (base64_decode((str){ (const char *)data, n }, bytes, n, &got)) {
		require(base64_size(got) == n);
		base64_encode(back, bytes, got);
		require(memcmp(back, data, n) == 0);
	}
	free(text);
	free(bytes);
	free(back);
	return 0;
}
