// SPDX-License-Identifier: MIT
/* ids.h: the random names that the platform hands out. */
#pragma once

#include <stddef.h>

void id_hex(char *out, size_t digits); /* and a NUL */
void id_uuid(char out[static 37]);     /* version 4 */
void id_trace(char out[static 80]);    /* Root=1-...;Parent=...;Sampled=1 */
