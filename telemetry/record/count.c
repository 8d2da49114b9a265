// SPDX-License-Identifier: MIT
#include "record/count.h"

uint64_t count_dropped(const struct count *c)
{
	uint64_t sum = 0;

	for (int i = 0; i < DROP_REASONS; i++)
		sum += c->dropped[i];
	return sum;
}

const char *count_reason(enum drop reason)
{
	static const char *const names[DROP_REASONS] = {
		[DROP_OPEN] = "open",       [DROP_SIZE] = "size",       [DROP_SPOOL] = "spool",
		[DROP_KEPT] = "kept",       [DROP_TAIL] = "tail",       [DROP_ADDRESS] = "address",
		[DROP_CONNECT] = "connect", [DROP_TIMEOUT] = "timeout", [DROP_CLOSED] = "closed",
		[DROP_REPLY] = "reply",     [DROP_STATUS] = "status",   [DROP_REJECTED] = "rejected",
		[DROP_WRITE] = "write",     [DROP_TLS] = "tls",         [DROP_KEYS] = "keys",
		[DROP_FORMAT] = "format",   [DROP_NOWHERE] = "nowhere",
	};

	return names[reason] ? names[reason] : "other";
}
