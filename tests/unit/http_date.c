// SPDX-License-Identifier: MIT
#include "base/date.h"

#include "test.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define NOW 1764000000 /* 24 November 2025, 16:00 */
#define UNTOUCHED (-7)

static int64_t http(const char *text)
{
	int64_t at = UNTOUCHED;
	size_t n = strlen(text);
	bool good = date_read_http((str){ test_guarded(text, n), n }, NOW, &at);

	CHECK(good == (at != UNTOUCHED));
	return at;
}

TEST(the_three_forms_of_rfc_9110_are_one_time)
{
	CHECK(http("Sun, 06 Nov 1994 08:49:37 GMT") == 784111777);
	CHECK(http("Sunday, 06-Nov-94 08:49:37 GMT") == 784111777);
	CHECK(http("Sun Nov  6 08:49:37 1994") == 784111777);
	CHECK(http("Thu, 01 Jan 1970 00:00:00 GMT") == 0);
	CHECK(http("Fri, 31 Dec 9999 23:59:59 GMT") == 253402300799);
	CHECK(http("Wed Dec 31 23:59:60 2025") == 1767225600);
}

TEST(a_year_of_two_digits_is_at_most_50_years_ahead)
{
	CHECK(http("Thursday, 01-Jan-70 00:00:00 GMT") == 3155760000); /* 2070 */
	CHECK(http("Sunday, 01-Nov-75 00:00:00 GMT") == 3339792000);
	CHECK(http("Thursday, 01-Jan-76 00:00:00 GMT") == 189302400); /* 1976 */
	CHECK(http("Friday, 31-Dec-99 23:59:59 GMT") == 946684799);
}

TEST(what_is_no_date_is_refused)
{
	static const char *const t[] = {
		"",
		"0",
		"never",
		"Sun, 06 Nov 1994 08:49:37",
		"Sun, 06 Nov 1994 08:49:37 GMT ",
		" Sun, 06 Nov 1994 08:49:37 GMT",
		"Sun, 06 Nov 1994 08:49:37 UTC",
		"Sun, 06 Nov 1994 08:49:37 +0000",
		"sun, 06 nov 1994 08:49:37 gmt",
		"Sun, 6 Nov 1994 08:49:37 GMT",
		"Sun, 06 Nov 94 08:49:37 GMT",
		"Sun, 06 Nov 1969 08:49:37 GMT",
		"Sun, 06 Nov 0000 08:49:37 GMT",
		"Sun, 00 Nov 1994 08:49:37 GMT",
		"Sun, 31 Nov 1994 08:49:37 GMT",
		"Wed, 29 Feb 2023 08:49:37 GMT",
		"Mon, 29 Feb 2100 08:49:37 GMT",
		"Sun, 06 Nov 1994 24:00:00 GMT",
		"Sun, 06 Nov 1994 08:60:37 GMT",
		"Sun, 06 Nov 1994 08:49:61 GMT",
		"Sun, -6 Nov 1994 08:49:37 GMT",
		"Sun, 06 Nov +994 08:49:37 GMT",
		"Sund, 06-Nov-94 08:49:37 GMT",
		"Sunday, 06-Nov-1994 08:49:37 GMT",
		"Sunday,06-Nov-94 08:49:37 GMT",
		"Sun Nov 6 08:49:37 1994",
		"Sun Nov  0 08:49:37 1994",
		"Sun Nov 06 08:49:37 94",
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		CHECK(http(t[i]) == UNTOUCHED);
		if (http(t[i]) != UNTOUCHED)
			test_failed(__FILE__, __LINE__, t[i]);
	}
	CHECK(http("Thu, 29 Feb 2024 08:49:37 GMT") == 1709196577 && http("Tue, 29 Feb 2000 00:00:00 GMT") == 951782400);
}

