// SPDX-License-Identifier: MIT
#include "base/utf8.h"

#include "test.h"

#include <string.h>

static int step(str s)
{
	return utf8_step(test_guarded(s.p, s.n), s.n);
}

TEST(every_scalar_value_is_written_and_read_back)
{
	unsigned wrong = 0;

	for (uint32_t c = 0; c <= 0x10ffff; c++) {
		char bytes[4];
		size_t n = utf8_put(bytes, c);
		bool surrogate = c >= 0xd800 && c <= 0xdfff;

		wrong += surrogate ? n != 3 || memcmp(bytes, "\xef\xbf\xbd", 3) : utf8_step(bytes, n) != (int)n;
	}
	CHECK(wrong == 0);

	char bytes[4];
	CHECK(utf8_put(bytes, 0x110000) == 3 && !memcmp(bytes, "\xef\xbf\xbd", 3));
	CHECK(utf8_put(bytes, UINT32_MAX) == 3);
}

/* A second opinion that decodes and compares numbers, where utf8_step() goes by ranges of bytes. */
static int reference(const unsigned char *p, size_t n)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	int want = p[0] < 0x80 ? 1 : (p[0] & 0xe0) == 0xc0 ? 2 : (p[0] & 0xf0) == 0xe0 ? 3 : (p[0] & 0xf8) == 0xf0 ? 4 : 0;
	uint32_t c = want == 1 ? p[0] : want ? p[0] & (0x7fu >> want) : 0;

	if (!want || (size_t)want > n)
		return -1;
	for (int i = 1; i < want; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return -1;
		c = c << 6 | (p[i] & 0x3f);
	}
	return c < least[want] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ? -1 : want;
}

TEST(all_sequences_of_three_bytes_and_a_sample_of_four_agree_with_the_definition)
{
	unsigned wrong = 0;

	for (uint32_t v = 0; v < 1u << 24; v++) {
		unsigned char three[3] = { (unsigned char)(v >> 16), (unsigned char)(v >> 8), (unsigned char)v };
		int got = utf8_step((char *)three, 3), want = reference(three, 3);

		wrong += want > 0 ? got != want : got >= 0 || got < -3;
		if (three[0] >= 0xf0) {
			unsigned char four[4] = { three[0], three[1], three[2], (unsigned char)(v * 2654435761u >> 24) };

			got = utf8_step((char *)four, 4);
			want = reference(four, 4);
			wrong += want > 0 ? got != want : got >= 0 || got < -3;
		}
	}
	CHECK(wrong == 0);
}

TEST(an_ill_formed_sequence_counts_its_maximal_subpart)
{
	/* The example of the Unicode Standard, table 3-11, and its neighbours. */
	CHECK(step(S("\xf0\x80\x80\x41")) == -1);
	CHECK(step(S("\xe1\x80\x41")) == -2);
	CHECK(step(S("\xf1\x80\x80\x41")) == -3);
	CHECK(step(S("\xed\xa0\x80")) == -1);
	CHECK(step(S("\xc0\xaf")) == -1);
	CHECK(step(S("\xf4\x90\x80\x80")) == -1);
	CHECK(step(S("\x80")) == -1 && step(S("\xff")) == -1);
}

TEST(a_character_may_be_cut_at_any_byte)
{
	CHECK(step(S("\xc3")) == -1);
	CHECK(step(S("\xe2\x98")) == -2);
	CHECK(step(S("\xf0\x9f\x92")) == -3);
	CHECK(step(S("\xf0\x9f\x92\xa9")) == 4);
}

TEST(validity_sees_every_position)
{
	char text[40];

	for (size_t n = 0; n <= sizeof text; n++) {
		memset(text, 'a', sizeof text);
		CHECK(utf8_valid((str){ test_guarded(text, n), n }));
		for (size_t at = 0; at < n; at++) {
			memset(text, 'a', sizeof text);
			text[at] = (char)0xc3;
			CHECK(!utf8_valid((str){ test_guarded(text, n), n }));
			if (at + 1 < n) {
				text[at + 1] = (char)0xa9;
				CHECK(utf8_valid((str){ test_guarded(text, n), n }));
			}
		}
	}
	CHECK(utf8_valid((str){ 0 }));
}
