// SPDX-License-Identifier: MIT
/*
 * gzip LEVEL [PART_BYTES]: standard input as one gzip member on standard output, given in parts of so many bytes that do not lie together (as one by
 * default). Status 1: it is not compressed, nothing was written.
 */
#include "export/gzip.h"
#include "region.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char in[2 * REGION_GZIP_IN_BYTES], apart[2 * sizeof in], out[GZIP_BYTES(REGION_GZIP_IN_BYTES)];
static str parts[sizeof in / 100 + 1];

int main(int argc, char **argv)
{
	size_t n = fread(in, 1, sizeof in, stdin), step = argc > 2 ? (size_t)atol(argv[2]) : n, count = 0, made;

	if (argc < 2 || (argc > 2 && step < 100))
		return 2;
	for (size_t at = 0; at < n; at += step) {
		size_t size = n - at < step ? n - at : step;
		char *p = argc > 2 ? apart + 2 * at : in + at;

		memcpy(p, in + at, size);
		parts[count++] = (str){ p, size };
	}
	made = gzip_make(parts, (int)count, out, sizeof out, atoi(argv[1]));
	return made && fwrite(out, 1, made, stdout) == made && !fflush(stdout) ? 0 : 1;
}
