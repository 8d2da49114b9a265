// SPDX-License-Identifier: MIT
// gzip (RFC 1952) with stored blocks only: what mote writes while it links no compressor. A compressed block is told apart
// from a broken one, because the first is somebody's honest data that this reader cannot show.
#pragma once
#include "buf.h"

enum gunzip { GUNZIP_OK, GUNZIP_COMPRESSED, GUNZIP_BROKEN };

enum gunzip gunzip_stored(struct buf *to, const void *p, size_t n, const char **why); // why: set unless GUNZIP_OK
