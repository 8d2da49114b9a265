// SPDX-License-Identifier: MIT
#include "test.h"

#include "base/base64.h"
#include "export/gzip.h"

#include <stdlib.h>
#include <string.h>

TEST(crc32_has_its_check_value)
{
	CHECK(gzip_crc32(0, S("123456789")) == 0xcbf43926);
	CHECK(gzip_crc32(gzip_crc32(0, S("1234")), S("56789")) == 0xcbf43926);
	CHECK(gzip_crc32(0, (str){ 0 }) == 0);
}

static uint32_t little_endian(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Undoes it: false when text is no gzip member of stored blocks whose checks hold. */
static bool undo(str text, char *out, size_t *n)
{
	unsigned char *raw = malloc(text.n + 1), *p = raw + 10, *end;
	bool last = false, good;
	size_t raw_n, size;

	*n = 0;
	good = base64_decode(text, raw, text.n, &raw_n) && raw_n >= 18 && !memcmp(raw, "\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
	end = raw + raw_n - 8;
	while (good && !last) {
		good = end - p >= 5 && p[0] <= 1 && (p[1] ^ p[3]) == 255 && (p[2] ^ p[4]) == 255;
		last = p[0];
		size = (size_t)(p[1] | p[2] << 8);
		good = good && (size_t)(end - p) >= 5 + size;
		if (good)
			memcpy(out + *n, p + 5, size);
		*n += size;
		p += 5 + size;
	}
	good = good && p == end && gzip_crc32(0, (str){ out, *n }) == little_endian(p) && *n == little_endian(p + 4);
	free(raw);
	return good;
}

TEST(any_pieces_of_any_size_come_back)
{
	const size_t sizes[] = { 0, 1, 2, 3, 4, 100, 65534, 65535, 65536, 131070, 131071, 200000 };
	const size_t steps[] = { 1, 2, 3, 5, 64, 65535, 70000, 1000000 };
	char *data = malloc(200000), *text = malloc(400000), *back = malloc(400000);

	for (size_t i = 0; i < 200000; i++)
		data[i] = (char)(i * 2654435761u >> 13);
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
		for (size_t j = 0; j < sizeof steps / sizeof steps[0]; j++) {
			struct gzip_text g;
			size_t n = 0, size;

			if (sizes[i] / steps[j] > 100000)
				continue;
			gzip_text_start(&g, text, sizes[i]);
			for (size_t at = 0; at < sizes[i]; at += steps[j])
				gzip_text_feed(&g, (str){ data + at, sizes[i] - at < steps[j] ? sizes[i] - at : steps[j] });
			size = (size_t)(gzip_text_end(&g) - text);
			CHECK(size == gzip_text_size(sizes[i]));
			CHECK(undo((str){ text, size }, back, &n) && n == sizes[i] && !memcmp(back, data, n));
		}
	free(data);
	free(text);
	free(back);
}
