// SPDX-License-Identifier: MIT
#include "base/percent.h"

#include "test.h"

#include <string.h>

static bool decodes(str text, bool plus, str expected, bool clean)
{
	char out[128];
	bool strict = true;
	size_t n = percent_decode((str){ test_guarded(text.p, text.n), text.n }, plus, out, &strict);

	return str_eq((str){ out, n }, expected) && strict == clean;
}

static bool encodes(str text, str expected)
{
	char out[256];
	struct buf b = BUF(out);

	percent_encode(&b, text);
	return !b.full && str_eq(buf_str(&b), expected);
}

TEST(the_examples_of_rfc_3986_hold)
{
	CHECK(decodes(S("%20"), false, S(" "), true));                                /* 2.1 */
	CHECK(decodes(S("%7Efoo%7efoo"), false, S("~foo~foo"), true));                /* 2.3 */
	CHECK(decodes(S("%E3%82%A2"), false, S("\xe3\x82\xa2"), true));               /* 2.5: KATAKANA LETTER A */
	CHECK(encodes(S("\xe3\x82\xa2"), S("%E3%82%A2")) && encodes(S("A"), S("A"))); /* 2.5 */
	CHECK(encodes(S("100%"), S("100%25")));                                       /* 2.4 */
}

TEST(plus_is_a_space_only_in_forms)
{
	CHECK(decodes(S("a+b%2Bc"), true, S("a b+c"), true));
	CHECK(decodes(S("a+b%2Bc"), false, S("a+b+c"), true));
}

TEST(what_is_no_escape_stays_and_is_reported)
{
	CHECK(decodes(S("%"), false, S("%"), false));
	CHECK(decodes(S("%4"), false, S("%4"), false));
	CHECK(decodes(S("a%zzb"), false, S("a%zzb"), false));
	CHECK(decodes(S("%4g%41"), false, S("%4gA"), false));
	CHECK(decodes(S("%%41"), false, S("%A"), false));
	CHECK(decodes(S(""), false, S(""), true));
}

TEST(every_byte_survives_the_round_trip)
{
	for (int c = 0; c < 256; c++) {
		char byte = (char)c, text[3], back[3];
		struct buf b = BUF(text);

		percent_encode(&b, (str){ &byte, 1 });
		CHECK(!b.full && percent_decode(buf_str(&b), true, back, NULL) == 1 && back[0] == byte);
		CHECK((b.n == 1) ==
		      (c < 128 && c && strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~", c)));
	}
}

TEST(an_encoder_without_room_writes_whole_escapes_or_nothing)
{
	char out[8];

	for (size_t cap = 0; cap <= 6; cap++) {
		struct buf b = { .p = out, .cap = cap };

		percent_encode(&b, S("\x01\x02"));
		CHECK(b.full == (cap < 6) && b.n == (cap == 6 ? 6 : cap / 3 * 3));
	}
}

TEST(text_decodes_where_it_lies)
{
	char text[] = "caf%C3%A9";

	CHECK(percent_decode(S("caf%C3%A9"), false, text, NULL) == 5);
	memcpy(text, "caf%C3%A9", 9);
	CHECK(percent_decode((str){ text, 9 }, false, text, NULL) == 5 && !memcmp(text, "caf\xc3\xa9", 5));
}
