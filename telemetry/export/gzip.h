// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"

/*
 * A gzip member (RFC 1952) of stored blocks (RFC 1951, 3.2.4), as base64 (RFC 4648): what the stdout line carries. Streaming: pieces in, text
 * out, no buffer between. The total is known before.
 */
#define GZIP_BLOCK_MAX 65535 /* LEN of a stored block has 16 bits */

struct gzip_text {
	char *p;         /* the text ends here */
	size_t left;     /* bytes still to come */
	size_t in_block; /* of which in the open block */
	uint32_t crc, size;
	unsigned held_n; /* 0 to 2 bytes that do not make a group of three yet */
	unsigned char held[3];
};

size_t gzip_text_size(size_t n); /* of the text for n bytes, n < SIZE_MAX / 2 */

void gzip_text_start(struct gzip_text *g, char *out, size_t n);
void gzip_text_feed(struct gzip_text *g, str piece);
char *gzip_text_end(struct gzip_text *g); /* after exactly n bytes; returns the text's end */

uint32_t gzip_crc32(uint32_t crc, str bytes); /* starts with 0 */
