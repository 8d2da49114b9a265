// SPDX-License-Identifier: MIT
#include "base/buf.h"

#include "test.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void put_text(struct buf *b)
{
	buf_put(b, S("hello"));
}

static void put_nothing(struct buf *b)
{
	buf_put(b, (str){ 0 });
}

static void put_char(struct buf *b)
{
	buf_putc(b, 'c');
}

static void put_unsigned(struct buf *b)
{
	buf_u64(b, UINT64_MAX);
}

static void put_negative(struct buf *b)
{
	buf_i64(b, INT64_MIN);
}

static void put_hex(struct buf *b)
{
	buf_hex(b, "\x00\x0f\xf0\xff\x9a", 5);
}

static const struct {
	void (*put)(struct buf *b);
	const char *text;
} appends[] = {
	{ put_text, "hello" },
	{ put_nothing, "" },
	{ put_char, "c" },
	{ put_unsigned, "18446744073709551615" },
	{ put_negative, "-9223372036854775808" },
	{ put_hex, "000ff0ff9a" },
};

TEST(every_append_is_whole_or_absent_at_every_capacity)
{
	char *end = (char *)test_guarded((char[64]){ 0 }, 64) + 64;

	for (size_t k = 0; k < sizeof appends / sizeof *appends; k++) {
		size_t n = strlen(appends[k].text);

		for (size_t cap = 0; cap <= 40; cap++) {
			struct buf b = { .p = memset(end - cap, '.', cap), .cap = cap };

			appends[k].put(&b);
			CHECK(b.full == (n > cap));
			CHECK(b.n == (n > cap ? 0 : n));
			CHECK(n > cap || str_eq(buf_str(&b), (str){ appends[k].text, n }));
			for (size_t i = b.n; i < cap; i++)
				CHECK(b.p[i] == '.');
		}
	}
}

TEST(nothing_is_appended_after_the_first_that_did_not_fit)
{
	for (size_t k = 0; k < sizeof appends / sizeof *appends; k++) {
		char room[64];
		struct buf b = { .p = room, .n = 1, .cap = 64, .full = true };

		room[0] = 'x';
		appends[k].put(&b);
		CHECK(b.full && b.n == 1);
	}
	char room[8];
	struct buf b = BUF(room);

	CHECK(b.cap == 8);
	buf_put(&b, S("1234567"));
	buf_put(&b, S("89"));
	buf_putc(&b, '8'); /* would fit, and would make a text that nobody wrote */
	CHECK(b.full && str_eq(buf_str(&b), S("1234567")));
}

TEST(a_length_that_would_wrap_does_not_fit)
{
	char room[8];
	struct buf b = { .p = room, .n = 4, .cap = 8 };

	buf_put(&b, (str){ room, SIZE_MAX - 2 });
	CHECK(b.full && b.n == 4);
	b.full = false;
	buf_hex(&b, room, SIZE_MAX / 2 + 2); /* twice this is 2 */
	CHECK(b.full && b.n == 4);
}

TEST(numbers_are_written_as_printf_does)
{
	static const int64_t v[] = {
		0, 1, 9, 10, 99, 100, -1, -9, -10, INT64_MAX, INT64_MIN, INT64_MIN + 1, 1234567890123
	};
	char room[32], expected[32];

	for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
		struct buf b = BUF(room);

		buf_i64(&b, v[i]);
		snprintf(expected, sizeof expected, "%" PRId64, v[i]);
		CHECK(str_eq(buf_str(&b), str_of(expected)));
		b.n = 0;
		buf_u64(&b, (uint64_t)v[i]);
		snprintf(expected, sizeof expected, "%" PRIu64, (uint64_t)v[i]);
		CHECK(str_eq(buf_str(&b), str_of(expected)));
	}
}
