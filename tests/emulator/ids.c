// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "ids.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

void id_hex(char *out, size_t digits)
{
	unsigned char bytes[32];

	if (digits > 2 * sizeof bytes || getrandom(bytes, sizeof bytes, 0) != sizeof bytes) {
		perror("emulator: getrandom");
		exit(1);
	}
	for (size_t i = 0; i < digits; i++)
		out[i] = "0123456789abcdef"[i % 2 ? bytes[i / 2] & 15 : bytes[i / 2] >> 4];
	out[digits] = 0;
}

void id_uuid(char out[static 37])
{
	char hex[33];

	id_hex(hex, 32);
	hex[12] = '4';
	hex[16] = "89ab"[hex[16] & 3];
	snprintf(out, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

void id_trace(char out[static 80])
{
	char unique[25], parent[17];

	id_hex(unique, 24);
	id_hex(parent, 16);
	snprintf(out, 80, "Root=1-%08lx-%s;Parent=%s;Sampled=1", (unsigned long)time(NULL) & 0xfffffffful, unique, parent);
}
