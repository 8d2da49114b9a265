// SPDX-License-Identifier: MIT
#include "net/http.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_fields(const struct http_head *h, const char *p, size_t head)
{
	str rest = h->fields, name, value;

	if (rest.p < p || rest.p + rest.n > p + head)
		abort();
	while (http_field_next(&rest, &name, &value)) {
		if (!name.n || name.p < p || value.p + value.n > p + head)
			abort();
		for (size_t i = 0; i < value.n; i++)
			if (value.p[i] == '\n' || value.p[i] == '\r' || !value.p[i])
				abort();
	}
}

/* However the head arrives, it is the same head: at once, byte by byte, or cut where the input's first byte says. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data + 1;
	struct http_head h, again;
	size_t cut;
	int n, got = 0;

	if (size < 2)
		return 0;
	cut = data[0] % size--;
	n = http_head_parse(p, size, 0, &h);
	if (n > 0) {
		if ((size_t)n > size || h.status < 100 || h.status > 999 || (h.chunked && h.sized))
			abort();
		check_fields(&h, p, (size_t)n);
	}
	for (size_t k = 1; k <= size && !got; k++)
		got = http_head_parse(p, k, k - 1, &again);
	if (got != n || (n > 0 && again.status != h.status))
		abort();
	got = cut ? http_head_parse(p, cut, 0, &again) : 0;
	if (!got)
		got = http_head_parse(p, size, cut, &again);
	if (got != n)
		abort();
	return 0;
}
