// SPDX-License-Identifier: MIT
#pragma once

#include "source.h"

/*
 * gzip (RFC 1952) by libdeflate (deflate.c), out of static memory (region.h). Level 0 stores, 1 is the fastest, 9 the smallest; more than level 1 takes
 * 653 kB of memory where level 1 takes 199.
 *
 * Compresses parts, one behind another, and returns the bytes of out used. 0: together they are longer than REGION_GZIP_IN_BYTES, or the outcome does
 * not fit out, which should have GZIP_SPARE bytes more than it needs; then they go as they are. Parts that already lie one behind another in memory are
 * not copied.
 */
#define GZIP_SPARE 32
#define GZIP_WORTH_BYTES 1500 /* a request of fewer goes as it is: it is one packet anyway */

size_t gzip_make(const str *parts, int n, char *out, size_t cap, int level);

/* Where parts would be copied to: who has to write them anyway may write them here. REGION_GZIP_IN_BYTES. */
char *gzip_room(void);

/*
 * What is set, warned about where it is wrong: ask once. OTEL_EXPORTER_OTLP_COMPRESSION, or the signal's own, and MOTE_GZIP_LEVEL: 1 to 9, or 0 for
 * none. OTLP_STDOUT_SPAN_EXPORTER_COMPRESSION_LEVEL: 0 to 9.
 */
int gzip_otlp_level(enum signal signal);
int gzip_line_level(void);

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
