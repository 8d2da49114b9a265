// SPDX-License-Identifier: MIT
#include "aws/skew.h"

#include "base/date.h"

#define SECOND 1000000000

bool skew_learn(struct skew *skew, str date, bool aged, int64_t sent, int64_t received)
{
	int64_t at, middle;

	if (aged || sent < 0 || received < sent || received - sent > (int64_t)SKEW_ROUND_TRIP_MAX_S * SECOND)
		return false;
	middle = sent + (received - sent) / 2;
	if (!date_read_http(date, middle / SECOND, &at) || at > INT64_MAX / SECOND)
		return false;
	skew->ns = at * SECOND - middle;
	return true;
}

static bool one_of(str code, const str *codes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(code, codes[i]))
			return true;
	return false;
}

bool skew_refused(const struct skew *skew, str code, int64_t used)
{
	static const str always[] = { { "RequestTimeTooSkewed", 20 },
		                          { "RequestExpired", 14 },
		                          { "RequestInTheFuture", 18 } };
	static const str maybe[] = { { "InvalidSignatureException", 25 },
		                         { "SignatureDoesNotMatch", 21 },
		                         { "AuthFailure", 11 } };
	const int64_t tolerance = (int64_t)SKEW_TOLERANCE_S * SECOND;

	if (one_of(code, always, sizeof always / sizeof *always))
		return true;
	if (!one_of(code, maybe, sizeof maybe / sizeof *maybe))
		return false;
	return used<skew->ns ? (uint64_t)skew->ns - (uint64_t)used > (uint64_t)tolerance
	                     : (uint64_t)used - (uint64_t)skew->ns>(uint64_t) tolerance;
}
