// SPDX-License-Identifier: MIT
#include "net/http.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct outcome {
	enum http_body_result result;
	size_t taken, made;
	char *data;
};

/* Decodes onto itself in pieces of step bytes, as the reply reader does; framing in front of data is taken alone when that is asked for. */
static void feed(const struct http_head *head, const uint8_t *wire, size_t n, size_t step, bool framing,
                 struct outcome *o)
{
	struct http_body b;
	char *in = memcpy(malloc(n + 1), wire, n);

	http_body_start(&b, head);
	*o = (struct outcome){ .result = BODY_MORE, .data = in };
	while (o->result == BODY_MORE && o->taken < n) {
		size_t took = n - o->taken < step ? n - o->taken : step, given, made;

		if (framing && !o->made) {
			size_t skipped = http_body_framing(&b, in + o->taken, took);
			o->taken += skipped;
			took -= skipped;
		}
		given = took;
		o->result = http_body_feed(&b, in + o->made, in + o->taken, &took, &made);
		if (took > given || made > took || (took < given && o->result == BODY_MORE))
			abort();
		o->taken += took;
		o->made += made;
	}
}

/* The first byte is the framing and how the body is cut. However it is, it is the same body. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_head head = { .status = 200 };
	struct outcome whole, cut;

	if (!size)
		return 0;
	if (data[0] & 1)
		head.chunked = true;
	else
		head.sized = true, head.length = data[0] * 4;
	feed(&head, data + 1, size - 1, size, false, &whole);
	feed(&head, data + 1, size - 1, (size_t)(data[0] >> 2) + 1, data[0] & 2, &cut);
	/* A piece that is bad is bad as a whole: only the way there may differ. */
	if (whole.result != cut.result || (whole.result != BODY_BAD && whole.taken != cut.taken) ||
	    whole.made != cut.made || memcmp(whole.data, cut.data, whole.made) != 0)
		abort();
	free(whole.data);
	free(cut.data);
	return 0;
}
