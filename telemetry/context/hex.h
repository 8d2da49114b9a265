// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"

/* 2 n hex digits into n bytes; upper case only where it is allowed. False when any is none, or when all bytes are zero. */
bool hex_id(const char *text, int n, bool upper, unsigned char *out);
int hex_digit(char c, bool upper); /* -1: none */
