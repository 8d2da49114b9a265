// SPDX-License-Identifier: MIT
#pragma once

#include "source.h"

/*
 * gzip (RFC 1952) by libdeflate (deflate.c), out of static memory (region.h). Level 0 stores, 1 is the fastest, 9 the smallest; more than level 1 takes
 * 653 kB of memory where level 1 takes 199.
 *
 * Compresses parts, one behind another, and returns the bytes of out used. 0: together they are longer than REGION_GZIP_IN_BYTES, or the outcome does
 * not fit out; then they go as they are. Parts that already lie one behind another in memory are
 * not copied.
 */
#define GZIP_BYTES(n) ((n) + (n) / 1000 + 64) /* enough for n bytes, whatever they are */
#define GZIP_WORTH_BYTES 1500                 /* a request of fewer goes as it is: it is one packet anyway */

size_t gzip_make(const str *parts, int n, char *out, size_t cap, int level);

/* Where parts would be copied to: who has to write them anyway may write them here. REGION_GZIP_IN_BYTES. */
char *gzip_room(void);

/*
 * What is set, warned about where it is wrong: ask once. OTEL_EXPORTER_OTLP_COMPRESSION, or the signal's own, and MOTE_GZIP_LEVEL: 1 to 9, or 0 for
 * none. OTLP_STDOUT_SPAN_EXPORTER_COMPRESSION_LEVEL: 0 to 9.
 */
int gzip_otlp_level(enum signal signal);
int gzip_line_level(void);
