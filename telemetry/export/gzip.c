// SPDX-License-Identifier: MIT
#include "export/gzip.h"

#include "base/base64.h"

#define HEADER_SIZE 10
#define BLOCK_SIZE 5 /* the head of a stored block */
#define TRAILER_SIZE 8

/* Four bits a step with the reflected polynomial: a table of 64 bytes, for a few kilobytes after the answer. */
uint32_t gzip_crc32(uint32_t crc, str bytes)
{
	static const uint32_t table[16] = {
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
		0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};

	crc = ~crc;
	for (size_t i = 0; i < bytes.n; i++) {
		crc ^= (unsigned char)bytes.p[i];
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	return ~crc;
}

size_t gzip_text_size(size_t n)
{
	size_t blocks = n / GZIP_BLOCK_MAX + (n % GZIP_BLOCK_MAX != 0 || n == 0);

	return base64_size(HEADER_SIZE + blocks * BLOCK_SIZE + n + TRAILER_SIZE);
}

/* Whole groups of three go out at once; what is over waits for the next piece. */
static void put(struct gzip_text *g, const unsigned char *p, size_t n)
{
	size_t whole;

	while (g->held_n && n && g->held_n < 3) {
		g->held[g->held_n++] = *p++;
		n--;
	}
	if (g->held_n == 3) {
		base64_encode(g->p, g->held, 3);
		g->p += 4;
		g->held_n = 0;
	}
	whole = g->held_n ? 0 : n / 3 * 3;
	base64_encode(g->p, p, whole);
	g->p += whole / 3 * 4;
	for (size_t i = whole; i < n; i++)
		g->held[g->held_n++] = p[i];
}

static void open_block(struct gzip_text *g)
{
	size_t n = g->left < GZIP_BLOCK_MAX ? g->left : GZIP_BLOCK_MAX;
	unsigned char head[BLOCK_SIZE] = {
		g->left == n, /* BFINAL; BTYPE 00 */
		(unsigned char)n, (unsigned char)(n >> 8), (unsigned char)~n, (unsigned char)(~n >> 8),
	};

	put(g, head, sizeof head);
	g->in_block = n;
}

void gzip_text_start(struct gzip_text *g, char *out, size_t n)
{
	/* Deflate, no flags, no time, no hints, OS unknown. */
	static const unsigned char header[HEADER_SIZE] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255 };

	*g = (struct gzip_text){ .p = out, .left = n, .size = (uint32_t)n };
	put(g, header, sizeof header);
	open_block(g);
}

void gzip_text_feed(struct gzip_text *g, str piece)
{
	g->crc = gzip_crc32(g->crc, piece);
	while (piece.n) {
		size_t n;

		if (!g->in_block)
			open_block(g);
		n = piece.n < g->in_block ? piece.n : g->in_block;
		put(g, (const unsigned char *)piece.p, n);
		g->in_block -= n;
		g->left -= n;
		piece = (str){ piece.p + n, piece.n - n };
	}
}

char *gzip_text_end(struct gzip_text *g)
{
	unsigned char trailer[TRAILER_SIZE];

	for (int i = 0; i < 4; i++) {
		trailer[i] = (unsigned char)(g->crc >> 8 * i);
		trailer[4 + i] = (unsigned char)(g->size >> 8 * i);
	}
	put(g, trailer, sizeof trailer);
	base64_encode(g->p, g->held, g->held_n);
	return g->p + base64_size(g->held_n);
}
