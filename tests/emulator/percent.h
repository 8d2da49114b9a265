// SPDX-License-Identifier: MIT
// Percent-decoding as web servers do it: what is not an escape stands for itself.
#pragma once
#include <stdbool.h>

#include "buf.h"

void percent_decode(struct buf *to, const char *p, size_t n, bool plus_is_space);
