// SPDX-License-Identifier: MIT
#include "base/date.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW 1764000000
#define YEAR_10000 253402300800

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str text = { (const char *)data, size };
	int64_t at;
	bool http = date_read_http(text, NOW, &at);

	if (http && (at < 0 || at > YEAR_10000 || size > sizeof "Wednesday, 06-Nov-94 08:49:37 GMT" - 1))
		abort();
	if (date_read_rfc3339(text, &at) && (at < -86400 || at > YEAR_10000 + 86400))
		abort();
	if (date_read_amz(text, &at)) {
		char again[DATE_AMZ_BYTES];
		struct buf b = BUF(again);

		date_put_amz(&b, at);
		/* Neither a leap second nor a year that nanoseconds do not reach comes back as it was. */
		if (at < 9223372036 && text.p[13] != '6' && !str_eq(buf_str(&b), text))
			abort();
	}
	return 0;
}
