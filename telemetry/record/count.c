// SPDX-License-Identifier: MIT
#include "record/count.h"

str drop_text(enum drop reason)
{
	switch (reason) {
	case DROP_OPEN:     return S("too many open spans");
	case DROP_SIZE:     return S("too large");
	case DROP_SPOOL:    return S("no room for finished spans");
	case DROP_ADDRESS:  return S("unusable endpoint");
	case DROP_CONNECT:  return S("no connection");
	case DROP_TIMEOUT:  return S("time-out");
	case DROP_CLOSED:   return S("connection closed before the reply");
	case DROP_REPLY:    return S("a reply that is no answer");
	case DROP_STATUS:   return S("refused");
	case DROP_REJECTED: return S("rejected");
	case DROP_WRITE:    return S("cannot be written");
	case DROP_REASONS:  break;
	}
	return S("unknown");
}

uint64_t count_dropped(const struct count *c)
{
	uint64_t sum = 0;

	for (int i = 0; i < DROP_REASONS; i++)
		sum += c->dropped[i];
	return sum;
}
