// SPDX-License-Identifier: MIT
#include "inflate.h"

#include <stdlib.h>

// libdeflate's reader as it is, with another name for what a compressor beside it would have too.
#define libdeflate_x86_cpu_features inflate_x86_cpu_features
#define libdeflate_init_x86_cpu_features inflate_init_x86_cpu_features
#define libdeflate_arm_cpu_features inflate_arm_cpu_features
#define libdeflate_init_arm_cpu_features inflate_init_arm_cpu_features
#include <lib/deflate_decompress.c>
#if defined(__x86_64__)
#include <lib/x86/cpu_features.c>
#elif defined(__aarch64__)
#include <lib/arm/cpu_features.c>
#endif

void *libdeflate_malloc(size_t size)
{
	return malloc(size);
}

void libdeflate_free(void *p)
{
	free(p);
}

bool inflate(const void *in, size_t n, void *out, size_t cap, size_t *used, size_t *made)
{
	struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
	enum libdeflate_result result = d ? libdeflate_deflate_decompress_ex(d, in, n, out, cap, used, made)
	                                  : LIBDEFLATE_BAD_DATA;

	if (d)
		libdeflate_free_decompressor(d);
	return result == LIBDEFLATE_SUCCESS;
}
