// SPDX-License-Identifier: MIT
#include "aws/skew.h"

#include "test.h"

#define SECOND 1000000000ll
#define NOW (1764000000 * SECOND)
#define DATE S("Mon, 24 Nov 2025 16:00:00 GMT") /* NOW */

TEST(the_skew_is_against_the_middle_of_the_round_trip)
{
	struct skew s = { 0 };

	CHECK(skew_learn(&s, DATE, false, NOW - SECOND, NOW + SECOND) && s.ns == 0);
	CHECK(skew_learn(&s, DATE, false, NOW - 601 * SECOND, NOW - 599 * SECOND) && s.ns == 600 * SECOND);
	CHECK(skew_learn(&s, DATE, false, NOW + 3600 * SECOND, NOW + 3600 * SECOND) && s.ns == -3600 * SECOND);
	CHECK(skew_learn(&s, DATE, false, NOW, NOW) && s.ns == 0); /* a clock set right heals it */
}

TEST(an_answer_that_says_nothing_about_now_is_not_learned_from)
{
	struct skew s = { .ns = 5 };

	CHECK(!skew_learn(&s, DATE, true, NOW, NOW));
	CHECK(!skew_learn(&s, S(""), false, NOW, NOW));
	CHECK(!skew_learn(&s, S("Mon, 24 Nov"), false, NOW, NOW));
	CHECK(!skew_learn(&s, DATE, false, NOW, NOW - 1)); /* the clock was set in between */
	CHECK(!skew_learn(&s, DATE, false, NOW, NOW + SKEW_ROUND_TRIP_MAX_S * SECOND + 1));
	CHECK(!skew_learn(&s, DATE, false, -1, NOW));
	CHECK(!skew_learn(&s, S("Fri, 31 Dec 9999 23:59:59 GMT"), false, NOW, NOW)); /* beyond 64 bits of nanoseconds */
	CHECK(s.ns == 5);
	CHECK(skew_learn(&s, DATE, false, NOW - SKEW_ROUND_TRIP_MAX_S * SECOND, NOW) && s.ns == 450 * SECOND);
}

TEST(a_refusal_is_the_clocks_fault_when_it_says_so_or_when_the_skew_is_large)
{
	const int64_t edge = SKEW_TOLERANCE_S * SECOND;
	struct skew s = { .ns = 0 };

	CHECK(skew_refused(&s, S("RequestTimeTooSkewed"), 0) && skew_refused(&s, S("RequestExpired"), 0) &&
	      skew_refused(&s, S("RequestInTheFuture"), 0));
	CHECK(!skew_refused(&s, S("SignatureDoesNotMatch"), 0));
	CHECK(!skew_refused(&s, S("SignatureDoesNotMatch"), edge) && !skew_refused(&s, S("SignatureDoesNotMatch"), -edge));
	CHECK(skew_refused(&s, S("SignatureDoesNotMatch"), edge + 1) && skew_refused(&s, S("AuthFailure"), -edge - 1));
	s.ns = 3600 * SECOND;
	CHECK(skew_refused(&s, S("InvalidSignatureException"), 0) &&
	      !skew_refused(&s, S("InvalidSignatureException"), 3600 * SECOND));
	CHECK(!skew_refused(&s, S("ExpiredTokenException"), 0) && !skew_refused(&s, S(""), 0));
	CHECK(skew_refused(&(struct skew){ .ns = INT64_MAX }, S("AuthFailure"), INT64_MIN));
}
