// SPDX-License-Identifier: MIT
#include "otlp/outcome.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a receiver may answer, as a whole reply: a verdict comes of it, and texts of one line within their bounds. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct outcome o;
	struct http_reply reply = { .body = { 0 } };
	struct asked asked;
	char *bytes;
	int head;

	if (size < 1)
		return 0;
	asked = (struct asked){ data[0] & 1, data[0] & 2, data[0] & 4, data[0] & 8 };
	bytes = malloc(size); /* its own, so that a byte too far is seen */
	memcpy(bytes, data + 1, size - 1);
	head = http_head_parse(bytes, size - 1, 0, &reply.head);
	if (head > 0) {
		reply.body = (str){ bytes + head, size - 1 - (size_t)head };
		outcome_read(&o, &reply, &asked, 1000000000);
		if (o.verdict > VERDICT_REFUSED || o.after_s < -1 || o.after_s > OUTCOME_AFTER_MAX_S ||
		    o.said.message.n > sizeof o.text || o.code.n > sizeof o.code_text)
			abort();
		if (o.status / 100 != 2 && o.said.message.n && memchr(o.said.message.p, '\n', o.said.message.n))
			abort();
	}
	free(bytes);
	return 0;
}
