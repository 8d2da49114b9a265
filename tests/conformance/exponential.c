// SPDX-License-Identifier: MIT

/*
 * exponential SCALE: doubles on standard input, 8 bytes each, little endian; on standard output the bucket
 * index of each at that scale, 4 bytes.
 */
#include "metric/exponential.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	int scale = argc > 1 ? atoi(argv[1]) : 0;
	uint64_t bits;

	while (fread(&bits, sizeof bits, 1, stdin) == 1) {
		int32_t index = exponential_index(bits, scale);

		fwrite(&index, sizeof index, 1, stdout);
	}
	return fflush(stdout) ? 1 : 0;
}
