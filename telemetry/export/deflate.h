// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * What a compressor lives in: DEFLATE_MEMORY_1 bytes for levels 0 and 1, DEFLATE_MEMORY for all, aligned to DEFLATE_ALIGNMENT, where p points to; the rest
 * is zero at first. It keeps nothing between two calls, so each may have another level.
 */
#define DEFLATE_ALIGNMENT 64
#define DEFLATE_MEMORY_1 202720
#define DEFLATE_MEMORY 668256

struct deflate_memory {
	void *p;
	size_t n;
	struct libdeflate_compressor *ready;
	int level; /* of what is ready */
};

/* Compresses in one go (RFC 1951). level: 0 to 9. 0: the memory is too small, or out is, by up to 8 bytes sooner than it need be. */
size_t deflate(struct deflate_memory *m, int level, const void *in, size_t n, void *out, size_t cap);

uint32_t deflate_crc32(const void *p, size_t n); /* gzip's (RFC 1952 8) */
