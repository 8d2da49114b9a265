// SPDX-License-Identifier: MIT
#include "record/count.h"

uint64_t count_dropped(const struct count *c)
{
	uint64_t sum = 0;

	for (int i = 0; i < DROP_REASONS; i++)
		sum += c->dropped[i];
	return sum;
}
