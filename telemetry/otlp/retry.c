// SPDX-License-Identifier: MIT
#include "otlp/retry.h"

#define SECOND 1000000000

int64_t retry_wait(struct retry *r, int64_t after_s, int64_t now, uint64_t random)
{
	int64_t wait;

	if (++r->tries >= RETRY_TRIES)
		return -1;
	wait = (int64_t)RETRY_FIRST_NS << (r->tries - 1);
	wait += (int64_t)(random % 401) * (wait / 1000) - wait / 5;
	if (after_s >= 0 && after_s * SECOND > wait)
		wait = after_s * SECOND;
	return now >= r->limit || wait >= r->limit - now ? -1 : wait;
}
