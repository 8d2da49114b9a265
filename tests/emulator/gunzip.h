// SPDX-License-Identifier: MIT
// gzip (RFC 1952) of one member undone, its checksum and size checked.
#pragma once
#include "buf.h"

#include <stdbool.h>

bool gunzip(struct buf *to, const void *p, size_t n, const char **why); // why: set when false
