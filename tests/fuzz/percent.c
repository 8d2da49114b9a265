// SPDX-License-Identifier: MIT
#include "base/percent.h"
#include "fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

/*
 * Encoding and decoding is the identity; decoding never grows; what is strict decodes and encodes to an
 * equal meaning.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct buf text = { .p = malloc(3 * n + 1), .cap = 3 * n };
	char *bytes = malloc(3 * n + 1), *exact = malloc(n + (n == 0));
	bool strict = true;

	percent_encode(&text, (str){ (const char *)data, n });
	require(!text.full && percent_decode(buf_str(&text), false, bytes, &strict) == n);
	require(strict && memcmp(bytes, data, n) == 0);

	size_t form = percent_decode((str){ (const char *)data, n }, true, exact, NULL);
	size_t plain = percent_decode((str){ (const char *)data, n }, false, exact, &strict);

	require(form == plain && plain <= n && (plain == n || n >= 3));
	free(text.p);
	free(bytes);
	free(exact);
	return 0;
}
