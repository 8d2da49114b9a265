// SPDX-License-Identifier: MIT
// Base64, RFC 4648: the standard alphabet with padding.
#pragma once
#include <stdbool.h>

#include "buf.h"

void base64_encode(struct buf *to, const void *p, size_t n);
bool base64_decode(struct buf *to, const char *p, size_t n); // strict: false leaves to with what was decoded before
