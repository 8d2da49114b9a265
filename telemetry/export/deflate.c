// SPDX-License-Identifier: MIT
#include "export/deflate.h"

#include <assert.h>

/*
 * libdeflate's compressor and CRC-32: its sources as they are, in one unit with their callers, so that the compiler sees what is never asked for and
 * leaves it out: levels 10 to 12, which want 9 MB of memory, and the tables of a CRC-32 by the processor's plain instructions. What libdeflate has
 * made again for each level, by forceinline, is made once; only the loop of level 1 is compiled for speed. So it is 12 kB, in place of 43 at -O2, and
 * as fast at level 1: 13 us for 8 kB of spans, 96 for 81 kB.
 */
#include <lib/lib_common.h>
#include <libdeflate.h>

#undef LIBDEFLATEEXPORT
#define LIBDEFLATEEXPORT static MAYBE_UNUSED
#define libdeflate_alloc_compressor alloc_compressor
#define libdeflate_free_compressor free_compressor
#define libdeflate_deflate_compress deflate_compress
#define libdeflate_deflate_compress_bound deflate_compress_bound

#if __has_attribute(optimize)
struct deflate_output_bitstream;
__attribute__((optimize("O2"))) static void deflate_compress_fastest(struct libdeflate_compressor *restrict c,
                                                                     const u8 *in, size_t in_nbytes,
                                                                     struct deflate_output_bitstream *os);
#endif

#undef forceinline
#define forceinline inline
#include <lib/deflate_compress.c>
#undef forceinline
#define forceinline inline __attribute__((always_inline))

/* ---- memory: the caller's, for one compressor ---- */

#define SIZE_WITH(member) \
	(offsetof(struct libdeflate_compressor, p) + sizeof(((struct libdeflate_compressor *)0)->p.member))

static_assert(SIZE_WITH(f) == DEFLATE_MEMORY_1 && SIZE_WITH(g) == DEFLATE_MEMORY, "the header says what is needed");
static_assert(DEFLATE_ALIGNMENT % MATCHFINDER_MEM_ALIGNMENT == 0, "and how it has to lie");

static struct deflate_memory *memory;

void *libdeflate_aligned_malloc(size_t alignment, size_t n)
{
	return (uintptr_t)memory->p % alignment == 0 && n <= memory->n ? memory->p : NULL;
}

void libdeflate_aligned_free(void *p)
{
	(void)p;
}

size_t deflate(struct deflate_memory *m, int level, const void *in, size_t n, void *out, size_t cap)
{
	if (level < 0 || level > 9)
		return 0;
	if (!m->ready || level != m->level) {
		memory = m;
		m->ready = alloc_compressor(level);
		m->level = level;
	}
	return m->ready ? deflate_compress(m->ready, in, n, out, cap) : 0;
}

/* ---- CRC-32 ---- */

/* What the processor's own way leaves over at either end; where it has none, all: four bits a step. */
static u32 crc32_slice1(u32 crc, const u8 *p, size_t n)
{
	static const u32 table[16] = {
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
		0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};

	while (n--) {
		crc ^= *p++;
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	return crc;
}

typedef u32 (*crc32_func_t)(u32 crc, const u8 *p, size_t n);
#include <lib/crc32_multipliers.h>

/* Of libdeflate's ways the one that every processor of Lambda has, not the two or three that are faster on some. */
#if defined(__x86_64__)
#include <lib/x86/cpu_features.c>
#define SUFFIX _pclmul
#define ATTRIBUTES __attribute__((target("pclmul")))
#define FOLD_PARTIAL_VECS 0
#include <lib/x86/crc32_pclmul_template.h>

static crc32_func_t crc32_way(void)
{
	return HAVE_PCLMUL(get_x86_cpu_features()) ? crc32_x86_pclmul : crc32_slice1;
}
#elif defined(__aarch64__)
#include <lib/arm/cpu_features.c>
#undef HAVE_PMULL_INTRIN
#define HAVE_PMULL_INTRIN 0
#include <lib/arm/crc32_impl.h>

static crc32_func_t crc32_way(void)
{
	return HAVE_CRC32(get_arm_cpu_features()) ? crc32_arm_crc : crc32_slice1;
}
#endif

uint32_t deflate_crc32(const void *p, size_t n)
{
	return ~crc32_way()(~0U, p, n);
}
