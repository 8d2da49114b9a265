// SPDX-License-Identifier: MIT
#include "net/retry_after.h"

#include "test.h"

#include <string.h>

#define NOW 1764000000 /* 24 November 2025, 16:00 */
#define UNTOUCHED (-7)

TEST(retry_after_is_seconds_or_a_date_and_never_more_than_the_limit)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} t[] = {
		{ "0", 0 },
		{ "7", 7 },
		{ "007", 7 },
		{ "100", 100 },
		{ "101", 100 },
		{ "99999999999999999999999999", 100 },
		{ "Mon, 24 Nov 2025 16:00:30 GMT", 30 },
		{ "Monday, 24-Nov-25 16:00:31 GMT", 31 },
		{ "Mon Nov 24 16:00:32 2025", 32 },
		{ "Mon, 24 Nov 2025 16:00:00 GMT", 0 },
		{ "Mon, 24 Nov 2025 15:00:00 GMT", 0 },
		{ "Mon, 24 Nov 2025 16:02:00 GMT", 100 },
		{ "Fri, 31 Dec 9999 23:59:59 GMT", 100 },
		{ "", UNTOUCHED },
		{ "-1", UNTOUCHED },
		{ "+1", UNTOUCHED },
		{ "1.5", UNTOUCHED },
		{ "1 ", UNTOUCHED },
		{ "1s", UNTOUCHED },
		{ "soon", UNTOUCHED },
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		int64_t seconds = UNTOUCHED;
		size_t n = strlen(t[i].text);
		bool good = retry_after_read((str){ test_guarded(t[i].text, n), n }, NOW, 100, &seconds);

		CHECK(seconds == t[i].seconds && good == (seconds != UNTOUCHED));
	}
}

TEST(no_beginning_of_a_retry_after_is_read_beyond_its_end)
{
	static const char date[] = "Mon, 24 Nov 2025 16:00:30 GMT", digits[] = "86400";

	for (size_t n = 0; n < sizeof date; n++) {
		int64_t seconds = UNTOUCHED;

		CHECK(retry_after_read((str){ test_guarded(date, n), n }, NOW, 100, &seconds) == (n == sizeof date - 1));
	}
	for (size_t n = 1; n < sizeof digits; n++) {
		int64_t seconds = UNTOUCHED, wanted[] = { 0, 8, 86, 864, 8640, 86400 };

		CHECK(retry_after_read((str){ test_guarded(digits, n), n }, NOW, 86400, &seconds) && seconds == wanted[n]);
	}
}

static int64_t in_reply(const char *text)
{
	struct http_head head;
	int64_t seconds = UNTOUCHED;
	size_t n = strlen(text);

	CHECK((size_t)http_head_parse(text, n, 0, &head) == n);
	return retry_after(&head, NOW, 600, &seconds) ? seconds : UNTOUCHED;
}

TEST(retry_after_is_found_among_a_replys_fields)
{
	CHECK(in_reply("HTTP/1.1 503 x\r\nServer: y\r\nretry-after: 5\r\nA: b\r\n\r\n") == 5);
	CHECK(in_reply("HTTP/1.1 429 x\r\nRetry-After:   Mon, 24 Nov 2025 16:01:00 GMT \r\n\r\n") == 60);
	CHECK(in_reply("HTTP/1.1 429 x\r\nRetry-After: soon\r\nRetry-After: 9\r\n\r\n") == 9);
	CHECK(in_reply("HTTP/1.1 429 x\r\nRetry-After:\r\n\r\n") == UNTOUCHED);
	CHECK(in_reply("HTTP/1.1 429 x\r\nX-Retry-After: 5\r\n\r\n") == UNTOUCHED);
	CHECK(in_reply("HTTP/1.1 429 x\r\n\r\n") == UNTOUCHED);
}
