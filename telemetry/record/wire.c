// SPDX-License-Identifier: MIT
#include "record/wire.h"

#include "base/utf8.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

struct wire_text wire_text_checked(const char *p, size_t n)
{
	struct wire_text t = { { p, n }, 0, false };

	for (size_t i = 0; i < n;) {
		int step = utf8_step(p + i, n - i);

		if (step < 0) {
			t.mend = true;
			t.size += 3;
			i += (size_t)-step;
		} else {
			t.size += (size_t)step;
			i += (size_t)step;
		}
	}
	return t;
}

char *wire_put_mended(char *p, str text)
{
	for (size_t i = 0; i < text.n;) {
		int step = utf8_step(text.p + i, text.n - i);

		if (step < 0) {
			memcpy(p, REPLACEMENT, 3);
			p += 3;
			i += (size_t)-step;
		} else {
			memcpy(p, text.p + i, (size_t)step);
			p += step;
			i += (size_t)step;
		}
	}
	return p;
}
