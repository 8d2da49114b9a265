// SPDX-License-Identifier: MIT
#include "base/base64.h"

#include "test.h"

#include <string.h>

static bool encodes(str bytes, str text)
{
	char out[64] = { 0 };

	if (base64_size(bytes.n) != text.n)
		return false;
	char *room = test_guarded(out, text.n);
	base64_encode(room, bytes.p, bytes.n);
	return memcmp(room, text.p, text.n) == 0;
}

static bool decodes(str text, str bytes)
{
	char out[64];
	size_t n;

	return base64_decode(text, out, bytes.n, &n) && n == bytes.n && memcmp(out, bytes.p, n) == 0;
}

static bool refuses(str text)
{
	char out[64];
	size_t n;

	return !base64_decode((str){ test_guarded(text.p, text.n), text.n }, out, sizeof out, &n);
}

TEST(the_vectors_of_rfc_4648_section_10_hold_both_ways)
{
	static const char *const text[] = { "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy" };

	for (size_t n = 0; n <= 6; n++) {
		CHECK(encodes((str){ "foobar", n }, str_of(text[n])));
		CHECK(decodes(str_of(text[n]), (str){ "foobar", n }));
	}
	CHECK(encodes(S("\x14\xfb\x9c\x03\xd9\x7e"), S("FPucA9l+"))); /* section 9 of RFC 3548 */
	CHECK(encodes(S("\xff\xff\xff\xfb\xef\xbe"), S("////++++")));
}

TEST(every_byte_value_survives_at_every_length)
{
	unsigned char bytes[257], back[257];
	char text[344];
	size_t n;

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)(i * 7 + 3);
	for (size_t size = 0; size <= sizeof bytes; size++) {
		base64_encode(text, bytes, size);
		CHECK(base64_decode((str){ text, base64_size(size) }, back, size, &n));
		CHECK(n == size && memcmp(bytes, back, n) == 0);
	}
}

TEST(pieces_of_three_bytes_join_to_the_whole)
{
	char whole[16], pieces[16];

	base64_encode(whole, "Hello world", 11);
	base64_encode(pieces, "Hello ", 6);
	base64_encode(pieces + 8, "world", 5);
	CHECK(memcmp(whole, pieces, 16) == 0);
}

TEST(what_is_not_canonical_base64_is_refused)
{
	CHECK(refuses(S("Z")) && refuses(S("Zg")) && refuses(S("Zg=")) && refuses(S("Zm9vY")));
	CHECK(refuses(S("=")) && refuses(S("====")) && refuses(S("Z===")) && refuses(S("=Zm9")));
	CHECK(refuses(S("Zg==Zg==")) && refuses(S("Zm=v")) && refuses(S("Z=g=")));
	CHECK(refuses(S("Zh==")) && refuses(S("Zm9="))); /* pad bits that are not zero */
	CHECK(refuses(S("Zm9v\n")) && refuses(S("Zm9\n")) && refuses(S("Zm 9")) && refuses(S("Zm9\0")));
	CHECK(refuses(S("-_-_")) && refuses(S("Zm9\x80")));
}

TEST(each_foreign_byte_is_refused_at_each_place)
{
	for (int c = 0; c < 256; c++) {
		bool known = strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", c) && c;

		for (size_t at = 0; at < 8; at++) {
			char text[] = "AAAAAAAA";

			text[at] = (char)c;
			if (c == '=' && at == 7)
				continue;
			CHECK(refuses((str){ text, 8 }) == !known);
		}
	}
}

TEST(room_one_byte_short_is_refused)
{
	char out[8];
	size_t n;

	CHECK(base64_decode(S("Zm9vYmFy"), out, 6, &n) && !base64_decode(S("Zm9vYmFy"), out, 5, &n));
	CHECK(base64_decode(S("Zm9vYg=="), out, 4, &n) && !base64_decode(S("Zm9vYg=="), out, 3, &n));
	CHECK(base64_decode(S(""), NULL, 0, &n) && n == 0);
}

TEST(text_decodes_where_it_lies)
{
	char text[] = "aGVsbG8gd29ybGQ=";
	size_t n;

	CHECK(base64_decode((str){ text, 16 }, text, sizeof text, &n));
	CHECK(n == 11 && memcmp(text, "hello world", 11) == 0);
}
