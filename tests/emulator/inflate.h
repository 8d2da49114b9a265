// SPDX-License-Identifier: MIT
// Deflate (RFC 1951) undone. False: it is damaged, cut off, or longer than cap.
#pragma once
#include <stdbool.h>
#include <stddef.h>

bool inflate(const void *in, size_t n, void *out, size_t cap, size_t *used, size_t *made);