TEST(every_beginning_of_a_date_is_refused_without_looking_behind_it)
{
	static const char *const t[] = { "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
		                             "Sun Nov  6 08:49:37 1994" };
	static const char iso[] = "2026-11-21T09:30:00.123+01:30", amz[] = "20261121T093000Z";
	int64_t at;

	for (size_t i = 0; i < COUNT(t); i++)
		for (size_t n = 0; n < strlen(t[i]); n++)
			CHECK(!date_read_http((str){ test_guarded(t[i], n), n }, NOW, &at));
	for (size_t n = 0; n < sizeof iso - 1; n++)
		CHECK(!date_read_rfc3339((str){ test_guarded(iso, n), n }, &at));
	for (size_t n = 0; n < sizeof amz - 1; n++)
		CHECK(!date_read_amz((str){ test_guarded(amz, n), n }, &at));
}

TEST(every_day_of_130_years_is_what_libc_says)
{
	for (int64_t day = 0; day < 130 * 365; day++) {
		time_t at = (time_t)(day * 86400 + day * 7919 % 86400);
		struct tm tm;
		char text[64];
		int64_t back;

		gmtime_r(&at, &tm);
		strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &tm);
		CHECK(date_read_http(str_of(text), NOW, &back) && back == at);
		strftime(text, sizeof text, "%a %b %e %H:%M:%S %Y", &tm);
		CHECK(date_read_http(str_of(text), NOW, &back) && back == at);
		strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
		CHECK(date_read_rfc3339(str_of(text), &back) && back == at);
		strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &tm);
		CHECK(date_read_amz(str_of(text), &back) && back == at);

		char written[DATE_AMZ_BYTES];
		struct buf b = BUF(written);

		date_put_amz(&b, at);
		CHECK(str_eq(buf_str(&b), str_of(text)));
	}
}

TEST(rfc_3339_is_read_with_any_fraction_and_offset)
{
	static const struct {
		const char *text;
		int64_t at;
	} t[] = {
		{ "2025-11-24T16:00:00Z", NOW },
		{ "2025-11-24t16:00:00z", NOW },
		{ "2025-11-24T16:00:00.1Z", NOW },
		{ "2025-11-24T16:00:00.999999999999Z", NOW },
		{ "2025-11-24T17:30:00+01:30", NOW },
		{ "2025-11-24T08:00:00.5-08:00", NOW },
		{ "2025-11-25T15:59:00+23:59", NOW },
		{ "2025-11-24T16:00:00", UNTOUCHED },
		{ "2025-11-24T16:00:00.Z", UNTOUCHED },
		{ "2025-11-24 16:00:00Z", UNTOUCHED },
		{ "2025-11-24T16:00Z", UNTOUCHED },
		{ "2025-11-24T16:00:00+0130", UNTOUCHED },
		{ "2025-11-24T16:00:00+24:00", UNTOUCHED },
		{ "2025-11-24T16:00:00+01:60", UNTOUCHED },
		{ "2025-11-24T16:00:00ZZ", UNTOUCHED },
		{ "2025-13-24T16:00:00Z", UNTOUCHED },
		{ "1764000000", UNTOUCHED },
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		int64_t at = UNTOUCHED;
		size_t n = strlen(t[i].text);
		bool good = date_read_rfc3339((str){ test_guarded(t[i].text, n), n }, &at);

		CHECK(at == t[i].at && good == (at != UNTOUCHED));
		if (at != t[i].at)
			test_failed(__FILE__, __LINE__, t[i].text);
	}
}

TEST(a_date_for_a_signature_is_written_whole_or_not_at_all)
{
	for (size_t cap = 0; cap <= DATE_AMZ_BYTES; cap++) {
		char room[DATE_AMZ_BYTES] = { 0 };
		struct buf b = { .p = test_guarded(room, cap), .cap = cap };

		date_put_amz(&b, NOW);
		CHECK(b.full == (cap < DATE_AMZ_BYTES) && b.n == (b.full ? 0 : DATE_AMZ_BYTES));
	}
	char room[DATE_AMZ_BYTES];
	struct buf b = BUF(room);

	date_put_amz(&b, -1);
	CHECK(str_eq(buf_str(&b), S("19700101T000000Z")));
	b.n = 0;
	date_put_amz(&b, INT64_MAX);
	CHECK(str_eq(buf_str(&b), S("22620411T234716Z")));
}
